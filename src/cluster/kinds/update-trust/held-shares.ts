import { sentences } from '../../../api/sentences.ts';
import type { Hold } from '../../model/decision.ts';
import type { Intent } from '../../model/intent.ts';
import type { Observation } from '../../model/observation.ts';
import { objectOf } from '../../model/record.ts';
import type { Timing } from '../../model/timing.ts';
import type { Merge } from '../../model/trust.ts';
import { ownKey } from '../../model/ways.ts';
import { namespaceOf } from '../../model/way.ts';

/**
 * Objects that asked for node access, and whose additions wait because it cannot be used; by namespace/name. The progress of
 * their change could not be seen. Their removals are still sent, and so are all changes of other objects.
 */
export function heldShares(observation: Observation, { adds }: Merge, timing: Timing): ReadonlyMap<string, Hold> {
  const adding = new Set(adds.flatMap(({ namedBy = [] }) => namedBy.map(objectOf)));
  return new Map(
    observation.intents.flatMap((intent) => {
      if (intent.deletion || intent.frozen || !adding.has(intent.name)) return [];
      const why = troubleOf(intent, observation);
      return why === undefined ? [] : [[intent.name, holdFor(why, timing)]];
    }),
  );
}

/** The same objects, those that are held as if they were suspended: their share of the list stays as it is. */
export function withoutShares(intents: readonly Intent[], held: ReadonlyMap<string, Hold>): Intent[] {
  return intents.map((intent) => (held.has(intent.name) ? { ...intent, frozen: 'Held' } : intent));
}

/** A namespace's own way holds its objects only while it judges the cluster: otherwise the operation ends without it. */
function troubleOf(intent: Intent, { ways, counted }: Observation): string | undefined {
  const refusal = ways.refused.get(intent.name);
  if (refusal !== undefined) return refusal;
  const access = intent.object.spec.target.nodeAccess;
  if (!access || counted?.nodes.kind !== 'Unreadable') return undefined;
  const asked = access.kubeconfigSecretRef ? ownKey(namespaceOf(intent)) : 'Operator';
  return ways.judge === asked ? counted.nodes.message : undefined;
}

function holdFor(why: string, { busy }: Timing): Hold {
  // A field's name, such as spec.target, is spelled as it is.
  const cause = why.startsWith('spec.') ? why : `${why.charAt(0).toUpperCase()}${why.slice(1)}`;
  const message = sentences(
    'Nothing is added while the nodes of the cluster cannot be seen.',
    cause,
    'To go by what ARM says instead, remove spec.target.nodeAccess.',
  );
  return { reason: 'NodesUnreadable', message, stalled: false, afterMs: busy[0] };
}
