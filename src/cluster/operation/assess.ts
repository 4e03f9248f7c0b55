import { sentences } from '../../api/sentences.ts';
import type { ClusterModel } from '../../azure/cluster-model.ts';
import { backoffMs } from '../../waiting/backoff.ts';
import { knownCause } from '../../api/known-causes.ts';
import { isState, isStopped, offTarget, runningOperation } from '../model/provisioning-state.ts';
import type { Hold } from '../model/decision.ts';
import { heldTokens, stillHeld } from '../model/intent.ts';
import type { Observation } from '../model/observation.ts';
import { timestamp, momentOf, type RecordedOperation } from '../model/record.ts';
import { omit } from './omit.ts';
import { isCovered, type Progress } from '../reimage/progress.ts';
import type { Timing } from '../model/timing.ts';
import { namedTrouble, type UnseenWrites } from './unseen-writes.ts';
import type { Assessment } from '../model/standing.ts';

export interface AssessmentInput {
  readonly observation: Observation;
  readonly model: ClusterModel;
  readonly readAt: number;
  readonly operation: RecordedOperation;
  /** The writes that were not seen so far. */
  readonly unseen?: UnseenWrites | undefined;
  /** Digest of the list that was read. */
  readonly digest: string;
  readonly progress: Progress | undefined;
  readonly now: number;
  readonly timing: Timing;
}

/** Assesses a recorded operation by the list and the nodes that were read back. The answer to the write proves nothing. */
export function assess(input: AssessmentInput): Assessment {
  return input.digest === input.operation.listDigest ? assessShown(input) : assessNotShown(input);
}

/** ARM shows another list: the write is still on its way, or it never arrived. */
function assessNotShown(input: AssessmentInput): Assessment {
  const { observation, model, readAt, operation, digest, unseen, timing } = input;
  const running = runningOperation(model);
  const trouble = running ? undefined : namedTrouble(unseen);
  const wait = (operation: RecordedOperation, message: string, afterMs: number): Assessment => ({
    kind: 'Wait',
    operation,
    hold: { reason: 'Updating', message, ...trouble, stalled: false, afterMs },
  });
  const { absentSince, absentDigest, ...rest } = operation;
  if (running)
    return wait(
      rest,
      `A list was sent, and ARM does not show it yet. The cluster is busy: ${running}.`,
      whileRunning(operation, input),
    );
  if (isStopped(model)) return { kind: 'Wait', operation: rest, hold: stoppedHold(timing) };
  const arrivesWithin = timing.lostWrite - sinceNoted(observation, 'attemptMs', operation.lastAttemptAt, readAt);
  const sent = `A list was sent at ${momentOf(Date.parse(operation.lastAttemptAt))}, and ARM does not show it.`;
  if (arrivesWithin > 0)
    return wait(rest, `${sent} The controller waits for it to arrive before it sends again.`, arrivesWithin);
  if (absentSince === undefined || absentDigest !== digest) {
    const noted = { ...rest, absentSince: timestamp(readAt), absentDigest: digest };
    return wait(noted, `${sent} A second read has to confirm that.`, timing.agreeingReads);
  }
  const left = timing.agreeingReads - sinceNoted(observation, 'absenceMs', absentSince, readAt);
  return left > 0 ? wait(operation, `${sent} A second read has to confirm that.`, left) : { kind: 'NeverArrived' };
}

/**
 * The age of a note in the record, in ms. Another process with another clock may have written the note, so the time for which
 * this process has seen the note counts where it is known.
 */
function sinceNoted(
  { seenFor }: Observation,
  note: keyof NonNullable<Observation['seenFor']>,
  notedAt: string,
  readAt: number,
): number {
  return seenFor?.[note] ?? readAt - Date.parse(notedAt);
}

