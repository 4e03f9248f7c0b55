/**
 * Edits objects at a steady rate for as long as wanted, and says every minute what the controller takes:
 *
 *   node bench/load/soak.ts --duration 30m [--clusters 200] [--rate 5] [--out soak.json]
 *
 * Ends with 1 when memory grows: when the median RSS of the last third of the minutes is more than a tenth above that of the second.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { median } from '../figure.ts';
import { WIDTH } from './burst.ts';
import { certificate } from './certificates.ts';
import { editObject } from './edit.ts';
import { inFlight } from './in-flight.ts';
import { usageOf } from './process-usage.ts';
import { watchReadiness } from './readiness.ts';
import { onStage, type Stage } from './stage.ts';
import { now, sleep } from './time.ts';
import { TRUSTS, trustObject } from './trust.ts';

const MOST_GROWTH = 1.1;
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

const { values } = parseArgs({
  options: {
    duration: { type: 'string', default: '30m' },
    clusters: { type: 'string', default: '200' },
    rate: { type: 'string', default: '5' },
    out: { type: 'string' },
  },
});

interface Minute {
  readonly minute: number;
  readonly edits: number;
  readonly rss: number;
  readonly cpu: number;
}

const minutes = await onStage((stage) => soak(stage));
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(minutes, undefined, 2)}\n`);
const third = Math.floor(minutes.length / 3);
if (third === 0) {
  console.log('Too short to say whether memory grows: three minutes are needed');
} else {
  const middle = median(minutes.slice(third, 2 * third).map(({ rss }) => rss));
  const end = median(minutes.slice(-third).map(({ rss }) => rss));
  console.log(`RSS, last third over second third: ${(end / middle).toFixed(2)} x, limit ${MOST_GROWTH}`);
  if (!(end / middle <= MOST_GROWTH)) process.exitCode = 1;
}

async function soak(stage: Stage): Promise<Minute[]> {
  const { server, simulator } = stage;
  const count = Number(values.clusters);
  const names = Array.from({ length: count }, (_, index) => `soak-${index}`);
  const resourceIds = await simulator.addClusters(names);
  const controller = await stage.startController();
  const readiness = await watchReadiness(server);
  await inFlight(count, WIDTH, (index) =>
    server.send('POST', TRUSTS, trustObject(names[index] ?? '', resourceIds[index] ?? '', [certificate(index)])),
  );
  await readiness.untilAll(count, 300_000);
  readiness.stop();

  const start = now();
  const rows: Minute[] = [];
  for (let edits = 0, cpu = usageOf(controller.pid).cpu; now() - start < durationMs(values.duration); edits++) {
    const cluster = edits % count;
    const pems = [certificate(cluster + 1 + Math.floor(edits / count))];
    await Promise.all([
      editObject(server, names[cluster] ?? '', resourceIds[cluster] ?? '', pems),
      sleep(start + (edits * 1000) / Number(values.rate) - now()),
    ]);
    if (now() - start < (rows.length + 1) * 60_000) continue;
    const usage = usageOf(controller.pid);
    const row = { minute: rows.length + 1, edits: edits + 1, rss: usage.rss, cpu: usage.cpu - cpu };
    console.log(`${row.minute} min: RSS ${row.rss.toFixed(1)} MiB, CPU ${row.cpu.toFixed(1)} s, ${row.edits} edits`);
    rows.push(row);
    cpu = usage.cpu;
  }
  return rows;
}

/** `90s`, `30m`, `2h` */
function durationMs(text: string): number {
  const [, amount, unit = ''] = /^(\d+)(s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? NaN);
  if (Number.isNaN(ms)) throw new Error(`--duration looks like 90s, 30m or 2h, not ${text}`);
  return ms;
}
