import { sentences } from '../../../api/sentences.ts';
import type { ClusterModel } from '../../../azure/cluster-model.ts';
import {
  endNow,
  fixFor,
  ownEnd,
  pollAfter,
  progressNote,
  rolls,
  seen,
  sinceNoted,
  stoppedHold,
  succeeded,
  type AssessmentInput,
} from '../../operation/assess.ts';
import { namedTrouble } from '../../operation/unseen-writes.ts';
import type { Assessment } from '../../model/assessment.ts';
import type { Hold } from '../../model/decision.ts';
import type { Observation } from '../../model/observation.ts';
import { isState, isStopped, offTarget, runningOperation } from '../../model/provisioning-state.ts';
import {
  endOf,
  inPhase,
  isSeen,
  momentOf,
  timestamp,
  type AttemptEnd,
  type RecordedOperation,
} from '../../model/record.ts';
import { omit } from '../../model/omit.ts';
import { isRotatedPool } from './pools.ts';
import { notedStates, releaseOf, type HeldRotation } from './release.ts';

/** What one read shows of a recorded rotation. The answer to the POST proves nothing, and ARM keeps no wanted state to compare with. */
export type RotationSight =
  /** ARM says so, of the cluster, a pool, or the operation itself. */
  | 'Rotating'
  /** Another operation runs. */
  | 'OtherBusy'
  | 'Stopped'
  /** The state is from before this attempt, which may still be on its way. */
  | 'Arriving'
  /** ARM reports Succeeded, and the cluster CA was not read, is another one, or is the old one. */
  | 'CAUnread'
  | 'NewCA'
  | 'OldCA'
  | 'Failed'
  | 'Canceled';

type Assess = (input: AssessmentInput) => Assessment;

const BY_SIGHT: Readonly<Record<RotationSight, Assess>> = {
  Rotating: rotating,
  OtherBusy: otherBusy,
  Stopped: ({ operation, timing }) => waits(operation, stoppedHold(timing)),
  Arriving: arriving,
  CAUnread: unread,
  NewCA: newCA,
  OldCA: oldCA,
  Failed: failed,
  Canceled: canceled,
};

/** Assesses a recorded rotation by the state of the cluster, its CA as ARM lists it, and its nodes. */
export function assessRotation(input: AssessmentInput): Assessment {
  return BY_SIGHT[rotationSight(input)](input);
}

/** The first of the sights that applies. */
export function rotationSight(input: AssessmentInput): RotationSight {
  const { observation, model, operation } = input;
  if (isRotating(model) || (ownStatus(observation) === 'InProgress' && !isOutlived(input))) return 'Rotating';
  if (runningOperation(model) !== undefined) return 'OtherBusy';
  if (isStopped(model)) return 'Stopped';
  const isIdle = isState(model.provisioningState, 'Succeeded');
  const mayArrive = !isAttemptSeen(input) && arrivesIn(input) > 0;
  if (mayArrive && (!isIdle || operation.attempts > 1)) return 'Arriving';
  if (!isIdle) return isState(model.provisioningState, 'Canceled') ? 'Canceled' : 'Failed';
  const ca = observation.clusterCA;
  if (!ca?.ok) return 'CAUnread';
  return ca.fingerprint === operation.rotateCertificates?.oldCA ? 'OldCA' : 'NewCA';
}

/** True where the operation's own status still says that it runs, long after AKS was done with the cluster and its pools. */
function isOutlived(input: AssessmentInput): boolean {
  const { model, timing } = input;
  const states = [model.provisioningState, ...model.pools.map((pool) => pool.provisioningState)];
  return sinceAttempt(input) >= timing.rotation.hangs[1] && states.every((state) => isState(state, 'Succeeded'));
}

/** True where something shows that the recorded rotation reached ARM. */
export function isRotationShown(
  operation: RecordedOperation,
  model: ClusterModel,
  { clusterCA, arm }: Observation,
): boolean {
  const isNew = clusterCA?.ok === true && clusterCA.fingerprint !== operation.rotateCertificates?.oldCA;
  const own = arm.ok ? (arm.operation?.status ?? 'Unknown') : 'Unknown';
  return isRotating(model) || isNew || isSeen(operation) || own !== 'Unknown';
}

