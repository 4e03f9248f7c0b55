import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCleanup, type Cleanup } from './cleanup.ts';
import { createScreen, type Screen } from './screen.ts';

/** One run of the demo: what every part of it needs. */
export interface Run {
  /** The checkout. */
  readonly root: string;
  /** `.demo`: manifests and logs, which stay. */
  readonly folder: string;
  /** `.demo/run`: credentials and caches, which go at the end. */
  readonly privateFolder: string;
  readonly screen: Screen;
  readonly cleanup: Cleanup;
  /** Aborted when a person interrupts, or when a program that should run has died. */
  readonly signal: AbortSignal;
  readonly abort: (reason: Error) => void;
}

/** A person or the system stopped the demo, or its output has no reader any more. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(signal: keyof typeof SIGNALS) {
    super(`stopped by ${signal}`);
    this.name = 'Interrupted';
    this.exitCode = 128 + SIGNALS[signal];
  }
}

/** Within this time, a signal that was sent to us and our children has arrived here. */
export const INTERRUPTION_MS = 250;
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGPIPE: 13, SIGTERM: 15 } as const;

/** Makes the folders anew and listens to Ctrl-C. Throws when another demo runs in this checkout. */
export function beginRun(): Run {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const folder = join(root, '.demo');
  const privateFolder = join(folder, 'run');
  refuseSecond(join(privateFolder, 'pid'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(privateFolder, { recursive: true, mode: 0o700 });
  writeFileSync(join(privateFolder, 'pid'), String(process.pid));

  const screen = createScreen((line) => console.log(line), performance.now.bind(performance));
  const cleanup = createCleanup((line) => screen.say(line));
  cleanup.later('remove credentials', () => rmSync(privateFolder, { recursive: true, force: true }));
  const ending = new AbortController();
  // Node.js turns SIGPIPE into this.
  process.stdout.on('error', () => ending.abort(new Interrupted('SIGPIPE')));
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // The second time, there is no patience left for an orderly end.
      if (ending.signal.reason instanceof Interrupted) process.exit(ending.signal.reason.exitCode);
      ending.abort(new Interrupted(signal));
    });
  }
  return {
    root,
    folder,
    privateFolder,
    screen,
    cleanup,
    signal: ending.signal,
    // Ctrl-C reaches the programs beside us too, and their end may be known here before it is.
    abort: (reason) => void setTimeout(() => ending.abort(reason), INTERRUPTION_MS),
  };
}

function refuseSecond(pidFile: string): void {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  try {
    process.kill(pid, 0);
  } catch {
    return; // left behind by a run that was killed
  }
  throw new Error(`a demo is running in this checkout already (process ${pid}); stop it with Ctrl-C first`);
}
