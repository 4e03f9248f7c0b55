import { sentences } from '../../api/sentences.ts';
import type { ClusterModel } from '../../azure/cluster-model.ts';
import { isState, isStopped, offTarget, runningOperation } from '../model/provisioning-state.ts';
import type { Hold } from '../model/decision.ts';
import { stillHeld, type Intent } from '../model/intent.ts';
import { momentOf, type RecordStatus } from '../model/record.ts';
import { stoppedHold } from './assess.ts';
import { CONFLICTS_AT_ONCE, SETTLE_LIMIT, type Timing } from '../model/timing.ts';
import { timeLeft, unseenHold } from './unseen-writes.ts';

export interface ChangeInput {
  readonly record: RecordStatus;
  readonly model: ClusterModel;
  readonly intents: readonly Intent[];
  /** Largest settle time among the objects that changed. */
  readonly settleMs: number;
  /** True when the change reverts what other clients did to the list. */
  readonly correction?: boolean;
  /** For how long the cluster has been seen busy, in ms. */
  readonly busyMs?: number | undefined;
  readonly now: number;
  readonly timing: Timing;
}

/**
 * Everything that can hold a decided change back, in this order; the first that has something to say decides.
 * Each line has its row in the table test.
 */
export const HOLDS: readonly { readonly name: string; readonly check: (input: ChangeInput) => Hold | undefined }[] = [
  // ARM said no, and nothing that could change its answer has happened.
  { name: 'Refused', check: refused },
  // The last write was lost, or ARM accepted it and does not show it.
  {
    name: 'Unseen',
    check: ({ record, intents, now, timing }) => unseenHold(record, intents, now, timing),
  },
  // AKS takes only start and delete.
  { name: 'Stopped', check: ({ model, timing }) => (isStopped(model) ? stoppedHold(timing) : undefined) },
  // AKS refuses every PUT while anything runs.
  { name: 'Busy', check: busy },
  // A PUT resumes another client's unfinished operation.
  { name: 'Failed', check: failedByOthers },
  // Every change replaces every node, so it waits for the next edit.
  { name: 'Settling', check: settling },
];

export function holdFor(input: ChangeInput): Hold | undefined {
  for (const { check } of HOLDS) {
    const hold = check(input);
    if (hold) return hold;
  }
  return undefined;
}

/** What ARM said to the last write, for as long as that answers the next one as well. */
export function refused({
  record: { refusal },
  intents,
  now,
}: Pick<ChangeInput, 'record' | 'intents' | 'now'>): Hold | undefined {
  if (!refusal) return undefined;
  if (refusal.reason === 'Conflict' && refusal.count < CONFLICTS_AT_ONCE) return undefined;
  const left = timeLeft(refusal, now);
  // A write that was not sent because of edits is not released by more edits.
  const lostToEdits = refusal.unsent && refusal.reason === 'Conflict';
  // A Retry-After is kept whatever people ask for.
  const released = refusal.reason !== 'Throttled' && !lostToEdits && !stillHeld(refusal.heldFor, intents);
  if (left <= 0 || released) return undefined;
  const { code, message, at, until = at } = refusal;
  const words = message === '' ? code : `${code}: ${message}`;
  const reported = refusal.unsent ? message : `ARM refused the write at ${toSecond(at)}: ${words}`;
  return {
    reason: refusal.reason === 'Conflict' ? 'ClusterBusy' : (refusal.reason as Hold['reason']),
    message: sentences(reported, `Next attempt at ${toSecond(until)}`),
    stalled: refusal.stalled,
    afterMs: left,
  };
}

function toSecond(time: string): string {
  return momentOf(Date.parse(time));
}

function busy(input: ChangeInput): Hold | undefined {
  const running = whileRunning(input);
  return running && { ...running, message: `${running.message} The change is sent when that is done.` };
}

/** The hold of a cluster in which an operation of another client runs, whether there is a change or not. */
export function whileRunning({
  record,
  model,
  busyMs = 0,
  now,
  timing,
}: Pick<ChangeInput, 'record' | 'model' | 'busyMs' | 'now' | 'timing'>): Hold | undefined {
  const running = runningOperation(model);
  if (!running) return undefined;
  const [from, to] = timing.busy;
  const waited = record.pending ? now - Date.parse(record.pending.since) : busyMs;
  const message = `The cluster is busy: ${running}.`;
  return { reason: 'ClusterBusy', message, stalled: false, afterMs: Math.min(to, Math.max(from, waited)) };
}

/** A cluster that another client left in Failed or Canceled takes a change only when nothing but the change would happen. */
export function failedByOthers({ model, timing }: Pick<ChangeInput, 'model' | 'timing'>): Hold | undefined {
  if (isState(model.provisioningState, 'Succeeded')) return undefined;
  const off = offTarget(model);
  if (off === undefined) return undefined;
  const { code = '', message: why = '' } = model.provisioningError ?? {};
  const cause = code === '' && why === '' ? '' : ` (${[code, why].filter((text) => text !== '').join(': ')})`;
  const message = `Another client's operation left the cluster in state ${model.provisioningState}${cause}: ${off}. A write of the list would resume that upgrade. Finish the upgrade or undo it first.`;
  return { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed };
}

function settling({ record: { pending }, settleMs, correction, now, timing }: ChangeInput): Hold | undefined {
  if (!pending) return undefined;
  const settled = settleDue(pending, settleMs);
  // One read may come from a replica that is behind: a correction needs two.
  const agreed = correction ? Date.parse(pending.changedAt) + timing.agreeingReads : settled;
  const due = Math.max(settled, agreed);
  if (due <= now) return undefined;
  const message =
    agreed > settled
      ? `One read of the cluster says that another client changed the list. The list is corrected when another read says the same, at ${momentOf(due)} or later.`
      : `The change waits for more edits until ${momentOf(due)}.`;
  return { reason: 'Settling', message, stalled: false, afterMs: due - now, ...(agreed > settled ? {} : { settleMs }) };
}

/** Quiet for the settle time, and at the latest after ten times that. */
export function settleDue(pending: NonNullable<RecordStatus['pending']>, settleMs: number): number {
  return Math.min(Date.parse(pending.changedAt) + settleMs, Date.parse(pending.since) + SETTLE_LIMIT * settleMs);
}
