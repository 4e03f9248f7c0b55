import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The controller as a process of its own. */
export interface Program {
  readonly exit: Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }>;
  /** The first line of the log, from the start on, with this message; rejects when the program ends without it. */
  line(message: string): Promise<Readonly<Record<string, unknown>>>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts Node with these words, in a folder, with no environment at all.
 *
 * @param words Node's flags, the file, and the file's arguments
 */
export function startProgram(words: readonly string[], cwd: string): Program {
  const child = spawn(process.execPath, words, { cwd, env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  let ended = false;
  const wake = () => waiting.forEach((check) => check());
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    wake();
  });
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const exit = new Promise<{ code: number | null; output: string; errors: string }>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      ended = true;
      wake();
      resolve({ code, output: lines.join('\n'), errors });
    });
  });
  return {
    exit,
    line: (message) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find((line) => line.includes(`"msg":"${message}"`));
          if (found === undefined && !ended) return;
          waiting.delete(check);
          if (found !== undefined) resolve(JSON.parse(found) as Record<string, unknown>);
          else reject(new Error(`it ended and never said "${message}": ${lines.join('\n')}${errors}`));
        };
        waiting.add(check);
        check();
      }),
    kill: (signal) => child.kill(signal),
  };
}
