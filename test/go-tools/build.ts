import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

/** A program that is built from Go modules. */
export interface GoProgram {
  /** The folder whose go.mod pins it. */
  readonly folder: string;
  /** The import path of its main package, or its folder relative to `folder`. */
  readonly target: string;
  readonly ldflags: string;
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

/** Builds a program into the file `out`, saying every now and then that it still does. Rejects with the compiler's words. */
export async function goBuild(
  { folder, target, ldflags, purpose }: GoProgram,
  out: string,
  say: (line: string) => void,
): Promise<void> {
  const name = out.slice(dirname(out).length + 1);
  say(`${purpose}: building ${name} from source with Go; minutes on a new machine, once …`);
  const startedAt = Date.now();
  const ticker = setInterval(
    () => say(`${purpose}: still building ${name}, ${Math.round((Date.now() - startedAt) / 1000)} s`),
    20_000,
  );
  // Test files run at the same time and may build the same program: each writes a file of its own, the last one stays.
  const unfinished = `${out}.${process.pid}.new`;
  mkdirSync(dirname(out), { recursive: true });
  try {
    await run('go', ['build', '-trimpath', '-buildvcs=false', '-ldflags', ldflags, '-o', unfinished, target], folder);
  } finally {
    clearInterval(ticker);
  }
  renameSync(unfinished, out);
  say(`${purpose}: ${name} built in ${Math.round((Date.now() - startedAt) / 1000)} s`);
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
