import { recordName } from '../../api/resource-id.ts';
import type { Decision, Hold } from '../model/decision.ts';
import type { Observation } from '../model/observation.ts';
import { retainRelease } from '../kinds/update-trust/release.ts';
import type { Timing } from '../model/timing.ts';

/**
 * A pass over a cluster whose record name another cluster uses. Changes of this cluster could not be recorded, so none is made.
 * The record belongs to the other cluster and stays unchanged.
 */
export function planRecordConflict({ id, intents }: Observation, { gone }: Timing): Decision {
  const name = recordName(id);
  const hold: Hold = {
    reason: 'RecordConflict',
    message: `TargetCluster ${name} is the record of another cluster than ${id.resourceId}, so this cluster is neither read nor changed. Compare its spec.resourceId. If that cluster is not managed any more, delete the record: kubectl delete targetcluster ${name}`,
    stalled: true,
    afterMs: gone,
  };
  const unknown = { status: 'Unknown', reason: hold.reason, message: hold.message } as const;
  return {
    record: undefined,
    step: { kind: 'Observe' },
    releases: intents.flatMap((intent) => retainRelease(intent, undefined) ?? []),
    again: { afterMs: hold.afterMs, jitter: false },
    outlook: { hold, settled: false, nodesReimaged: unknown, fullyCovered: unknown, seenThrough: new Set() },
  };
}
