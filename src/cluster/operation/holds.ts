import { sentences } from '../../api/sentences.ts';
import { isState, isStopped, offTarget, runningOperation } from '../model/provisioning-state.ts';
import type { Hold } from '../model/decision.ts';
import type { HoldCheck, HoldInput } from '../model/hold-check.ts';
import { stillHeld } from '../model/intent.ts';
import { momentOf, type RecordStatus } from '../model/record.ts';
import { stoppedHold } from './assess.ts';
import { CONFLICTS_AT_ONCE, SETTLE_LIMIT } from '../model/timing.ts';
import { timeLeft, unseenHold } from './unseen-writes.ts';

/**
 * The checks that can hold back a change, in their order: the first hold counts. Each line has its row in the table test.
 *
 * Five holds cannot stand here. A cluster that cannot be read has no change yet (plan-unreadable.ts). While an operation runs, its
 * own assessment holds every change (assess.ts). A share holds one object and lets the others go, so the change is made without it
 * (held-shares.ts). The brake reserves a slot when it lets a change go, so it is asked last (slot.ts). An answer of ARM that no body
 * can be made of is found when the body is made (act.ts).
 */
export const HOLDS: readonly HoldCheck[] = [
  // ARM refused the last write, and nothing that could change its answer has happened.
  { name: 'Refused', check: (input) => (isForWindow(input) ? undefined : refused(input)) },
  // The last write was lost, or ARM accepted it and does not show it.
  {
    name: 'Unseen',
    check: ({ observation, record, now, timing, kind }) => unseenHold(record, observation.intents, now, timing, kind),
  },
  // AKS accepts only start and delete.
  { name: 'Stopped', check: ({ model, timing }) => (isStopped(model) ? stoppedHold(timing) : undefined) },
  // AKS refuses every PUT while anything runs.
  { name: 'Busy', check: busy },
  // A PUT would resume another client's unfinished operation.
  { name: 'Failed', check: failedByOthers },
  // Every change replaces every node, so it waits for further edits.
  { name: 'Settling', check: settling },
  // AKS takes the write in the cluster's maintenance window only.
  { name: 'Window', check: (input) => (isForWindow(input) ? refused(input) : undefined) },
  // AKS takes only so many writes to one cluster.
  { name: 'Budget', check: usedUp },
];

/** The first hold of a change; `extra` are the checks of its own kind, which come after those of every kind. */
export function holdFor(input: HoldInput, extra: readonly HoldCheck[] = []): Hold | undefined {
  for (const { check } of [...HOLDS, ...extra]) {
    const hold = check(input);
    if (hold) return hold;
  }
  return undefined;
}

function isForWindow({ record: { refusal } }: HoldInput): boolean {
  return refusal?.reason === 'WaitingForMaintenanceWindow';
}

/** The hold after a refused write, for as long as ARM would refuse the next write as well. */
function refused({ record: { refusal }, observation: { intents }, now }: HoldInput): Hold | undefined {
  if (!refusal) return undefined;
  if (refusal.reason === 'Conflict' && refusal.count < CONFLICTS_AT_ONCE) return undefined;
  const left = timeLeft(refusal, now);
  // More edits do not release a write that was not sent because of edits.
  const lostToEdits = refusal.unsent && refusal.reason === 'Conflict';
  // A Retry-After counts also when a person asks for an earlier attempt.
  const released = refusal.reason !== 'Throttled' && !lostToEdits && !stillHeld(refusal.heldFor, intents);
  if (left <= 0 || released) return undefined;
  const { code, message, at, until = at, atOpening } = refusal;
  const cause = message === '' ? code : `${code}: ${message}`;
  const reported = refusal.unsent ? message : `ARM refused the write at ${toSecond(at)}: ${cause}`;
  return {
    reason: refusal.reason === 'Conflict' ? 'ClusterBusy' : (refusal.reason as Hold['reason']),
    message: sentences(
      reported,
      `Next attempt at ${toSecond(until)}${atOpening ? ', when the maintenance window opens' : ''}`,
    ),
    stalled: refusal.stalled,
    afterMs: left,
  };
}

