import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { now } from './time.ts';

/** A program that runs beside the bench, its output in a file. */
export interface Program {
  readonly pid: number;
  /** On the machine's monotonic clock, right before it was started. */
  readonly startedAt: number;
  output(): string;
  /** SIGTERM, and SIGKILL for one that does not listen. Resolves with how long it took, in ms. */
  stop(): Promise<number>;
}

export interface ProgramOptions {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** Called when it ends without having been told to, with the end of what it said. */
  readonly onDeath: (error: Error) => void;
}

const PATIENCE_MS = 30_000;
/** What is kept of the output in memory. */
const REMEMBERED = 20_000;

/** Starts Node with these arguments. */
export function startProgram({ name, args, env, logFile, onDeath }: ProgramOptions): Program {
  const log = createWriteStream(logFile);
  const startedAt = now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let stopping = false;
  let ended = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-REMEMBERED);
      log.write(text);
    });
  }
  const kill = () => void child.kill('SIGKILL');
  process.on('exit', kill);
  const gone = new Promise<void>((resolve) => {
    const end = (how: string) => {
      if (ended) return;
      ended = true;
      process.off('exit', kill);
      log.end(resolve);
      if (!stopping) onDeath(new Error(`${name} ended by itself (${how}):\n${output.slice(-3000)}`));
    };
    child.once('error', (error) => end(error.message));
    child.once('close', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  return {
    pid: child.pid ?? 0,
    startedAt,
    output: () => output,
    async stop() {
      stopping = true;
      const from = now();
      child.kill('SIGTERM');
      const force = setTimeout(kill, PATIENCE_MS);
      await gone;
      clearTimeout(force);
      return now() - from;
    },
  };
}