/** `RotatingClusterCertificates`, of the cluster or a pool. People are shown it as `Certificate Rotating`. */
export function isRotating({ provisioningState, pools }: ClusterModel): boolean {
  const states = [provisioningState, ...pools.map((pool) => pool.provisioningState)];
  return states.some((state) => /rotat/i.test(state) && /cert/i.test(state));
}

function waits(operation: RecordedOperation, hold: Hold): Assessment {
  return { kind: 'Open', allows: 'Nothing', operation, hold };
}

function ownStatus({ arm }: Observation): string | undefined {
  return arm.ok ? arm.operation?.status : undefined;
}

/** True once this very attempt was seen to run or to end. */
function isAttemptSeen({ observation, operation }: AssessmentInput): boolean {
  const end = endOf(operation);
  const status = ownStatus(observation);
  const hasEnded = end !== undefined && end.at >= operation.lastAttemptAt;
  return (
    operation.phase === 'Rolling' || hasEnded || status === 'Failed' || status === 'Canceled' || status === 'Succeeded'
  );
}

/** How long the attempt is ago, in ms. */
function sinceAttempt({ observation, operation, readAt }: AssessmentInput): number {
  return sinceNoted(observation, 'attemptMs', operation.lastAttemptAt, readAt);
}

/** The time until the attempt would show, in ms. */
function arrivesIn(input: AssessmentInput): number {
  return input.timing.rotation.arrives - sinceAttempt(input);
}

function rotating(input: AssessmentInput): Assessment {
  const { operation, model, progress } = input;
  const state =
    runningOperation(model) ?? `its operation is not complete, and the cluster is in state ${model.provisioningState}`;
  const text = `AKS rotates the certificates of the cluster: ${state}${progressNote(progress)}.`;
  return waits(rolls(operation), orHanging(text, input));
}

/** The hold of a rotation that runs; of one that has run for too long, what to do. It is never sent again nor aborted meanwhile. */
function orHanging(text: string, input: AssessmentInput): Hold {
  const { operation, timing } = input;
  const [slow, hanging] = timing.rotation.hangs;
  const ms = sinceAttempt(input);
  if (ms < slow) return { reason: 'Updating', message: text, stalled: false, afterMs: timing.poll };
  const since = `It was sent at ${momentOf(Date.parse(operation.lastAttemptAt))}, and AKS names 30 minutes for it.`;
  if (ms < hanging)
    return { reason: 'RotationSlow', message: `${text} ${since}`, stalled: false, afterMs: timing.poll };
  const help =
    'The controller neither sends it again nor aborts it. Open a support request for the cluster, and name the operation RotateClusterCertificates and this time.';
  return { reason: 'RotationHangs', message: `${text} ${since} ${help}`, stalled: true, afterMs: timing.busy[0] };
}

function otherBusy({ operation, model, timing }: AssessmentInput): Assessment {
  const message = isSeen(operation)
    ? `The rotation is not complete, and the cluster is busy: ${runningOperation(model)}.`
    : `A rotation was sent to ARM, which does not show it yet. The cluster is busy: ${runningOperation(model)}.`;
  const hold: Hold = { reason: 'Updating', message, stalled: false, afterMs: timing.poll };
  return waits(omit(operation, ['notFound']), hold);
}

function arriving(input: AssessmentInput): Assessment {
  const { operation, unseen, timing } = input;
  const message = `The rotation was sent at ${momentOf(Date.parse(operation.lastAttemptAt))}. The controller waits for it to arrive before it sends anything else.`;
  const afterMs = Math.min(timing.poll, arrivesIn(input));
  return waits(operation, { reason: 'Updating', message, ...namedTrouble(unseen), stalled: false, afterMs });
}

/** Nothing is concluded while the CA cannot be read. */
function unread(input: AssessmentInput): Assessment {
  const { observation, operation, timing } = input;
  const ca = observation.clusterCA;
  const [reason, why, afterMs] =
    ca?.ok === false ? [ca.reason, ca.message, ca.afterMs] : (['Updating', '', 0] as const);
  const message = sentences('ARM reports Succeeded, and whether the cluster has another CA is not known', why);
  const stalled = sinceAttempt(input) >= timing.rotation.hangs[1];
  const hold: Hold = { reason, message, stalled, afterMs: Math.max(timing.poll, afterMs) };
  // AKS is done with it, and the list of custom CAs does not depend on the CA.
  return stalled ? { kind: 'Open', allows: 'OtherChange', operation, hold, yields: true } : waits(operation, hold);
}

