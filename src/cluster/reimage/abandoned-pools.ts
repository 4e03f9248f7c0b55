import { causeOf } from '../model/operation-errors.ts';
import type { RecordedOperation } from '../model/record.ts';
import type { Blocker } from './blocker.ts';
import type { Progress } from './progress.ts';

const OF_DRAINS: ReadonlySet<Blocker['kind']> = new Set(['EvictionRefused', 'DrainFailed', 'Quarantined']);

/**
 * Pools that AKS gave up for a cause that people have to mend, such as a quota, where nothing else says what keeps their nodes.
 * ARM tells it of the cluster: every pool that did not come through has it.
 *
 * @param error why AKS gave the operation up
 */
export function abandonedPools(
  progress: Progress | undefined,
  error: RecordedOperation['lastError'],
  found: readonly Blocker[],
): Blocker[] {
  const cause = error && causeOf(error);
  if (!progress || !cause || (cause.ofDrain && found.some(({ kind }) => OF_DRAINS.has(kind)))) return [];
  const since = Date.parse(error.at);
  return progress.pools
    .filter(({ name, phase }) => phase === 'Failed' && !found.some(({ pool }) => pool === name))
    .map(({ name }) => ({
      pool: name,
      kind: 'GivenUp',
      by: `AKS gave up: ${error.code}`,
      mend: cause.fix,
      since,
    }));
}
