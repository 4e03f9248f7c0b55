import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, type Figure } from '../figure.ts';

const ROUNDS = 9;
const SCRIPT = fileURLToPath(new URL('../../scripts/build.ts', import.meta.url));

/** Measures the one-file build, alone in a folder: its size, and what it costs to load it. */
export async function measureBundle(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-bench-'));
  try {
    run([SCRIPT, '--outdir', folder]);
    const file = join(folder, 'aks-ca-trust.mjs');
    const nothing = Array.from({ length: ROUNDS }, () => run(['--eval', '0']));
    const help = Array.from({ length: ROUNDS }, () => run([file, '--help']));
    const [bare, loaded] = [median(nothing), median(help)];
    return [
      { name: 'size', value: statSync(file).size / 1e6, unit: 'MB', limit: 5 },
      {
        name: 'load',
        value: loaded - bare,
        unit: 'ms',
        detail: `--help ${loaded.toFixed(0)} ms, Node alone ${bare.toFixed(0)} ms; median of ${ROUNDS}`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs Node to its end, in milliseconds. */
function run(words: readonly string[]): number {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${words.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - startedAt;
}
