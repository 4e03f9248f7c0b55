import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

/** A program ended that should run as long as the demo does. The message has the end of what it said. */
export class ChildDied extends Error {
  override readonly name = 'ChildDied';
}

/** A program that runs beside the demo, its output in a file. */
export interface Child {
  /** All it has said so far. */
  output(): string;
  /** The last lines of what it has said. */
  tail(lines: number): string;
  /** SIGTERM, then SIGKILL for one that does not listen. Resolves when it is gone. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Gets what it says as well. */
  readonly onOutput?: (text: string) => void;
  /** Called when it ends without having been stopped. */
  readonly onDeath: (error: ChildDied) => void;
}

const PATIENCE_MS = 5000;
const TAIL = 30;

export function startChild({ name, command, args, cwd, env, logFile, onOutput, onDeath }: ChildOptions): Child {
  const log = createWriteStream(logFile);
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let stopping = false;
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      log.write(text);
      onOutput?.(text);
    });
  }
  const tail = (lines: number) => output.trimEnd().split('\n').slice(-lines).join('\n');
  // The last resort, where the demo itself ends without having stopped what it started.
  const kill = () => void child.kill('SIGKILL');
  process.on('exit', kill);
  const gone = new Promise<void>((resolve) => {
    const end = (how: string) => {
      if (ended) return;
      ended = true;
      process.off('exit', kill);
      log.end(resolve);
      if (!stopping) onDeath(new ChildDied(`${name} ended by itself (${how}); its last lines:\n${tail(TAIL)}`));
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  return {
    output: () => output,
    tail,
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await gone;
      clearTimeout(force);
    },
  };
}
