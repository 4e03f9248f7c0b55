import { sentences } from '../../api/sentences.ts';
import type { ClusterModel } from '../../azure/cluster-model.ts';
import { backoffMs } from '../../waiting/backoff.ts';
import { knownCause } from '../../api/known-causes.ts';
import { isState, isStopped, offTarget, runningOperation } from '../model/provisioning-state.ts';
import type { Hold } from '../model/decision.ts';
import { heldTokens, stillHeld } from '../model/intent.ts';
import type { Observation } from '../model/observation.ts';
import {
  endOf,
  inPhase,
  momentOf,
  timestamp,
  type AttemptEnd,
  type OperationPhase,
  type RecordedOperation,
} from '../model/record.ts';
import { isFarAhead, notFarAhead } from '../model/record-times.ts';
import { omit } from '../model/omit.ts';
import { isCovered, type Progress } from '../reimage/progress.ts';
import type { Timing } from '../model/timing.ts';
import { namedTrouble, type UnseenWrites } from './unseen-writes.ts';
import type { Assessment, OpenOperation } from '../model/assessment.ts';

export interface AssessmentInput {
  readonly observation: Observation;
  readonly model: ClusterModel;
  readonly readAt: number;
  readonly operation: RecordedOperation;
  /** The writes that were not seen so far. */
  readonly unseen?: UnseenWrites | undefined;
  /** True when the cluster is as the operation wants it: the list that it sent is in ARM. */
  readonly isShown: boolean;
  /** Digest of the list that was read. */
  readonly digest: string;
  readonly progress: Progress | undefined;
  readonly now: number;
  readonly timing: Timing;
}

/** What one read shows of a recorded operation. The answer to the write proves nothing. */
export type Sight =
  /** ARM shows another list, over a busy, a stopped, or an idle cluster. */
  | 'OtherBusy'
  | 'OtherStopped'
  | 'OtherIdle'
  /** ARM shows its list. Some operation runs, or the cluster is stopped. */
  | 'Running'
  | 'Stopped'
  /** A resumed attempt had no time to arrive. Its list is in ARM from before, so only time shows that. */
  | 'Arriving'
  /** No old node remains, whichever client ended the last operation. */
  | 'AllReplaced'
  /** ARM reports Succeeded. The nodes cannot be read, old ones remain, or none is counted. */
  | 'SucceededUnread'
  | 'SucceededOldNodes'
  | 'SucceededUncounted'
  | 'Failed'
  | 'Canceled';

type Assess = (input: AssessmentInput) => Assessment;

/** The next phase of an operation, and what may be sent meanwhile, by what a read shows. Each row has its rows in the table test. */
const BY_SIGHT: Readonly<Record<Sight, Assess>> = {
  OtherBusy: notShownWhileBusy,
  OtherStopped: ({ operation, timing }) => waits(omit(operation, ['notFound']), stoppedHold(timing)),
  OtherIdle: notShown,
  Running: running,
  Stopped: ({ operation, timing }) => waits(seen(operation), stoppedHold(timing)),
  Arriving: arriving,
  AllReplaced: () => ({ kind: 'Done' }),
  SucceededUnread: nodesUnreadable,
  SucceededOldNodes: oldNodesRemain,
  SucceededUncounted: byPools,
  Failed: failed,
  Canceled: canceled,
};

/** Assesses a recorded operation by the list and the nodes that were read back. */
export function assess(input: AssessmentInput): Assessment {
  return BY_SIGHT[sightOf(input)](input);
}

/** The first of the sights that applies. */
function sightOf(input: AssessmentInput): Sight {
  const { observation, model, operation, isShown, progress } = input;
  const isBusy = runningOperation(model) !== undefined;
  if (!isShown) return isBusy ? 'OtherBusy' : isStopped(model) ? 'OtherStopped' : 'OtherIdle';
  if (isBusy) return 'Running';
  if (isStopped(model)) return 'Stopped';
  if (operation.attempts > 1 && arrivesIn(input) > 0) return 'Arriving';
  if (progress?.old === 0) return 'AllReplaced';
  if (isState(model.provisioningState, 'Succeeded')) {
    // Nodes can be compared only with a baseline. Without one, ARM alone counts.
    if (operation.baseline !== undefined && observation.nodes.kind === 'Unreadable') return 'SucceededUnread';
    return progress?.old === undefined ? 'SucceededUncounted' : 'SucceededOldNodes';
  }
  return isState(model.provisioningState, 'Canceled') ? 'Canceled' : 'Failed';
}

function waits(operation: RecordedOperation, hold: Hold): OpenOperation {
  return { kind: 'Open', allows: 'Nothing', operation, hold };
}

/** The time until a resumed attempt would show, in ms. */
function arrivesIn({ observation, operation, readAt, timing }: AssessmentInput): number {
  const sentFor = sinceNoted(observation, 'attemptMs', operation.lastAttemptAt, readAt);
  return timing.lostWrite + timing.agreeingReads - sentFor;
}

