import type { Condition } from './condition.ts';
import { OF_ADMISSION } from './of-admission.ts';
import { OF_CLUSTERS } from './of-clusters.ts';
import { OF_CONTROLLER } from './of-controller.ts';
import { OF_READS } from './of-reads.ts';
import { OF_TARGETS } from './of-targets.ts';
import { OF_TENANTS } from './of-tenants.ts';
import { OF_WRITES } from './of-writes.ts';

/** Every condition that there is. */
export const CONDITIONS: readonly Condition[] = [
  ...OF_WRITES,
  ...OF_READS,
  ...OF_CLUSTERS,
  ...OF_TARGETS,
  ...OF_ADMISSION,
  ...OF_CONTROLLER,
  ...OF_TENANTS,
];

/** The condition of a seed: so many seeds in a row have each of them once, in an order without meaning. */
export function conditionOf(seed: number): Condition {
  const count = CONDITIONS.length;
  const place = (((seed % count) + count) * stepOf(count)) % count;
  return CONDITIONS[place]!;
}

/** A number without a divisor in common with `count`, so that its multiples reach every place. */
function stepOf(count: number): number {
  const coprime = (a: number, b: number): boolean => (b === 0 ? a === 1 : coprime(b, a % b));
  for (let step = Math.round(count * 0.618); ; step++) if (coprime(step, count)) return step;
}