/** The CA is another one: the pools and their nodes have to follow. */
function newCA(input: AssessmentInput): Assessment {
  const { observation, model, operation: before, progress, now, timing } = input;
  const { operation, since, forMs } = succeeded(before, now);
  const pool = model.pools.find((one) => isRotatedPool(one) && !isState(one.provisioningState, 'Succeeded'));
  if (pool) {
    const message = `The cluster has another CA, and ARM reports ${pool.provisioningState} for node pool ${pool.name}, so its nodes may not be able to join. Find the cause (az aks nodepool show) and bring the pool to Succeeded.`;
    const hold: Hold = { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed };
    return { kind: 'Open', allows: 'OtherChange', operation, hold, yields: true };
  }
  const wait = (message: string, afterMs: number): Assessment =>
    waits(operation, { reason: 'Updating', message, stalled: false, afterMs });
  // A listing may come from a replica that is behind.
  if (forMs < timing.agreeingReads)
    return wait('The cluster has another CA. A second read has to confirm that.', timing.agreeingReads - forMs);
  // Another attempt keeps the CA of the one before it, or replaces it again, and ARM may list it for some time after that.
  const left = timing.rotation.arrives - forMs;
  if (left > 0 && before.attempts > 1 && isOfEarlierAttempt(input))
    return wait(
      'The cluster has the CA of an earlier attempt. The controller waits, because ARM may list it for some minutes although the last attempt replaced it.',
      Math.min(timing.poll, left),
    );
  if (progress?.old === 0) return { kind: 'Done' };
  if (progress?.old !== undefined) {
    const nodes = progress.old === 1 ? '1 node is' : `${progress.old} nodes are`;
    if (forMs < timing.leftOld)
      return wait(
        `The cluster has another CA, and ${nodes} older than the rotation.`,
        pollAfter(forMs, timing.poll, timing),
      );
    const message = `The cluster has had another CA since ${momentOf(Date.parse(since))}, and ${nodes} older than the rotation: they have the old certificates, and AKS does not replace them. Delete their machines (az aks nodepool delete-machines), or reimage them (az aks nodepool upgrade --node-image-only).`;
    const hold: Hold = { reason: 'Updating', message, stalled: true, afterMs: pollAfter(forMs, timing.poll, timing) };
    return { kind: 'Open', allows: 'OtherChange', operation, hold, leftOld: true };
  }
  // The credentials that read the nodes may be the ones that were rotated away, so ARM alone counts after a while.
  const isUnread = observation.nodes.kind !== 'NoAccess' && before.baseline !== undefined;
  if (isUnread && forMs < timing.leftOld)
    return wait('The cluster has another CA, and its nodes cannot be read yet.', pollAfter(forMs, timing.poll, timing));
  return { kind: 'Done' };
}

function isOfEarlierAttempt({ observation: { clusterCA }, operation }: AssessmentInput): boolean {
  return !(clusterCA?.ok === true && clusterCA.createdAt >= Date.parse(operation.lastAttemptAt));
}

