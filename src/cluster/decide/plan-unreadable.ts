import { sentences } from '../../api/sentences.ts';
import type { ArmFailure } from '../../azure/failures.ts';
import { backoffMs } from '../operation/backoff.ts';
import type { Decision, Hold, Release } from '../model/decision.ts';
import type { ArmObservation, Observation } from '../model/observation.ts';
import { momentOf, timestamp, type RecordStatus } from '../model/record.ts';
import { retainRelease } from '../kinds/update-trust/release.ts';
import { stayingInRecord } from '../kinds/update-trust/staying-certificates.ts';
import { SHORTEST_WAIT, UNREACHABLE_AFTER, type Timing } from '../model/timing.ts';

/**
 * A pass that could not read the cluster: nothing is sent and nothing is concluded. Only what needs no look at the cluster
 * goes on: objects deleted with Retain, and the end of a wait for a cluster that is gone.
 */
export function planUnreadable(
  observation: Observation,
  arm: Extract<ArmObservation, { ok: false }>,
  stored: RecordStatus,
  now: number,
  timing: Timing,
): Decision {
  const { failure } = arm;
  const hold = holdOf(failure, arm);
  const silent = hold.reason === 'Unreachable' && arm.failedInARow < UNREACHABLE_AFTER;
  const { pending } = stored;
  const record: RecordStatus = {
    ...stored,
    clusterName: observation.id.name,
    ...(pending ? { pending: { ...pending, waitsFor: hold.reason } } : {}),
  };
  const gone = noteAbsence(record, stored, arm, now, timing);
  const releases = observation.intents.flatMap((intent): Release[] => {
    // The record as it was, with those who go.
    const kept = retainRelease(intent, stayingInRecord(intent, observation.record?.status));
    if (kept) return [kept];
    return intent.deletion === 'Remove' && gone ? [{ intent, stays: undefined, why: 'ClusterGone' }] : [];
  });
  const everythingReleased = releases.length === observation.intents.length && (gone || !stored.operation);
  const own = new Map(
    (stored.namespaceCounts ?? []).map(({ namespace, nodes, nodePools }) => [
      namespace,
      { finding: undefined, ...(nodes ? { nodes } : {}), ...(nodePools ? { nodePools } : {}) },
    ]),
  );
  const before = stored.conditions?.find(({ type }) => type === 'NodesReimaged');
  return {
    record: everythingReleased ? undefined : record,
    step: { kind: 'Observe' },
    releases,
    again: {
      afterMs: record.absence && !gone ? Math.min(hold.afterMs, timing.gone) : hold.afterMs,
      jitter: hold.reason === 'Unreachable',
    },
    outlook: {
      hold,
      silent,
      settled: false,
      ...(own.size > 0 ? { own } : {}),
      nodesReimaged: before ?? { status: 'Unknown', reason: hold.reason, message: 'the cluster could not be read' },
      fullyCovered: { status: 'Unknown', reason: hold.reason, message: 'the cluster could not be read' },
      seenThrough: new Set(),
    },
  };
}

function holdOf(failure: ArmFailure, { failedInARow, lastReadAt }: Extract<ArmObservation, { ok: false }>): Hold {
  // What ARM asks for is kept to the second; only without it do we choose. Without any pause nothing would ever rest.
  const afterMs = Math.max(SHORTEST_WAIT, failure.retryAfterMs ?? backoffMs(failure.backoff, failedInARow - 1));
  const http = failure.status > 0 ? `HTTP ${failure.status}, ` : '';
  const armMessage = failure.message === '' ? '' : `: ${failure.message}`;
  const message = sentences(
    `ARM could not be asked about the cluster (${http}${failure.code})${armMessage}`,
    failure.mend,
    lastReadAt === undefined ? '' : `The reported state was read at ${momentOf(lastReadAt)}`,
  );
  // A conflict answers a write; to a read it would make no sense.
  const reason = failure.reason === 'Conflict' ? 'Unreachable' : failure.reason;
  return { reason, message, stalled: failure.stalled, afterMs };
}

/** True once two looks far enough apart found the group readable and the cluster absent. A 403 never counts. */
function noteAbsence(
  record: RecordStatus,
  stored: RecordStatus,
  arm: Extract<ArmObservation, { ok: false }>,
  now: number,
  timing: Timing,
): boolean {
  if (arm.failure.reason !== 'ClusterNotFound' || arm.groupIsReadable !== true) {
    if (arm.failure.reason !== 'Unreachable' && arm.failure.reason !== 'Throttled') delete record.absence;
    return false;
  }
  record.absence = stored.absence ?? { since: timestamp(now) };
  return now - Date.parse(record.absence.since) >= timing.gone;
}
