import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A program that is built from Go modules. */
export interface GoProgram {
  /** The folder whose go.mod pins it. */
  readonly folder: string;
  /** The import path of its main package, or its folder relative to `folder`. */
  readonly target: string;
  readonly ldflags: string;
  readonly tags?: readonly string[];
  /** What it is for: the first words of each line that is said. */
  readonly purpose: string;
}

export function hasGo(): boolean {
  try {
    execFileSync('go', ['version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Builds a program into the file `out`, saying every now and then that it still does. One build at a time on a machine: each uses all
 * cores, and several runs of the tests would build the same program. Rejects with the compiler's words.
 */
export async function goBuild(
  { folder, target, ldflags, tags = [], purpose }: GoProgram,
  out: string,
  say: (line: string) => void,
): Promise<void> {
  const name = basename(out);
  mkdirSync(dirname(out), { recursive: true });
  const lock = `${dirname(out)}.building`;
  if (!takeLock(lock)) {
    say(`${purpose}: another process is building programs for tests; waiting for it …`);
    while (!takeLock(lock)) await delay(500);
  }
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const ticker = setInterval(() => say(`${purpose}: still building ${name}, ${seconds()} s`), 20_000);
  try {
    if (existsSync(out)) return;
    say(`${purpose}: building ${name} from source with Go; minutes on a new machine, once …`);
    const unfinished = `${out}.${process.pid}.new`;
    const flags = ['-trimpath', '-buildvcs=false', '-tags', tags.join(','), '-ldflags', ldflags];
    await run('go', ['build', ...flags, '-o', unfinished, target], folder);
    renameSync(unfinished, out);
    say(`${purpose}: ${name} built in ${seconds()} s`);
  } finally {
    clearInterval(ticker);
    rmSync(lock, { force: true });
  }
}

/** Whether this process now has the lock: a file with its number. The lock of a process that is gone is taken away. */
function takeLock(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!isAlive(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function isAlive(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function run(command: string, args: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} failed:\n${errors}`)),
    );
  });
}
