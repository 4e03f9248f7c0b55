import type { ConditionValue } from '../../api/conditions.ts';
import { sentences } from '../../api/sentences.ts';
import type { ArmFailure } from '../../azure/failures.ts';
import { backoffMs } from '../../waiting/backoff.ts';
import type { Decision, Hold, Release } from '../model/decision.ts';
import type { ArmObservation, Observation } from '../model/observation.ts';
import { momentOf, timestamp, type RecordStatus } from '../model/record.ts';
import { notFarAhead } from '../model/record-times.ts';
import { appliedCondition } from '../reimage/last-applied.ts';
import { retainRelease } from '../kinds/update-trust/release.ts';
import { stayingInRecord } from '../kinds/update-trust/staying-certificates.ts';
import { SHORTEST_WAIT, UNREACHABLE_AFTER, type Timing } from '../model/timing.ts';

/**
 * A reconcile that could not read the cluster: it sends nothing and concludes nothing. Only two things go on, because they need no
 * read: objects deleted with Retain are released, and the wait for a cluster that is gone ends.
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
    // The record from before the reconcile, which still has the objects that are being deleted.
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
  const unread = { status: 'Unknown', reason: hold.reason, message: 'The cluster could not be read.' } as const;
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
      nodesReimaged: shownWhileUnread(stored, observation.record?.status) ?? unread,
      fullyCovered: unread,
      seenThrough: new Set(),
    },
  };
}

/**
 * `NodesReimaged` while the cluster cannot be read. Without an operation the record knows it. The count of one that runs is shown as
 * it was at the last read, unless another namespace's Secrets showed it; nothing is decided by it.
 */
function shownWhileUnread(stored: RecordStatus, written: RecordStatus | undefined): ConditionValue | undefined {
  const applied = stored.operation ? undefined : appliedCondition(stored);
  if (applied) return applied;
  if (written?.nodes && !stored.nodes)
    return { status: 'Unknown', reason: 'NodesUnreadable', message: 'The nodes are being counted again.' };
  return written?.conditions?.find(({ type }) => type === 'NodesReimaged');
}

function holdOf(failure: ArmFailure, { failedInARow, lastReadAt }: Extract<ArmObservation, { ok: false }>): Hold {
  // The wait that ARM asks for is kept to the second. The backoff applies only without one. There is always some pause.
  const afterMs = Math.max(SHORTEST_WAIT, failure.retryAfterMs ?? backoffMs(failure.backoff, failedInARow - 1));
  const http = failure.status > 0 ? `HTTP ${failure.status}, ` : '';
  const armMessage = failure.message === '' ? '' : `: ${failure.message}`;
  const message = sentences(
    `The controller could not read the cluster from ARM (${http}${failure.code})${armMessage}`,
    failure.fix,
    lastReadAt === undefined ? '' : `The reported state was read at ${momentOf(lastReadAt)}`,
  );
  // ARM answers only writes with a conflict, so after a read it counts as a fault of ARM.
  const reason = failure.reason === 'Conflict' ? 'Unreachable' : failure.reason;
  return { reason, message, stalled: failure.stalled, afterMs };
}

/** True once two reads far enough apart found the resource group readable and the cluster absent. A 403 never counts. */
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
  record.absence = { since: notFarAhead(stored.absence?.since ?? timestamp(now), now) };
  return now - Date.parse(record.absence.since) >= timing.gone;
}
