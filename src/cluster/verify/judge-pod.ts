import { escapeForDisplay } from '../../api/display.ts';
import { judgePullFailure } from './pull-errors.ts';
import { judgeTrustStore } from './trust-store.ts';
import type { NodeResult, PodView } from './types.ts';
import type { WantedVerification } from './request.ts';

/** Age at which a pod is given up, by its kubelet and by this controller, in ms. */
export const POD_DEADLINE = 5 * 60_000;
/** An inconclusive failure may pass: it becomes the result at this age of the pod, in ms. */
const PATIENCE = 60_000;

/** Reasons of the kubelet for a container that waits after its image was pulled (kubernetes/kubernetes, pkg/kubelet/container). */
const PULLED = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'PreCreateHookError',
  'PreStartHookError',
  'RunContainerError',
  'CrashLoopBackOff',
]);
/** … and for one whose image could not be pulled (pkg/kubelet/images/types.go). */
const PULL_FAILED = new Set(['ErrImagePull', 'ImagePullBackOff', 'RegistryUnavailable']);
/** Reasons with which the kubelet never tries to pull. */
const NO_ATTEMPT = new Set(['InvalidImageName', 'ErrImageNeverPull', 'SignatureValidationFailed', 'ImageInspectError']);

/** The result for a pod's node; undefined while there is none yet. `serverNow` is by the target's own clock, in ms. */
export function judgePod(pod: PodView, wanted: WantedVerification, serverNow: number): NodeResult | undefined {
  const result = wanted.spec.image === undefined ? judgeStore(pod, wanted) : judgePull(pod);
  const age = serverNow - pod.createdAt;
  if (result && (result.outcome !== 'Unclear' || hasEnded(pod) || isFinal(pod) || age >= PATIENCE)) return result;
  if (hasEnded(pod)) {
    const why = escapeForDisplay([pod.reason, pod.message].filter((part) => part !== '').join(': ') || pod.phase, 512);
    return { outcome: 'Unclear', message: `the pod ended without a result: ${why}${warningOf(pod)}` };
  }
  if (age < POD_DEADLINE) return undefined;
  const { container } = pod;
  const state = container.kind === 'Waiting' ? container.reason : container.kind === 'None' ? pod.phase : 'Running';
  const message = `the pod gave no result in ${POD_DEADLINE / 60_000} minutes (${escapeForDisplay(state)})`;
  return { outcome: 'Unclear', message: message + warningOf(pod) };
}

/** Why the pod hangs: no address for it, a volume that cannot be mounted, the image of a container that a webhook added. */
function warningOf({ warning }: PodView): string {
  return warning === undefined ? '' : `; ${escapeForDisplay(warning, 256)}`;
}

function hasEnded({ phase }: PodView): boolean {
  return phase === 'Failed' || phase === 'Succeeded';
}

function isFinal({ container }: PodView): boolean {
  return container.kind === 'Ended' || (container.kind === 'Waiting' && NO_ATTEMPT.has(container.reason));
}

function judgePull(pod: PodView): NodeResult | undefined {
  const { container } = pod;
  switch (container.kind) {
    case 'None':
      return undefined;
    case 'Running':
      return { outcome: 'Trusted', message: 'the image was pulled' };
    case 'Ended':
      // The kubelet reports this for a container that it has lost track of.
      if (container.reason === 'ContainerStatusUnknown') return undefined;
      return { outcome: 'Trusted', message: 'the image was pulled' };
    case 'Waiting':
      if (PULLED.has(container.reason)) return { outcome: 'Trusted', message: 'the image was pulled' };
      return pullFailure(pod);
  }
}

function judgeStore(pod: PodView, { expected, complete }: WantedVerification): NodeResult | undefined {
  const { container } = pod;
  if (container.kind === 'Ended' && container.exitCode === 0 && container.reason === 'Completed')
    return judgeTrustStore(container.message, expected, complete);
  if (container.kind === 'Ended') {
    const why = escapeForDisplay(`${container.reason}: ${container.message}`, 512);
    return { outcome: 'Unclear', message: `the check failed (exit code ${container.exitCode}): ${why}` };
  }
  const failure = pullFailure(pod);
  if (failure) return { outcome: 'Unclear', message: `the image of the check could not be pulled: ${failure.message}` };
  if (container.kind === 'Waiting' && PULLED.has(container.reason))
    return { outcome: 'Unclear', message: escapeForDisplay(`${container.reason}: ${container.message}`, 512) };
  return undefined;
}

function pullFailure({ container, pullFailure }: PodView): NodeResult | undefined {
  if (container.kind !== 'Waiting') return undefined;
  const { reason, message } = container;
  if (PULL_FAILED.has(reason)) return judgePullFailure(pullFailure ?? message);
  if (!NO_ATTEMPT.has(reason)) return undefined;
  return {
    outcome: 'Unclear',
    message: `the kubelet did not try to pull: ${escapeForDisplay(`${reason}: ${message}`, 512)}`,
  };
}