function assessShown(input: AssessmentInput): Assessment {
  const { observation, model, progress, timing } = input;
  const { lingersSince } = input.operation;
  const kept = omit(input.operation, ['absentSince', 'absentDigest', 'replaces', 'lingersSince']);
  const operation: RecordedOperation = { ...kept, seen: true };
  const updating = (message: string): Assessment => ({
    kind: 'Wait',
    operation: restarted(operation),
    hold: { reason: 'Updating', message, stalled: false, afterMs: whileRunning(operation, input) },
  });
  const running = runningOperation(model);
  if (running) return updating(`AKS replaces the nodes: ${running}${progressNote(progress)}.`);
  if (isStopped(model)) return { kind: 'Wait', operation, hold: stoppedHold(timing) };
  // A resumed write sends the list that ARM has already, so no read shows whether it arrived: only time does.
  const sentFor = sinceNoted(observation, 'attemptMs', operation.lastAttemptAt, input.readAt);
  const quiet = timing.lostWrite + timing.agreeingReads - sentFor;
  if (operation.attempts > 1 && quiet > 0) {
    const message = `The list was sent again at ${momentOf(Date.parse(operation.lastAttemptAt))}. The controller waits for it to arrive before it sends anything else.`;
    const trouble = namedTrouble(input.unseen);
    return {
      kind: 'Wait',
      operation,
      hold: { reason: 'Updating', message, ...trouble, stalled: false, afterMs: quiet },
    };
  }

  if (progress?.old === 0) return { kind: 'Done' };
  if (isState(model.provisioningState, 'Succeeded')) {
    const since = lingersSince ?? timestamp(input.now);
    // Nodes can be compared only with a baseline. Without one, ARM alone counts.
    if (operation.baseline !== undefined && observation.nodes.kind === 'Unreadable')
      return nodesUnreadable({ ...restarted(operation), lingersSince: since }, observation.nodes.message, input);
    if (progress?.old === undefined) return byPools(model, operation, timing);
    return leftOldNodes({ ...operation, lingersSince: since }, progress.old, input);
  }
  return isState(model.provisioningState, 'Canceled')
    ? canceled({ ...input, operation })
    : failed({ ...input, operation });
}

/**
 * The time until the next read while AKS works, in ms. An operation is read often while it has its slot. An operation without
 * a slot has replaced no node for a long time, so it is read less and less often: the wait equals the time since it lost the slot.
 * The wait is never longer than this process has seen the attempt, so that a clock that jumps has no effect.
 */
function whileRunning({ slot }: RecordedOperation, { observation, now, timing }: AssessmentInput): number {
  const { poll, busy, slot: slots } = timing;
  const overdue = slot ? now - Date.parse(slot.until) : 0;
  const seen = (observation.seenFor?.attemptMs ?? Infinity) - slots[0];
  return Math.min(busy[1], Math.max(poll, Math.min(overdue, seen)));
}

type DoneInArm = RecordedOperation & Required<Pick<RecordedOperation, 'lingersSince'>>;

/** The time for which ARM has reported Succeeded, in ms. */
function succeededForMs({ lingersSince }: DoneInArm, now: number): number {
  return Math.max(0, now - Date.parse(lingersSince));
}

/** The time until the next read of an unchanged state, in ms: as long as the state has lasted, at most the drift interval. */
function pollAfter(succeededMs: number, from: number, { drift }: Timing): number {
  return Math.min(Math.max(drift, from), Math.max(from, succeededMs));
}

/** ARM reports Succeeded, and the nodes cannot be read. Other changes do not wait for the nodes. */
function nodesUnreadable(operation: DoneInArm, why: string, { now, timing }: AssessmentInput): Assessment {
  const message = `ARM says Succeeded, but the controller cannot read whether every node was replaced. ${why}`;
  const afterMs = pollAfter(succeededForMs(operation, now), timing.busy[0], timing);
  return { kind: 'OldNodesRemain', operation, hold: { reason: 'NodesUnreadable', message, stalled: false, afterMs } };
}

