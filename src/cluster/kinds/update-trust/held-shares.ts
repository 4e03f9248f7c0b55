import { sentences } from '../../../api/sentences.ts';
import type { Hold } from '../../model/decision.ts';
import type { TrustIntent } from '../../model/intent.ts';
import type { Observation } from '../../model/observation.ts';
import { objectOf } from '../../model/record.ts';
import type { Timing } from '../../model/timing.ts';
import type { Merge } from '../../model/trust.ts';
import { ownKey } from '../../model/ways.ts';
import { namespaceOf } from '../../model/way.ts';

/**
 * Objects that ask for node access that cannot be used, by namespace/name. Their additions wait, because the progress of the
 * change could not be observed. Their removals and all changes of other objects are still sent.
 */
export function heldShares(
  intents: readonly TrustIntent[],
  observation: Observation,
  { adds }: Merge,
  timing: Timing,
): ReadonlyMap<string, Hold> {
  const adding = new Set(adds.flatMap(({ namedBy = [] }) => namedBy.map(objectOf)));
  return new Map(
    intents.flatMap((intent) => {
      if (intent.deletion || intent.frozen || !adding.has(intent.name)) return [];
      const why = troubleOf(intent, observation);
      return why === undefined ? [] : [[intent.name, holdFor(why, timing)]];
    }),
  );
}

/** Freezes the held objects, so that their share of the list stays as it is. */
export function withoutShares(intents: readonly TrustIntent[], held: ReadonlyMap<string, Hold>): TrustIntent[] {
  return intents.map((intent) => (held.has(intent.name) ? { ...intent, frozen: 'Held' } : intent));
}

/** A namespace's own way holds its objects only while it judges the cluster: otherwise the operation ends without it. */
function troubleOf(intent: TrustIntent, { ways, counted }: Observation): string | undefined {
  const refusal = ways.refused.get(intent.name);
  if (refusal !== undefined) return refusal;
  const access = intent.object.spec.target.nodeAccess;
  if (!access || counted?.nodes.kind !== 'Unreadable') return undefined;
  const asked = access.kubeconfigSecretRef ? ownKey(namespaceOf(intent)) : 'Operator';
  return ways.judge === asked ? counted.nodes.message : undefined;
}

function holdFor(why: string, { busy }: Timing): Hold {
  // The name of a field, such as spec.target, gets no capital.
  const cause = why.startsWith('spec.') ? why : `${why.charAt(0).toUpperCase()}${why.slice(1)}`;
  const message = sentences(
    'Nothing is added while the nodes of the cluster cannot be seen.',
    cause,
    'To rely on ARM alone, remove spec.target.nodeAccess.',
  );
  return { reason: 'NodesUnreadable', message, stalled: false, afterMs: busy[0] };
}