/** ARM reports Succeeded with the old CA: the rotation is on its way, never arrived, or ended without effect. */
function oldCA(input: AssessmentInput): Assessment {
  const { observation, readAt, operation, unseen, progress, timing } = input;
  const { oldCA = '' } = operation.rotateCertificates ?? {};
  const isOwnDone = ownStatus(observation) === 'Succeeded';
  const newNodes = progress?.members.size ? progress.nodes.reimaged : 0;
  const sent = `The rotation was sent at ${momentOf(Date.parse(operation.lastAttemptAt))}, and the cluster has the same CA.`;
  // It was seen to run, or nodes are newer than it. ARM may list the old CA for some time after Succeeded.
  if (operation.phase === 'Rolling' || isOwnDone || (operation.phase === 'Sent' && newNodes > 0)) {
    const same =
      operation.notFound?.digest === oldCA ? operation.notFound : { since: timestamp(readAt), digest: oldCA };
    // It may have hung until a moment ago.
    const isLasting = sinceNoted(observation, 'absenceMs', same.since, readAt) >= timing.rotation.arrives;
    if (isLasting && sinceAttempt(input) >= timing.rotation.hangs[1]) return { kind: 'NeverArrived' };
    const message = `${sent} ARM reports Succeeded. The controller waits for another CA.`;
    const hold: Hold = { reason: 'Updating', message, stalled: false, afterMs: timing.poll };
    return waits({ ...seen(operation), notFound: same }, hold);
  }
  const wait = (operation: RecordedOperation, message: string, afterMs: number): Assessment =>
    waits(operation, { reason: 'Updating', message, ...namedTrouble(unseen), stalled: false, afterMs });
  const left = arrivesIn(input);
  if (left > 0) {
    const message = `${sent} The controller waits for it to arrive before it sends again.`;
    return wait(omit(operation, ['notFound']), message, Math.min(timing.busy[0], left));
  }
  const { notFound } = operation;
  const message = `${sent} A second read has to confirm that.`;
  const { agreeing } = timing.rotation;
  if (notFound?.digest !== oldCA)
    return wait({ ...operation, notFound: { since: timestamp(readAt), digest: oldCA } }, message, agreeing);
  const rest = agreeing - sinceNoted(observation, 'absenceMs', notFound.since, readAt);
  return rest > 0 ? wait(operation, message, rest) : { kind: 'NeverArrived' };
}

/** ARM need not keep a status of a rotation itself. A rotation that ran a moment ago is the one that has ended. */
function endOfAttempt(input: AssessmentInput, state: 'Failed' | 'Canceled'): AttemptEnd {
  const end = endNow(input, state);
  const isOwn = input.observation.ranLately === true && ownEnd(input.observation) === undefined;
  return isOwn ? { ...end, confirmed: true } : end;
}

/**
 * True where the failure or the cancellation is that of our rotation: it was seen to end so, or it cannot have succeeded, because the
 * CA or a node is still the old one. With another CA and no old node in sight, another client's operation may have failed after it.
 */
function isOurs(input: AssessmentInput, confirmed: boolean | undefined): boolean {
  const { operation, observation, progress } = input;
  const isNew = hasNewCA(input);
  if (confirmed === true) return true;
  if (!isSeen(operation) && !isNew) return false;
  return (observation.clusterCA?.ok === true && !isNew) || (progress?.old ?? 0) > 0;
}

function hasNewCA({ operation, observation: { clusterCA } }: AssessmentInput): boolean {
  return clusterCA?.ok === true && clusterCA.fingerprint !== operation.rotateCertificates?.oldCA;
}

/** The rotation was seen to succeed, so another client's operation has left the cluster in its state. It is not sent again. */
function afterSuccess(input: AssessmentInput): Assessment | undefined {
  const { observation, model, operation, timing } = input;
  const hasSucceeded = ownStatus(observation) === 'Succeeded' || operation.rolling?.succeededSince !== undefined;
  if (!hasSucceeded || ownEnd(observation) !== undefined) return undefined;
  const message = `The rotation succeeded, and another client's operation has left the cluster in state ${model.provisioningState} since. Bring the cluster to Succeeded (az aks update).`;
  const hold: Hold = { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed };
  return { kind: 'Open', allows: 'OtherChange', operation, hold, yields: true };
}

