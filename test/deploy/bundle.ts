import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { entrypoint } from './dockerfile.ts';
import { startProgram, type Program } from './program.ts';

/** The controller in one file, alone in a folder. */
export interface Bundle {
  readonly folder: string;
  /** Where to put files that are no part of it. */
  readonly besides: string;
  /** Runs it with the flags that the image gives to Node. */
  start(args: readonly string[]): Program;
  remove(): void;
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
    start: (args) => startProgram([...entrypoint().flags, 'aks-ca-trust.mjs', ...args], folder),
    remove: () => rmSync(besides, { recursive: true, force: true }),
  };
}
