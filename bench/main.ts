/** Measures everything, prints tables, and writes bench/results.json. Ends with 1 when a limit is missed. */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { measureBundle } from './bundle/measure.ts';
import { measureCertificates } from './certificates/measure.ts';
import { exceedsLimit, formatFigures, type Figure } from './figure.ts';
import { measureNoOpPass } from './no-op-pass/measure.ts';

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  certificates: measureCertificates,
  'no-op pass': measureNoOpPass,
  bundle: measureBundle,
};

const benches: { bench: string; figures: Figure[] }[] = [];
for (const [bench, measure] of Object.entries(BENCHES)) {
  const figures = await measure();
  console.log(`${bench}\n${formatFigures(figures)}\n`);
  benches.push({ bench, figures });
}

const report = {
  date: new Date().toISOString(),
  node: process.version,
  platform: `${process.platform} ${process.arch}`,
  cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  benches,
};
writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(report, undefined, 2)}\n`);

const missed = benches.flatMap(({ bench, figures }) =>
  figures.filter(exceedsLimit).map(({ name }) => `${bench}: ${name}`),
);
if (missed.length > 0) {
  console.error(`Above its limit: ${missed.join(', ')}`);
  process.exitCode = 1;
}
