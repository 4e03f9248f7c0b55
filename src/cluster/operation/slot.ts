import type { TargetClusterStatus } from '../../api/generated/targetclusters.ts';
import { reasonPolicy } from '../../api/reasons.ts';
import type { QueueState, Turn, Wish } from './brake.ts';
import { withChangeHold, type Decision, type Hold } from '../model/decision.ts';
import { endOf, timestamp, type RecordedOperation, type RecordStatus } from '../model/record.ts';
import { isFarAhead } from '../model/record-times.ts';
import type { Progress } from '../reimage/progress.ts';
import type { Assessment } from '../model/assessment.ts';
import type { Timing } from '../model/timing.ts';

type Slot = NonNullable<RecordedOperation['slot']>;

const ROTATION = 'RotateCertificates';

/** The attempts of one operation that go before new changes. Later ones queue with new changes, or failing clusters would never yield. */
const FIRST_ATTEMPTS = 3;

/**
 * A rotation without a good end holds those of policies in other clusters for so long after its last attempt, or its end, in ms: as long
 * as one rotation by a policy keeps the next one of its cluster away. A cause that is in all clusters has been found by then, and one
 * cluster that was given up must not keep a fleet from new certificates until they expire.
 */
export const TROUBLE_LASTS = 7 * 24 * 60 * 60_000;

/** The slot of an operation that is about to be sent. A rotation keeps its slot until it counts as hanging: while it runs, no node may be visible. */
export function newSlot(now: number, timing: Timing, kind?: RecordedOperation['kind']): Slot {
  return { until: timestamp(now + (kind === ROTATION ? timing.rotation.hangs[1] : timing.slot[0])) };
}

/**
 * The slot of a recorded operation after this read. It ends once ARM is done, or only a person can go on. It also expires some
 * time after the last node was replaced, so that an operation that hangs gives it back. The lowest number of remaining nodes
 * counts: machines that come and go do not extend a slot without end.
 */
export function slotAfter(
  assessment: Assessment | undefined,
  progress: Progress | undefined,
  now: number,
  timing: Timing,
): Slot | undefined {
  if (assessment?.kind !== 'Open') return undefined;
  const { operation, hold } = assessment;
  const isRotation = operation.kind === ROTATION;
  const noted = operation.slot ?? newSlot(Date.parse(operation.lastAttemptAt), timing, operation.kind);
  // A clock that was ahead must not keep a slot for much longer than any operation has one.
  const longest = now + (isRotation ? timing.rotation.hangs[1] : timing.slot[1]);
  const slot = isFarAhead(noted.until, longest) ? { ...noted, until: timestamp(longest) } : noted;
  // One that failed is tried again by itself, and no other cluster may be down meanwhile.
  const goesOn =
    (assessment.allows === 'Nothing' || (isRotation && assessment.allows === 'Retry')) &&
    !hold?.stalled &&
    reasonPolicy(hold?.reason ?? '').endedBy !== 'Person';
  if (!goesOn) return Date.parse(slot.until) > now ? { ...slot, until: timestamp(now) } : slot;
  if (!progress || isRotation) return slot;
  const coarse = progress.members.size === 0;
  const left = leftOf(progress);
  const limit = timing.slot[coarse ? 1 : 0];
  const counted = { left, ...(coarse ? { coarse } : {}) };
  // The first count is only the starting point. A count of pools cannot be compared with a count of nodes.
  if (slot.left === undefined) return { until: timestamp(Date.parse(operation.lastAttemptAt) + limit), ...counted };
  if ((slot.coarse ?? false) !== coarse) return { until: slot.until, ...counted };
  return left < slot.left ? { until: timestamp(now + limit), ...counted } : slot;
}

/** The number of nodes that are not replaced yet, or of pools where nodes are not seen. */
function leftOf({ old, pools }: Progress): number {
  return old ?? pools.filter(({ phase }) => phase !== 'Done' && phase !== 'Excluded').length;
}

/** The brake's view of a record. */
export function queueStateOf(
  record: Pick<TargetClusterStatus, 'operation' | 'pending' | 'rotation'> | undefined,
  timing: Timing,
): QueueState {
  const { operation, pending, rotation } = record ?? {};
  // An operation that this version cannot read may still be running, with or without a slot.
  const holdsUntil = operation && endOfSlot(operation, timing);
  const waiting = [pending, rotation?.pending].find((one) => one?.waitsFor === 'WaitingForOthers');
  const waitsSince = waiting ? Date.parse(waiting.since) : NaN;
  return {
    ...(holdsUntil === undefined || Number.isNaN(holdsUntil) ? {} : { holdsUntil }),
    ...(Number.isNaN(waitsSince) ? {} : { waitsSince }),
    ...(operation?.kind === ROTATION ? { alone: true } : {}),
    ...troubleOf(operation, rotation, holdsUntil),
  };
}