function failed(input: AssessmentInput): Assessment {
  const { observation, model, operation: before, progress, now, timing } = input;
  const succeededBefore = afterSuccess(input);
  if (succeededBefore) return succeededBefore;
  const end = endOfAttempt(input, 'Failed');
  // A person's word counts until it is released, whatever another client's operation does to the state of the cluster.
  if (before.canceled?.heldFor !== undefined && ownEnd(observation) !== 'Failed') return canceled(input);
  if (!isOurs(input, end.confirmed)) return waits(before, notOurs(input));
  const isLast = before.attempts > timing.rotation.retries.length;
  const isNoted = before.phase === 'Failed' && before.failed.at === end.at;
  const held = heldRotation(before, isNoted ? before.failed.heldFor : undefined);
  const heldFor = isLast ? notedStates(held, observation) : undefined;
  const operation = inPhase(seen(before), { phase: 'Failed', failed: { ...end, ...(heldFor ? { heldFor } : {}) } });
  const off = offTarget(model);
  if (off !== undefined) return waits(operation, offTargetHold(model, off, input));
  const cause = model.provisioningError ?? end;
  const words = [cause.code, cause.message].filter((part) => part !== '').join(': ');
  const text = `AKS could not finish rotating the certificates${progressNote(progress)}: ${words}`;
  if (heldFor) {
    const release = releasedBy(held, input);
    if (release === 'Released') return { kind: 'Open', allows: 'Retry', operation };
    if (release) return waits(operation, release);
    const help = `It was sent ${before.attempts} times. Open a support request for the cluster, and name the operation RotateClusterCertificates and these times: ${momentOf(Date.parse(before.startedAt))} to ${momentOf(Date.parse(before.lastAttemptAt))}. For one more attempt, edit the object or annotate it with aks-ca-trust.dev/reconcile-requested-at.`;
    const message = sentences(text, fixFor(cause), help);
    return waits(operation, { reason: 'RotationFailed', message, stalled: true, afterMs: timing.failed });
  }
  const due = Date.parse(end.at) + (timing.rotation.retries[before.attempts - 1] ?? 0);
  if (due <= now) return { kind: 'Open', allows: 'Retry', operation };
  const message = sentences(text, fixFor(cause), `Attempt ${before.attempts + 1} at ${momentOf(due)}`);
  const hold: Hold = { reason: 'RotationFailed', message, stalled: false, afterMs: due - now };
  return { kind: 'Open', allows: 'Retry', operation, hold };
}

/** A person aborted it, so only a person releases it. */
function canceled(input: AssessmentInput): Assessment {
  const { observation, model, operation: before, progress, timing } = input;
  const succeededBefore = afterSuccess(input);
  if (succeededBefore) return succeededBefore;
  const end = endOfAttempt(input, 'Canceled');
  if (end.confirmed !== true && !isSeen(before) && !hasNewCA(input)) return waits(before, notOurs(input));
  const held = heldRotation(before, before.canceled?.heldFor);
  const release = releasedBy(held, input);
  const heldFor = notedStates(held, observation);
  const operation = inPhase(seen(before), { phase: 'Canceled', canceled: { ...end, heldFor } });
  const off = offTarget(model);
  if (off !== undefined) return waits(operation, offTargetHold(model, off, input));
  if (release === 'Released')
    return isOurs(input, end.confirmed)
      ? { kind: 'Open', allows: 'Retry', operation }
      : waits(operation, notOurs(input));
  if (release) return waits(operation, release);
  const message = `The rotation was canceled${progressNote(progress)}. Nodes may have certificates of the old CA. To start it again, edit the object or annotate it with aks-ca-trust.dev/reconcile-requested-at.`;
  return waits(operation, { reason: 'RotationCanceled', message, stalled: true, afterMs: timing.failed });
}

function heldRotation({ rotateCertificates }: RecordedOperation, heldFor: readonly string[] | undefined): HeldRotation {
  return { ...(rotateCertificates ?? { oldCA: '' }), heldFor };
}

function releasedBy(held: HeldRotation, { observation, now, timing }: AssessmentInput): ReturnType<typeof releaseOf> {
  return releaseOf(held, { observation, memory: observation.record?.status?.rotation, now, timing });
}

function notOurs({ model, timing }: AssessmentInput): Hold {
  const message = `A rotation was sent to ARM, and the cluster is in state ${model.provisioningState}. It is not known whether that was the rotation, so it is not sent again. Bring the cluster to Succeeded (az aks update).`;
  return { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed };
}

function offTargetHold(model: ClusterModel, off: string, { timing }: AssessmentInput): Hold {
  const message = `The rotation ended in state ${model.provisioningState}, and ${off}. Finish that upgrade or undo it; the rotation is sent again after that.`;
  return { reason: 'ClusterFailed', message, stalled: false, afterMs: timing.failed };
}
