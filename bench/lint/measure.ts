import { spawnSync } from 'node:child_process';
import { ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { median, type Figure } from '../figure.ts';

const ROUNDS = 9;
const CERTIFICATES = 150;
const BUILD = fileURLToPath(new URL('../../scripts/build.ts', import.meta.url));
/** Prints the peak of the memory of its process to standard error, in KiB. */
const PEAK = 'data:text/javascript,process.on("exit",()=>process.stderr.write(String(process.resourceUsage().maxRSS)))';

/** Measures `aks-ca-trust lint` as a whole process, from the one-file build: many certificates, and a file that is too large. */
export async function measureLint(): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-bench-'));
  try {
    run([BUILD, '--outdir', folder]);
    const program = join(folder, 'aks-ca-trust.mjs');
    const [many, one, large] = [join(folder, 'many'), join(folder, 'one.pem'), join(folder, 'large.pem')];
    mkdirSync(many);
    for (let index = 0; index < CERTIFICATES; index++)
      writeFileSync(join(many, `${index}.pem`), `${rootCertificates[index % rootCertificates.length]}\n`);
    writeFileSync(one, `${rootCertificates[0]}\n`);
    const handle = openSync(large, 'w');
    ftruncateSync(handle, 10_000_000);
    closeSync(handle);

    const lint = (path: string) => Array.from({ length: ROUNDS }, () => run(['--import', PEAK, program, 'lint', path]));
    const [help, ofMany, ofOne, ofLarge] = [
      Array.from({ length: ROUNDS }, () => run([program, '--help'])),
      lint(many),
      lint(one),
      lint(large),
    ];
    const ms = (runs: readonly Run[]) => median(runs.map((each) => each.ms));
    const peak = (runs: readonly Run[]) => median(runs.map((each) => each.peakKiB));
    const started = `--help ${ms(help).toFixed(0)} ms, one certificate ${ms(ofOne).toFixed(0)} ms; median of ${ROUNDS}`;
    return [
      { name: `${CERTIFICATES} certificates in as many files`, value: ms(ofMany), unit: 'ms', detail: started },
      { name: 'a file of 10 MB, refused', value: ms(ofLarge), unit: 'ms', limit: 1000 },
      {
        name: 'its memory, compared with one certificate',
        value: peak(ofLarge) / peak(ofOne),
        unit: 'x',
        limit: 1.1,
        detail: `${(peak(ofLarge) / 1024).toFixed(0)} MiB`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Run {
  readonly ms: number;
  readonly peakKiB: number;
}

/** Runs Node to its end. The exit code 3 is that of a finding. */
function run(words: readonly string[]): Run {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (status !== 0 && status !== 3) throw new Error(`node ${words.join(' ')} ended with ${status}: ${stderr}`);
  return { ms: performance.now() - startedAt, peakKiB: Number(stderr) };
}
