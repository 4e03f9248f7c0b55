import { recordName } from '../../api/resource-id.ts';
import type { Decision, Hold } from '../model/decision.ts';
import type { Observation } from '../model/observation.ts';
import type { RecordConflict } from '../model/records.ts';
import { retainRelease } from '../kinds/update-trust/release.ts';
import type { Timing } from '../model/timing.ts';

/**
 * A reconcile of a cluster whose record cannot be used. Changes of this cluster could not be recorded, so none is made. The record
 * stays unchanged.
 */
export function planRecordConflict({ id, intents }: Observation, conflict: RecordConflict, { gone }: Timing): Decision {
  const name = recordName(id);
  const message = messageOf(conflict, name, id.resourceId);
  const hold: Hold = { reason: 'RecordConflict', message, stalled: true, afterMs: gone };
  const unknown = { status: 'Unknown', reason: hold.reason, message: hold.message } as const;
  return {
    record: undefined,
    step: { kind: 'Observe' },
    releases: intents.flatMap((intent) => retainRelease(intent, undefined) ?? []),
    again: { afterMs: hold.afterMs, jitter: false },
    outlook: { hold, settled: false, nodesReimaged: unknown, fullyCovered: unknown, seenThrough: new Set() },
  };
}

function messageOf(conflict: RecordConflict, name: string, resourceId: string): string {
  const stays = 'The certificates of the cluster stay; the controller does not remove them by itself after that.';
  switch (conflict) {
    case 'OtherCluster':
      return `TargetCluster ${name} is the record of another cluster than ${resourceId}, so this cluster is neither read nor changed. Compare its spec.resourceId. If that cluster is not managed any more, delete the record: kubectl delete targetcluster ${name}`;
    case 'OtherVersion':
      return `TargetCluster ${name} has an operation (status.operation) that another version of the controller wrote and this version cannot read, so the cluster is neither read nor changed. Run that version until the operation is complete. Or wait until the cluster is Succeeded and its nodes are replaced, and delete the record: kubectl delete targetcluster ${name}. ${stays}`;
    case 'InvalidTime':
      return `TargetCluster ${name} has a time in its status that cannot be read, so the cluster is neither read nor changed. The controller does not write such times, so find who edited the record. Correct it, as a member of a group that may restore records: kubectl edit targetcluster ${name}. Or wait until the cluster is Succeeded and its nodes are replaced, and delete the record: kubectl delete targetcluster ${name}. ${stays}`;
  }
}
