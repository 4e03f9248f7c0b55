import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { now } from './time.ts';

/** A program that runs beside the bench, its output in a file. */
export interface Program {
  readonly pid: number;
  /** On the machine's monotonic clock, right before it was started. */
  readonly startedAt: number;
  output(): string;
  /** Throws when it has ended by itself, with the end of what it said. */
  check(): void;
  /** SIGTERM, and SIGKILL for one that does not listen. Resolves with how long it took, in ms. */
  stop(): Promise<number>;
}

export interface ProgramOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
}

const PATIENCE_MS = 30_000;
/** What is kept of the output in memory. */
const REMEMBERED = 20_000;

/** Starts Node with these arguments. */
export function startProgram({ name, args, env, logFile }: ProgramOptions): Program {
  const log = createWriteStream(logFile);
  const startedAt = now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let how: string | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-REMEMBERED);
      log.write(text);
    });
  }
  const kill = () => void child.kill('SIGKILL');
  process.on('exit', kill);
  const gone = new Promise<void>((resolve) => {
    const end = (text: string) => {
      how ??= text;
      process.off('exit', kill);
      log.end(resolve);
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  return {
    pid: child.pid ?? 0,
    startedAt,
    output: () => output,
    check() {
      if (how !== undefined) throw new Error(`${name} ended by itself (${how}):\n${output.slice(-3000)}`);
    },
    async stop() {
      const from = now();
      child.kill('SIGTERM');
      const force = setTimeout(kill, PATIENCE_MS);
      await gone;
      clearTimeout(force);
      return now() - from;
    },
  };
}
