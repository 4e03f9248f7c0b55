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
  /** The largest settle time among the objects that changed, in ms. */
  readonly settleMs: number;
  /** True when the change reverts another client's change of the list. */
  readonly correction?: boolean;
  /** The time for which the cluster has been seen busy, in ms. */
  readonly busyMs?: number | undefined;
  readonly now: number;
  readonly timing: Timing;
}

/**
 * The checks that can hold back a decided change, in their order: the first hold counts.
 * Each line has its row in the table test.
 */
export const HOLDS: readonly { readonly name: string; readonly check: (input: ChangeInput) => Hold | undefined }[] = [
  // ARM refused the last write, and nothing that could change its answer has happened.
  { name: 'Refused', check: refused },
  // The last write was lost, or ARM accepted it and does not show it.
  {
    name: 'Unseen',
    check: ({ record, intents, now, timing }) => unseenHold(record, intents, now, timing),
  },
  // AKS accepts only start and delete.
  { name: 'Stopped', check: ({ model, timing }) => (isStopped(model) ? stoppedHold(timing) : undefined) },
  // AKS refuses every PUT while anything runs.
  { name: 'Busy', check: busy },
  // A PUT would resume another client's unfinished operation.
  { name: 'Failed', check: failedByOthers },
  // Every change replaces every node, so it waits for further edits.
  { name: 'Settling', check: settling },
];

export function holdFor(input: ChangeInput): Hold | undefined {
  for (const { check } of HOLDS) {
    const hold = check(input);
    if (hold) return hold;
  }
  return undefined;
}

/** The hold after a refused write, for as long as ARM would refuse the next write as well. */
export function refused({
  record: { refusal },
  intents,
  now,
}: Pick<ChangeInput, 'record' | 'intents' | 'now'>): Hold | undefined {
  if (!refusal) return undefined;
  if (refusal.reason === 'Conflict' && refusal.count < CONFLICTS_AT_ONCE) return undefined;
  const left = timeLeft(refusal, now);
  // More edits do not release a write that was not sent because of edits.
  const lostToEdits = refusal.unsent && refusal.reason === 'Conflict';
  // A Retry-After counts also when a person asks for an earlier attempt.
  const released = refusal.reason !== 'Throttled' && !lostToEdits && !stillHeld(refusal.heldFor, intents);
  if (left <= 0 || released) return undefined;
  const { code, message, at, until = at } = refusal;
  const cause = message === '' ? code : `${code}: ${message}`;
  const reported = refusal.unsent ? message : `ARM refused the write at ${toSecond(at)}: ${cause}`;
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

/** The hold while another client's operation runs on the cluster, with or without a change to send. */
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

/** The hold of a cluster that another client left in Failed or Canceled where a write would do more than the change. */
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