/** Nodes may register and leave for some time after ARM reports Succeeded. AKS does not replace nodes that are old after that. */
function leftOldNodes(operation: DoneInArm, old: number, { now, timing }: AssessmentInput): Assessment {
  const succeededMs = succeededForMs(operation, now);
  const leftOld = succeededMs >= timing.leftOld;
  const nodes = old === 1 ? '1 node is' : `${old} nodes are`;
  const since = momentOf(Date.parse(operation.lingersSince));
  const message = leftOld
    ? `ARM has said Succeeded since ${since}, and ${nodes} older than the change: AKS does not replace them. Delete their machines (az aks nodepool delete-machines), or reimage them (az aks nodepool upgrade --node-image-only), or remove spec.target.nodeAccess to go by what ARM says.`
    : `ARM says Succeeded, and ${nodes} older than the change.`;
  const afterMs = pollAfter(succeededMs, timing.poll, timing);
  return {
    kind: 'OldNodesRemain',
    operation,
    hold: { reason: 'Updating', message, stalled: leftOld, afterMs },
    leftOld,
  };
}

/** Without access to the nodes, ARM has to report Succeeded for the cluster and for every pool. */
function byPools(model: ClusterModel, operation: RecordedOperation, timing: Timing): Assessment {
  const pool = model.pools.find((one) => isCovered(one) && !isState(one.provisioningState, 'Succeeded'));
  if (!pool) return { kind: 'Done' };
  const message = `ARM says Succeeded for the cluster and ${pool.provisioningState} for node pool ${pool.name}. Without access to its nodes it is not known whether they were replaced. Find the cause (az aks nodepool show) and bring the pool to Succeeded, or set spec.target.nodeAccess.`;
  return {
    kind: 'OldNodesRemain',
    operation,
    hold: { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed },
  };
}

/** A person aborted the operation, so only a person releases it. */
function canceled({ observation, model, operation: before, progress, timing, now }: AssessmentInput): Assessment {
  const operation = withEnd(before, model, observation, now);
  const ours = progress?.old !== undefined || operation.ended === 'Canceled';
  if (operation.heldFor && !stillHeld(operation.heldFor, observation.intents))
    return ours ? resumable(model, operation, undefined, timing) : notOurs(model, before, timing);
  const heldFor = operation.heldFor ?? heldTokens(observation.intents);
  if (!ours) return { ...notOurs(model, { ...before, heldFor }, timing), kind: 'Wait' };
  const message = `The operation was canceled${progressNote(progress)}. To resume it, edit the object or annotate it with aks-ca-trust.dev/reconcile-requested-at.`;
  return {
    kind: 'Wait',
    operation: { ...operation, heldFor },
    hold: { reason: 'UpdateCanceled', message, stalled: true, afterMs: timing.failed },
  };
}

function failed({ observation, model, operation: before, progress, unseen, timing, now }: AssessmentInput): Assessment {
  const operation = withEnd(before, model, observation, now);
  // Old nodes remain, so the operation is ours to finish. Where nodes are not read, only its own status proves that it is ours.
  if (progress?.old === undefined && operation.ended !== 'Failed') return notOurs(model, before, timing);
  const { code, message } = model.provisioningError ?? operation.lastError;
  const [fromMs, toMs] = timing.resume;
  const due = Date.parse(operation.lastError.at) + backoffMs({ fromMs, toMs }, operation.attempts - 1);
  const cause = [code, message].filter((part) => part !== '').join(': ');
  const text = `AKS could not finish replacing the nodes${progressNote(progress)}: ${cause}`;
  if (due <= now) return resumable(model, operation, undefined, timing);
  const next = `Attempt ${operation.attempts + 1} at ${momentOf(due)}.`;
  const trouble = namedTrouble(unseen);
  const description = trouble
    ? { reason: trouble.reason, message: `${trouble.message} ${next}` }
    : ({ reason: 'UpdateFailed', message: sentences(text, fixFor({ code, message }), next) } as const);
  const hold: Hold = { ...description, stalled: false, afterMs: due - now };
  return resumable(model, operation, hold, timing);
}

