import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runHistory, type Outcome } from './history.ts';
import { runLasting } from './lasting-history.ts';
import { loadSubject } from './subject.ts';

/**
 * Runs histories and prints one line of JSON: how many, and the first that went against a rule.
 * `--seed 7 --trace` replays one of them, event by event. `--sort lasting` runs those of one condition that lasts, and
 * `--condition` chooses which; `--sort rotations` runs those in which clusters' own certificates are rotated as well.
 */
const { values } = parseArgs({
  options: {
    source: { type: 'string', default: join(import.meta.dirname, '../../src') },
    seed: { type: 'string', default: '1' },
    histories: { type: 'string', default: '1' },
    sort: { type: 'string', default: 'faults' },
    condition: { type: 'string' },
    trace: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});

const subject = await loadSubject(values.source);
const startedAt = performance.now();
const first = Number(values.seed);
let failed: { seed: number; rule: string } | undefined;
let failures = 0;
let done = 0;
let digest = 0;
for (let seed = first; seed < first + Number(values.histories); seed++) {
  const trace = values.trace ? (line: string) => void process.stdout.write(`${line}\n`) : undefined;
  const outcome: Outcome & { readonly condition?: string } =
    values.sort === 'lasting'
      ? await runLasting(subject, seed, trace, values.condition)
      : await runHistory(subject, seed, trace, values.sort === 'rotations');
  done += 1;
  digest = (Math.imul(digest, 31) + outcome.digest) | 0;
  if (!outcome.violation) continue;
  failures += 1;
  failed ??= { seed, rule: outcome.violation.message };
  if (values.keep)
    process.stdout.write(`${seed} ${outcome.condition ? `[${outcome.condition}] ` : ''}${outcome.violation.message}\n`);
  else break;
}
const seconds = (performance.now() - startedAt) / 1000;
process.stdout.write(`${JSON.stringify({ histories: done, seconds, digest, failures, failed })}\n`);
process.exit(failed ? 1 : 0);