function toSecond(time: string): string {
  return momentOf(Date.parse(time));
}

function busy(input: HoldInput): Hold | undefined {
  const running = whileRunning(input);
  return running && { ...running, message: `${running.message} The change is sent when that is done.` };
}

/** The hold while another client's operation runs on the cluster, with or without a change to send. */
function whileRunning({ observation, record, model, now, timing }: HoldInput): Hold | undefined {
  const running = runningOperation(model);
  if (!running) return undefined;
  const { busyMs = 0 } = observation.seenFor ?? {};
  const [from, to] = timing.busy;
  const waited = record.pending ? now - Date.parse(record.pending.since) : busyMs;
  const message = `The cluster is busy: ${running}.`;
  return { reason: 'ClusterBusy', message, stalled: false, afterMs: Math.min(to, Math.max(from, waited)) };
}

/** The hold of a cluster that another client left in Failed or Canceled where a write would do more than the change. */
function failedByOthers({ model, timing }: HoldInput): Hold | undefined {
  if (isState(model.provisioningState, 'Succeeded')) return undefined;
  const off = offTarget(model);
  if (off === undefined) return undefined;
  const { code = '', message: why = '' } = model.provisioningError ?? {};
  const cause = code === '' && why === '' ? '' : ` (${[code, why].filter((text) => text !== '').join(': ')})`;
  const message = `Another client's operation left the cluster in state ${model.provisioningState}${cause}: ${off}. A write of the list would resume that upgrade. Finish the upgrade or undo it first.`;
  return { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed };
}

function settling({ record: { pending }, proposal, now, timing }: HoldInput): Hold | undefined {
  if (!pending) return undefined;
  const { settleMs, correction } = proposal;
  const settled = settleDue(pending, settleMs);
  // A read may come from a replica that is behind, so a correction needs two reads.
  const agreed = correction ? Date.parse(pending.changedAt) + timing.agreeingReads : settled;
  const due = Math.max(settled, agreed);
  if (due <= now) return undefined;
  const message =
    agreed > settled
      ? `One read of the cluster shows that another client changed the list. The list is corrected when another read confirms that, at ${momentOf(due)} or later.`
      : `The change waits for more edits until ${momentOf(due)}.`;
  return { reason: 'Settling', message, stalled: false, afterMs: due - now, ...(agreed > settled ? {} : { settleMs }) };
}

/** The time at which a pending change may be sent, in ms: after the settle time without an edit, at most ten times that time. */
export function settleDue(pending: NonNullable<RecordStatus['pending']>, settleMs: number): number {
  return Math.min(Date.parse(pending.changedAt) + settleMs, Date.parse(pending.since) + SETTLE_LIMIT * settleMs);
}

/** The hold while the client-side limit of writes is reached. */
function usedUp({ observation: { writeWaitMs = 0 }, now }: HoldInput): Hold | undefined {
  if (writeWaitMs <= 0) return undefined;
  const message = `The writes that AKS allows to one cluster are used up (20, and one more a minute). The next write follows at ${momentOf(now + writeWaitMs)}.`;
  return { reason: 'Throttled', message, stalled: false, afterMs: writeWaitMs };
}

/** The hold of a cluster that is not Succeeded although there is nothing to change and no operation of ours. */
export function restingHold(input: HoldInput): Hold | undefined {
  const { observation, model, timing } = input;
  const running = whileRunning(input);
  if (running) return running;
  if (isState(model.provisioningState, 'Succeeded')) return undefined;
  const deleting = observation.intents.some(({ deletion }) => deletion === 'Remove');
  if (deleting && isStopped(model)) return stoppedHold(timing);
  const blocked = failedByOthers(input);
  if (blocked) return blocked;
  const message = `Nothing is left to change, but the cluster is in state ${model.provisioningState}. Bring it to Succeeded (az aks update).`;
  return { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed };
}