/** A rotation gives its slot back when it hangs, or only a person can go on. One that ended without another CA is over, and no success. */
function troubleOf(
  operation: TargetClusterStatus['operation'],
  rotation: TargetClusterStatus['rotation'],
  holdsUntil: number | undefined,
): Pick<QueueState, 'troubledFrom' | 'troubledUntil'> {
  if (operation?.kind === ROTATION) {
    const from = holdsUntil === undefined || Number.isNaN(holdsUntil) ? -Infinity : holdsUntil;
    return { troubledFrom: from, ...troubledSince(operation.lastAttemptAt) };
  }
  return rotation?.ended ? { troubledFrom: -Infinity, ...troubledSince(rotation.ended.at) } : {};
}

/** A time that an edit by hand has made unreadable ends nothing. */
function troubledSince(time: string): Pick<QueueState, 'troubledUntil'> {
  const until = Date.parse(time) + TROUBLE_LASTS;
  return Number.isNaN(until) ? {} : { troubledUntil: until };
}

/** In ms; NaN where an edit by hand has left no time. */
function endOfSlot({ slot, lastAttemptAt }: Pick<RecordedOperation, 'slot' | 'lastAttemptAt'>, timing: Timing): number {
  return slot ? Date.parse(slot.until) : Date.parse(lastAttemptAt) + timing.slot[0];
}

/** The request of a decision to send for the brake. */
export function wishOf({ record, step }: Decision, now: number): Wish {
  const isRotation = step.kind === 'Send' && step.operation.kind === ROTATION;
  const alone = isRotation ? { alone: true } : {};
  const reason = step.kind === 'Send' ? step.operation.rotateCertificates?.reason : undefined;
  const automatic = reason === undefined || reason === 'Requested' ? {} : { automatic: true };
  if (step.kind === 'Send' && !step.takeBaseline) {
    const { attempts, startedAt } = step.operation;
    const since = Date.parse(endOf(step.operation)?.at ?? startedAt);
    return { first: attempts <= FIRST_ATTEMPTS + 1, since, ...alone };
  }
  // A change that failed before is as old as its last attempt, so that it does not go first again.
  const { pending, unseenWrites } = (isRotation ? record?.rotation : record) ?? {};
  const times = [pending?.since, unseenWrites?.at].flatMap((time) => time ?? []);
  const since = times.length > 0 ? Math.max(...times.map((time) => Date.parse(time))) : now;
  return { first: false, since, ...alone, ...automatic };
}

const TROUBLED =
  'The rotation of another cluster has failed, hangs or was canceled, so none begins because of spec.every or spec.beforeExpiry until a person has resolved that or seven days have passed. spec.request starts one all the same.';

/** The decision while other clusters go first. */
export function waitForOthers(decision: Decision, turn: Turn): Decision {
  const { record, outlook, step } = decision;
  const hold: Hold = {
    reason: 'WaitingForOthers',
    message: turn.troubled
      ? TROUBLED
      : turn.alone
        ? `Only one cluster at a time has its certificates rotated, and another one goes first. ${aheadOf(turn)}`
        : `At most ${clusters(turn.limit)} may change at the same time (--max-changing-clusters), and ${turn.changing} are changing now. ${aheadOf(turn)}`,
    stalled: false,
    afterMs: turn.afterMs,
  };
  const noted =
    record &&
    (step.kind === 'Send' && step.operation.kind === ROTATION ? noteRotation(record, turn) : noteChange(record, hold));
  return {
    ...decision,
    record: noted,
    step: { kind: 'Observe' },
    outlook: step.kind === 'Send' ? withChangeHold(outlook, step.operation.kind, hold) : outlook,
    again: { afterMs: turn.afterMs, jitter: false },
  };
}

function noteChange(record: RecordStatus, { reason }: Hold): RecordStatus {
  return { ...record, ...(record.pending ? { pending: { ...record.pending, waitsFor: reason } } : {}) };
}

/** A rotation that waits for another one has no place among the changes that wait for a slot. */
function noteRotation(record: RecordStatus, { alone }: Turn): RecordStatus {
  const { rotation } = record;
  if (!rotation?.pending) return record;
  const waitsFor = alone ? 'AnotherRotation' : 'WaitingForOthers';
  return { ...record, rotation: { ...rotation, pending: { ...rotation.pending, waitsFor } } };
}

function aheadOf({ ahead }: Turn): string {
  if (ahead === 0) return 'This change is the next one.';
  return `${clusters(ahead)} ${ahead === 1 ? 'is' : 'are'} ahead of this one.`;
}

function clusters(count: number): string {
  return count === 1 ? '1 cluster' : `${count} clusters`;
}
