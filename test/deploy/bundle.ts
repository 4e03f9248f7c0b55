import { execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { entrypoint } from './dockerfile.ts';

/** The controller in one file, alone in a folder. */
export interface Bundle {
  readonly folder: string;
  /** Where to put files that are no part of it. */
  readonly besides: string;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): RunningBundle;
  remove(): void;
}

export interface RunningBundle {
  readonly exit: Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }>;
  /** The first line of the log, from the start on, with this message; rejects when the program ends without it. */
  line(message: string): Promise<Readonly<Record<string, unknown>>>;
  kill(signal: NodeJS.Signals): void;
}

/** Builds it as the image does. */
export async function buildBundle(): Promise<Bundle> {
  const besides = mkdtempSync(join(tmpdir(), 'aks-ca-trust-bundle-'));
  const script = fileURLToPath(new URL('../../scripts/build.ts', import.meta.url));
  await promisify(execFile)(process.execPath, [script, '--outdir', join(besides, 'dist')]);
  const folder = join(besides, 'app');
  mkdirSync(folder);
  copyFileSync(join(besides, 'dist', 'aks-ca-trust.mjs'), join(folder, 'aks-ca-trust.mjs'));
  return {
    folder,
    besides,
    start: (args, env = {}) => start(folder, args, env),
    remove: () => rmSync(besides, { recursive: true, force: true }),
  };
}

/** Runs it with the flags that the image gives to Node, and with no environment but this. */
function start(folder: string, args: readonly string[], env: Readonly<Record<string, string>>): RunningBundle {
  const words = [...entrypoint().flags, 'aks-ca-trust.mjs', ...args];
  const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  let ended = false;
  const wake = () => waiting.forEach((look) => look());
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
        const look = () => {
          const found = lines.find((line) => line.includes(`"msg":"${message}"`));
          if (found === undefined && !ended) return;
          waiting.delete(look);
          if (found !== undefined) resolve(JSON.parse(found) as Record<string, unknown>);
          else reject(new Error(`it ended and never said "${message}": ${lines.join('\n')}${errors}`));
        };
        waiting.add(look);
        look();
      }),
    kill: (signal) => child.kill(signal),
  };
}
