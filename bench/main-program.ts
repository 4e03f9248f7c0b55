/**
 * Measures everything, prints tables, and writes bench/results.json. Ends with 1 when a limit is missed.
 *
 *   node bench/main.ts [--only latency,edit] [--objects 2000] [--out file.json]
 *
 * A run of a part, or of a smaller size, leaves bench/results.json as it is.
 */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { measureBundle } from './bundle/measure.ts';
import { measureCertificates } from './certificates/measure.ts';
import { exceedsLimit, formatFigures, type Figure } from './figure.ts';
import { measureBadCluster } from './load/bad-cluster.ts';
import { measureBurst } from './load/burst.ts';
import { measureEdit } from './load/edit.ts';
import { measureIdle } from './load/idle.ts';
import { measureLatency } from './load/latency.ts';
import { FULL, smaller, type LoadOptions } from './load/options.ts';
import { measureStartup } from './load/startup.ts';
import { measureLint } from './lint/measure.ts';
import { measureWatchedClusters } from './load/watched-clusters.ts';
import { measureNoOpPass } from './no-op-pass/measure.ts';
import { measureReimage } from './reimage/measure.ts';
import { measureOperations } from './reimage/operations.ts';

const BENCHES: Readonly<Record<string, (options: LoadOptions) => Promise<Figure[]>>> = {
  certificates: measureCertificates,
  'no-op-pass': measureNoOpPass,
  reimage: measureReimage,
  operations: measureOperations,
  bundle: measureBundle,
  lint: measureLint,
  startup: measureStartup,
  latency: measureLatency,
  edit: measureEdit,
  burst: measureBurst,
  idle: measureIdle,
  'bad-cluster': measureBadCluster,
  'watched-clusters': measureWatchedClusters,
};

const { values } = parseArgs({
  options: { only: { type: 'string' }, objects: { type: 'string' }, out: { type: 'string' } },
});
const wanted = values.only?.split(',') ?? Object.keys(BENCHES);
const options = values.objects === undefined ? FULL : smaller(Number(values.objects));
const everything = values.only === undefined && values.objects === undefined;

const benches: { bench: string; figures: Figure[] }[] = [];
for (const bench of wanted) {
  const measure = BENCHES[bench];
  if (measure === undefined) throw new Error(`There is no bench ${bench}: ${Object.keys(BENCHES).join(', ')}`);
  const figures = await measure(options);
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
const file = values.out ?? (everything ? new URL('results.json', import.meta.url) : undefined);
if (file !== undefined) writeFileSync(file, `${JSON.stringify(report, undefined, 2)}\n`);

const missed = benches.flatMap(({ bench, figures }) =>
  figures.filter(exceedsLimit).map(({ name }) => `${bench}: ${name}`),
);
if (missed.length > 0) {
  console.error(`Above its limit: ${missed.join(', ')}`);
  process.exitCode = 1;
}
