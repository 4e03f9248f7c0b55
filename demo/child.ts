import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

/** A program that runs beside the demo, its output in a file. */
export interface Child {
  readonly pid: number | undefined;
  /** All it has said so far. */
  output(): string;
  /** The last lines of what it has said. */
  tail(lines: number): string;
  hasEnded(): boolean;
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
  /** Called when it ends without having been told to. */
  readonly onDeath: (error: Error) => void;
}

const PATIENCE_MS = 8000;

export function startChild({ name, command, args, cwd, env, logFile, onDeath }: ChildOptions): Child {
  const log = createWriteStream(logFile);
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let stopping = false;
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      log.write(text);
    });
  }
  const gone = new Promise<void>((resolve) => {
    const end = (how: string) => {
      if (ended) return;
      ended = true;
      log.end(resolve);
      if (!stopping) onDeath(new Error(`${name} ended by itself (${how})`));
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  return {
    pid: child.pid,
    output: () => output,
    tail: (lines) => output.trimEnd().split('\n').slice(-lines).join('\n'),
    hasEnded: () => ended,
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await gone;
      clearTimeout(force);
    },
  };
}
