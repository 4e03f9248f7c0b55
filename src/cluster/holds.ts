import type { ClusterModel } from '../azure/cluster-model.ts';
import { isState, isStopped, offTarget, runningOperation } from './cluster-state.ts';
import type { Hold } from './decision.ts';
import { stillHeld, type Intent } from './intent.ts';
import { timestamp, type RecordStatus } from './record.ts';
import { stopped } from './see-through.ts';
import { CONFLICTS_AT_ONCE, SETTLE_LIMIT, type Timing } from './timing.ts';

export interface ChangeInput {
  readonly record: RecordStatus;
  readonly model: ClusterModel;
  readonly intents: readonly Intent[];
  /** Largest settle time among the objects that changed. */
  readonly settleMs: number;
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
  // AKS takes only start and delete.
  { name: 'Stopped', check: ({ model, timing }) => (isStopped(model) ? stopped(timing) : undefined) },
  // AKS refuses every PUT while anything runs.
  { name: 'Busy', check: busy },
  // A PUT resumes whatever somebody else left half-done.
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

function refused({ record: { refusal }, intents, now }: ChangeInput): Hold | undefined {
  if (!refusal) return undefined;
  if (refusal.reason === 'Conflict' && refusal.count < CONFLICTS_AT_ONCE) return undefined;
  const left = Date.parse(refusal.until ?? refusal.at) - now;
  // A Retry-After is kept whatever people ask for.
  const released = refusal.reason !== 'Throttled' && !stillHeld(refusal.heldFor, intents);
  if (left <= 0 || released) return undefined;
  return {
    reason: refusal.reason === 'Conflict' ? 'ClusterBusy' : (refusal.reason as Hold['reason']),
    message: `ARM refused the write at ${refusal.at}: ${refusal.code}: ${refusal.message} Next attempt at ${refusal.until ?? refusal.at}.`,
    stalled: refusal.stalled,
    afterMs: left,
  };
}

export function busy({
  record,
  model,
  now,
  timing,
}: Pick<ChangeInput, 'record' | 'model' | 'now' | 'timing'>): Hold | undefined {
  const running = runningOperation(model);
  if (!running) return undefined;
  const [from, to] = timing.busy;
  const waited = record.pending ? now - Date.parse(record.pending.since) : 0;
  const message = `the cluster is busy: ${running}; the change goes when it is done`;
  return { reason: 'ClusterBusy', message, stalled: false, afterMs: Math.min(to, Math.max(from, waited)) };
}

/** A cluster that somebody else left in Failed or Canceled takes a change only when nothing but the change would happen. */
export function failedByOthers({ model, timing }: Pick<ChangeInput, 'model' | 'timing'>): Hold | undefined {
  if (isState(model.provisioningState, 'Succeeded')) return undefined;
  const off = offTarget(model);
  if (off === undefined) return undefined;
  const cause = model.provisioningError ? ` (${model.provisioningError.code}: ${model.provisioningError.message})` : '';
  const message = `somebody else's operation left the cluster in state ${model.provisioningState}${cause}: ${off}, and our write would resume that upgrade. Finish or undo it first`;
  return { reason: 'ClusterFailed', message, stalled: true, afterMs: timing.failed };
}

function settling({ record: { pending }, settleMs, now }: ChangeInput): Hold | undefined {
  if (!pending || settleMs === 0) return undefined;
  const due = settleDue(pending, settleMs);
  if (due <= now) return undefined;
  return {
    reason: 'Settling',
    message: `the change waits for more edits until ${timestamp(due)}`,
    stalled: false,
    afterMs: due - now,
  };
}

/** Quiet for the settle time, and at the latest after ten times that. */
export function settleDue(pending: NonNullable<RecordStatus['pending']>, settleMs: number): number {
  return Math.min(Date.parse(pending.changedAt) + settleMs, Date.parse(pending.since) + SETTLE_LIMIT * settleMs);
}