function notShownWhileBusy(input: AssessmentInput): Assessment {
  const { operation, model } = input;
  const message = `A list was sent, and ARM does not show it yet. The cluster is busy: ${runningOperation(model)}.`;
  const hold: Hold = { reason: 'Updating', message, stalled: false, afterMs: whileRunning(operation, input) };
  return waits(omit(operation, ['notFound']), hold);
}

/** ARM shows another list over an idle cluster: the write is still on its way, or it never arrived. */
function notShown({ observation, readAt, operation, digest, unseen, timing }: AssessmentInput): Assessment {
  const trouble = namedTrouble(unseen);
  const sent = `A list was sent at ${momentOf(Date.parse(operation.lastAttemptAt))}, and ARM does not show it.`;
  const wait = (operation: RecordedOperation, message: string, afterMs: number): Assessment =>
    waits(operation, { reason: 'Updating', message, ...trouble, stalled: false, afterMs });
  const { notFound } = operation;
  const arrivesWithin = timing.lostWrite - sinceNoted(observation, 'attemptMs', operation.lastAttemptAt, readAt);
  if (arrivesWithin > 0) {
    const message = `${sent} The controller waits for it to arrive before it sends again.`;
    return wait(omit(operation, ['notFound']), message, arrivesWithin);
  }
  const message = `${sent} A second read has to confirm that.`;
  if (notFound?.digest !== digest)
    return wait({ ...operation, notFound: { since: timestamp(readAt), digest } }, message, timing.agreeingReads);
  const left = timing.agreeingReads - sinceNoted(observation, 'absenceMs', notFound.since, readAt);
  return left > 0 ? wait(operation, message, left) : { kind: 'NeverArrived' };
}

/**
 * The age of a note in the record, in ms. Another process with another clock may have written the note, so the time for which
 * this process has seen the note counts where it is known.
 */
export function sinceNoted(
  { seenFor }: Observation,
  note: keyof NonNullable<Observation['seenFor']>,
  notedAt: string,
  readAt: number,
): number {
  return seenFor?.[note] ?? readAt - Date.parse(notedAt);
}

/** The operation once ARM shows its list: another list was not there for good, and the one that it superseded is over. */
export function seen(operation: RecordedOperation): RecordedOperation {
  const { phase, rolling } = operation;
  const kept = omit(operation, ['notFound', 'supersedes']);
  if (phase === 'Sent') return inPhase(kept, { phase: 'Rolling' });
  return rolling ? inPhase(kept, rollingPhase(rolling.resumedAfter)) : kept;
}

/** The operation while it runs. This or another client has resumed it, so its earlier end no longer counts. */
export function rolls(operation: RecordedOperation): RecordedOperation {
  const ended = endOf(operation);
  const resumedAfter = ended ? { code: ended.code, message: ended.message, at: ended.at } : undefined;
  return inPhase(seen(operation), rollingPhase(resumedAfter ?? operation.rolling?.resumedAfter));
}

type Rolling = NonNullable<RecordedOperation['rolling']>;

function rollingPhase(resumedAfter: Rolling['resumedAfter'], succeededSince?: string): OperationPhase {
  const rolling: Rolling = {
    ...(succeededSince === undefined ? {} : { succeededSince }),
    ...(resumedAfter ? { resumedAfter } : {}),
  };
  return { phase: 'Rolling', ...(Object.keys(rolling).length > 0 ? { rolling } : {}) };
}

function running(input: AssessmentInput): Assessment {
  const { operation, model, progress } = input;
  const message = `AKS replaces the nodes: ${runningOperation(model)}${progressNote(progress)}.`;
  const hold: Hold = { reason: 'Updating', message, stalled: false, afterMs: whileRunning(operation, input) };
  return waits(rolls(operation), hold);
}