function resumable(
  model: ClusterModel,
  operation: RecordedOperation,
  hold: Hold | undefined,
  timing: Timing,
): Assessment {
  const off = offTarget(model);
  if (off === undefined) return { kind: 'Resume', operation, hold };
  const message = `The cluster is in state ${model.provisioningState} and ${off}. A write of the list would resume that upgrade. Finish the upgrade or undo it first.`;
  return {
    kind: 'Wait',
    operation,
    hold: { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed },
  };
}

function notOurs(
  model: ClusterModel,
  operation: RecordedOperation,
  timing: Timing,
): Extract<Assessment, { kind: 'OldNodesRemain' }> {
  const message = `The cluster is in state ${model.provisioningState}. Without access to its nodes it is not known whether that was the controller's operation. Bring the cluster to Succeeded (az aks update), or set spec.target.nodeAccess.`;
  return {
    kind: 'OldNodesRemain',
    operation,
    hold: { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed },
  };
}

/** True when what was read shows that the recorded attempt reached ARM. */
export function hasArrived(standing: Assessment, { observation, model, operation, digest }: AssessmentInput): boolean {
  if (standing.kind === 'Done') return true;
  if (digest !== operation.listDigest) return false;
  // The list of a resumed write was in ARM before, so only its effect shows that it arrived.
  return (
    operation.attempts === 1 ||
    runningOperation(model) !== undefined ||
    isState(model.provisioningState, 'Succeeded') ||
    ownEnd(observation) !== undefined
  );
}

/** The end of the last attempt by its own status, while ARM still keeps that status. */
function ownEnd({ arm }: Observation): 'Failed' | 'Canceled' | undefined {
  const status = arm.ok ? arm.operation?.status : undefined;
  return status === 'Failed' || status === 'Canceled' ? status : undefined;
}

/**
 * Notes once per attempt when it was first seen to have ended, and how. The attempt's own status counts while ARM still keeps
 * it, and the state of the cluster after that.
 */
function withEnd(
  operation: RecordedOperation,
  { provisioningState, provisioningError }: ClusterModel,
  observation: Observation,
  now: number,
): RecordedOperation & Required<Pick<RecordedOperation, 'lastError'>> {
  const own = observation.arm.ok ? observation.arm.operation : undefined;
  const ended = ownEnd(observation);
  const { lastError } = operation;
  const noted = lastError && lastError.at >= operation.lastAttemptAt;
  if (noted && (ended === undefined || ended === operation.ended)) return { ...operation, lastError };
  const cause = ended
    ? { code: own?.code || ended, message: own?.message ?? '' }
    : (provisioningError ?? { code: provisioningState, message: 'ARM gives no cause' });
  return { ...operation, ...(ended ? { ended } : {}), lastError: { ...cause, at: timestamp(now) } };
}

/** This or another client resumed the operation, so its earlier end no longer counts. */
function restarted(operation: RecordedOperation): RecordedOperation {
  return omit(operation, ['ended', 'heldFor']);
}

export function stoppedHold(timing: Timing): Hold {
  return {
    reason: 'ClusterStopped',
    message: 'The cluster is stopped and accepts no change. Start it (az aks start) to go on.',
    stalled: false,
    afterMs: timing.stopped,
  };
}

function progressNote(progress: Progress | undefined): string {
  return progress ? `, ${progress.nodes.reimaged} of ${progress.nodes.total} nodes replaced` : '';
}

function fixFor(error: { readonly code: string; readonly message: string }): string {
  const fix = knownCause(error)?.fix;
  return fix === undefined ? '' : `${fix.charAt(0).toUpperCase()}${fix.slice(1)}`;
}

/** The error with which AKS gave up the last attempt; undefined where it did not, or where the attempt may not be ours. */
export function endOf(model: ClusterModel, operation: RecordedOperation | undefined): RecordedOperation['lastError'] {
  const { lastError, lastAttemptAt = '' } = operation ?? {};
  if (!isState(model.provisioningState, 'Failed') || !lastError || lastError.at < lastAttemptAt) return undefined;
  return { ...lastError, ...model.provisioningError };
}
