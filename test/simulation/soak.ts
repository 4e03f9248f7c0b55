import { parseArgs } from 'node:util';
import { runHistories, type Sort } from './child.ts';

/**
 * Runs histories of all sorts in turn until it is stopped, or for so long: `node test/simulation/soak.ts --duration 10m`.
 * Every seed that breaks a rule is printed with what replays it; the exit code is then 1. `--sort` keeps to one of them.
 */
const { values } = parseArgs({
  options: {
    duration: { type: 'string' },
    /** Default: one that nobody has seen yet. */
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    workers: { type: 'string', default: '2' },
    sort: { type: 'string' },
  },
});

/** Of one that lasts, each takes as long as several of the others. */
const BATCHES: readonly (readonly [sort: Sort, count: number])[] = [
  ['faults', 500],
  ['lasting', 100],
  ['rotations', 200],
];
const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3600_000 };

function durationOf(text: string | undefined): number {
  const [, count, unit] = /^(\d+)([smh])$/.exec(text ?? '') ?? [];
  if (text !== undefined && unit === undefined) throw new RangeError('--duration is a number with s, m or h');
  return unit === undefined ? Infinity : Number(count) * (UNITS[unit] ?? 0);
}

const startedAt = performance.now();
const end = startedAt + durationOf(values.duration);
const batches = BATCHES.filter(([sort]) => values.sort === undefined || values.sort === sort);
if (batches.length === 0) throw new RangeError('--sort is faults, lasting or rotations');
let next = Number(values.seed);
let turn = 0;
let histories = 0;
let failures = 0;

async function work(): Promise<void> {
  let left = 0;
  let seed = 0;
  let sort: Sort = 'faults';
  while (performance.now() < end) {
    if (left === 0) {
      [sort, left] = batches[turn++ % batches.length]!;
      seed = next;
      next += left;
    }
    const report = await runHistories({ sort, seed, histories: left });
    histories += report.histories;
    seed += report.histories;
    left -= report.histories;
    if (report.failed) {
      failures += 1;
      say(`${sort}, seed ${report.failed.seed}: ${report.failed.rule}`);
      say(`  replay: node test/simulation/run.ts --sort ${sort} --seed ${report.failed.seed} --trace`);
    }
    const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
    say(`${histories} histories in ${minutes} minutes, ${failures} failed; up to seed ${next}`);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

await Promise.all(Array.from({ length: Number(values.workers) }, work));
process.exitCode = failures > 0 ? 1 : 0;