function arriving(input: AssessmentInput): Assessment {
  const { operation, unseen } = input;
  const message = `The list was sent again at ${momentOf(Date.parse(operation.lastAttemptAt))}. The controller waits for it to arrive before it sends anything else.`;
  const trouble = namedTrouble(unseen);
  const afterMs = arrivesIn(input);
  return waits(seen(operation), { reason: 'Updating', message, ...trouble, stalled: false, afterMs });
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

/** The operation since ARM has reported Succeeded, and the time for which it has, in ms. */
export function succeeded(
  operation: RecordedOperation,
  now: number,
): { operation: RecordedOperation; since: string; forMs: number } {
  const since = notFarAhead(operation.rolling?.succeededSince ?? timestamp(now), now);
  const noted = inPhase(seen(operation), rollingPhase(rolls(operation).rolling?.resumedAfter, since));
  return { operation: noted, since, forMs: Math.max(0, now - Date.parse(since)) };
}

/** The time until the next read of an unchanged state, in ms: as long as the state has lasted, at most the drift interval. */
export function pollAfter(succeededMs: number, from: number, { drift }: Timing): number {
  return Math.min(Math.max(drift, from), Math.max(from, succeededMs));
}

/** ARM reports Succeeded, and the nodes cannot be read. Other changes do not wait for the nodes. */
function nodesUnreadable({ observation: { nodes }, operation: before, now, timing }: AssessmentInput): Assessment {
  const { operation, forMs } = succeeded(before, now);
  const why = nodes.kind === 'Unreadable' ? nodes.message : '';
  const message = `ARM reports Succeeded, but the controller cannot read whether every node was replaced. ${why}`;
  const afterMs = pollAfter(forMs, timing.busy[0], timing);
  return allowsOther(operation, { reason: 'NodesUnreadable', message, stalled: false, afterMs });
}

/** Nodes may register and leave for some time after ARM reports Succeeded. AKS does not replace nodes that are old after that. */
function oldNodesRemain({ operation: before, progress, now, timing }: AssessmentInput): Assessment {
  const { operation, since, forMs } = succeeded(before, now);
  const leftOld = forMs >= timing.leftOld;
  const nodes = progress?.old === 1 ? '1 node is' : `${progress?.old ?? 0} nodes are`;
  const message = leftOld
    ? `ARM has reported Succeeded since ${momentOf(Date.parse(since))}, and ${nodes} older than the change: AKS does not replace them. Delete their machines (az aks nodepool delete-machines), or reimage them (az aks nodepool upgrade --node-image-only), or remove spec.target.nodeAccess to go by what ARM reports.`
    : `ARM reports Succeeded, and ${nodes} older than the change.`;
  const afterMs = pollAfter(forMs, timing.poll, timing);
  return { ...allowsOther(operation, { reason: 'Updating', message, stalled: leftOld, afterMs }), leftOld };
}

/** Without access to the nodes, ARM has to report Succeeded for the cluster and for every pool. */
function byPools({ model, operation, timing }: AssessmentInput): Assessment {
  const pool = model.pools.find((one) => isCovered(one) && !isState(one.provisioningState, 'Succeeded'));
  if (!pool) return { kind: 'Done' };
  const message = `ARM reports Succeeded for the cluster and ${pool.provisioningState} for node pool ${pool.name}. Without access to its nodes it is not known whether they were replaced. Find the cause (az aks nodepool show) and bring the pool to Succeeded, or set spec.target.nodeAccess.`;
  return allowsOther(rolls(operation), clusterFailed(message, timing));
}

function allowsOther(operation: RecordedOperation, hold: Hold): OpenOperation {
  return { kind: 'Open', allows: 'OtherChange', operation, hold };
}

function clusterFailed(message: string, { failed: afterMs }: Timing): Hold {
  return { reason: 'ClusterFailed', message, stalled: false, afterMs };
}

/** A person aborted the operation, so only a person releases it. */
function canceled(input: AssessmentInput): Assessment {
  const { observation, model, operation: before, progress, timing } = input;
  const end = endNow(input, 'Canceled');
  // Old nodes remain, so the operation is ours to finish. Where nodes are not read, only its own status proves that it is ours.
  const isOurs = progress?.old !== undefined || end.confirmed === true;
  const heldFor = before.canceled?.heldFor ?? heldTokens(observation.intents);
  const isReleased = before.canceled?.heldFor !== undefined && !stillHeld(heldFor, observation.intents);
  const operation = inPhase(seen(before), { phase: 'Canceled', canceled: { ...end, heldFor } });
  if (isReleased)
    return isOurs ? resumable(model, operation, undefined, timing) : allowsOther(operation, notOurs(model, timing));
  if (!isOurs) return waits(operation, notOurs(model, timing));
  const message = `The operation was canceled${progressNote(progress)}. To resume it, edit the object or annotate it with aks-ca-trust.dev/reconcile-requested-at.`;
  return waits(operation, { reason: 'UpdateCanceled', message, stalled: true, afterMs: timing.failed });
}

function failed(input: AssessmentInput): Assessment {
  const { model, operation: before, progress, unseen, timing, now } = input;
  const end = endNow(input, 'Failed');
  // A person's word counts until it is released, whatever another client's operation does to the state of the cluster.
  const isCanceled = before.canceled?.heldFor !== undefined || ownEnd(input.observation) === 'Canceled';
  if (isCanceled && !end.confirmed) return canceled(input);
  if (progress?.old === undefined && !end.confirmed) return allowsOther(seen(before), notOurs(model, timing));
  const operation = inPhase(seen(before), { phase: 'Failed', failed: end });
  const { code, message } = model.provisioningError ?? end;
  const [fromMs, toMs] = timing.resume;
  const due = Date.parse(end.at) + backoffMs({ fromMs, toMs }, operation.attempts - 1);
  const cause = [code, message].filter((part) => part !== '').join(': ');
  const text = `AKS could not finish replacing the nodes${progressNote(progress)}: ${cause}`;
  if (due <= now) return resumable(model, operation, undefined, timing);
  const next = `Attempt ${operation.attempts + 1} at ${momentOf(due)}.`;
  const trouble = namedTrouble(unseen);
  const description = trouble
    ? { reason: trouble.reason, message: `${trouble.message} ${next}` }
    : ({ reason: 'UpdateFailed', message: sentences(text, fixFor({ code, message }), next) } as const);
  return resumable(model, operation, { ...description, stalled: false, afterMs: due - now }, timing);
}

function resumable(
  model: ClusterModel,
  operation: RecordedOperation,
  hold: Hold | undefined,
  timing: Timing,
): Assessment {
  const off = offTarget(model);
  if (off === undefined) return { kind: 'Open', allows: 'Retry', operation, ...(hold ? { hold } : {}) };
  const message = `The cluster is in state ${model.provisioningState} and ${off}. A write of the list would resume that upgrade. Finish the upgrade or undo it first.`;
  return waits(operation, clusterFailed(message, timing));
}

function notOurs(model: ClusterModel, timing: Timing): Hold {
  const message = `The cluster is in state ${model.provisioningState}. Without access to its nodes it is not known whether that was the controller's operation. Bring the cluster to Succeeded (az aks update), or set spec.target.nodeAccess.`;
  return clusterFailed(message, timing);
}

/** True when what was read shows that the recorded attempt reached ARM. */
export function hasArrived(
  assessment: Assessment,
  { observation, model, operation, isShown }: AssessmentInput,
): boolean {
  if (assessment.kind === 'Done') return true;
  if (!isShown) return false;
  // The list of a resumed write was in ARM before, so only its effect shows that it arrived.
  return (
    operation.attempts === 1 ||
    runningOperation(model) !== undefined ||
    isState(model.provisioningState, 'Succeeded') ||
    ownEnd(observation) !== undefined
  );
}

/** The end of the last attempt by its own status, while ARM still keeps that status. */
export function ownEnd({ arm }: Observation): 'Failed' | 'Canceled' | undefined {
  const status = arm.ok ? arm.operation?.status : undefined;
  return status === 'Failed' || status === 'Canceled' ? status : undefined;
}

/**
 * How the last attempt ended. It is noted once, when it is first seen. The attempt's own status counts while ARM still keeps it,
 * and the state of the cluster after that.
 */
export function endNow(
  { operation, model, observation, now }: AssessmentInput,
  state: 'Failed' | 'Canceled',
): AttemptEnd {
  const own = observation.arm.ok ? observation.arm.operation : undefined;
  const ended = ownEnd(observation);
  const before = endOf(operation);
  const wasConfirmed = before?.confirmed === true && operation.phase === state;
  const isConfirmed = ended === undefined ? wasConfirmed : ended === state;
  const confirmed = isConfirmed ? { confirmed: true } : {};
  // Where a clock ahead of ours noted the attempt, no end that is noted now can be later.
  const isNoted =
    before !== undefined && (before.at >= operation.lastAttemptAt || isFarAhead(operation.lastAttemptAt, now));
  if (isNoted && (ended === undefined || isConfirmed === wasConfirmed))
    return { code: before.code, message: before.message, at: notFarAhead(before.at, now), ...confirmed };
  const cause = ended
    ? { code: own?.code || ended, message: own?.message ?? '' }
    : (model.provisioningError ?? { code: model.provisioningState, message: 'ARM gives no cause' });
  return { code: cause.code, message: cause.message, ...confirmed, at: timestamp(now) };
}

export function stoppedHold(timing: Timing): Hold {
  return {
    reason: 'ClusterStopped',
    message: 'The cluster is stopped and accepts no change. Start it (az aks start) to go on.',
    stalled: false,
    afterMs: timing.stopped,
  };
}

export function progressNote(progress: Progress | undefined): string {
  return progress ? `, ${progress.nodes.reimaged} of ${progress.nodes.total} nodes replaced` : '';
}

export function fixFor(error: { readonly code: string; readonly message: string }): string {
  const fix = knownCause(error)?.fix;
  return fix === undefined ? '' : `${fix.charAt(0).toUpperCase()}${fix.slice(1)}`;
}

/** The error with which AKS gave up the last attempt; undefined where it did not, or where the attempt may not be ours. */
export function causeOfEnd(model: ClusterModel, { failed, lastAttemptAt }: RecordedOperation): AttemptEnd | undefined {
  if (!isState(model.provisioningState, 'Failed') || !failed || failed.at < lastAttemptAt) return undefined;
  return { ...failed, ...model.provisioningError };
}
