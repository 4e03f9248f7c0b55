import { knownCause } from '../../api/known-causes.ts';
import type { AttemptEnd } from '../model/record.ts';
import type { Blocker } from './blocker.ts';
import type { Progress } from './progress.ts';

const DRAIN_BLOCKERS: ReadonlySet<Blocker['kind']> = new Set(['EvictionRefused', 'DrainFailed', 'Quarantined']);

/**
 * Pools that AKS gave up for a cause that a person has to fix, such as a quota, and that have no other blocker. ARM reports the
 * cause for the whole cluster, so every pool that failed gets it.
 *
 * @param error why AKS gave up the operation
 */
export function abandonedPools(
  progress: Progress | undefined,
  error: AttemptEnd | undefined,
  found: readonly Blocker[],
): Blocker[] {
  const cause = error && knownCause(error);
  if (!progress || !cause || (cause.ofDrain && found.some(({ kind }) => DRAIN_BLOCKERS.has(kind)))) return [];
  const since = Date.parse(error.at);
  return progress.pools
    .filter(({ name, phase }) => phase === 'Failed' && !found.some(({ pool }) => pool === name))
    .map(({ name }) => ({
      pool: name,
      kind: 'GivenUp',
      by: `AKS gave up: ${error.code}`,
      fix: cause.fix,
      since,
    }));
}
