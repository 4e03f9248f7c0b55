import { escapeForDisplay } from '../../../api/display.ts';
import { sentences } from '../../../api/sentences.ts';
import { KubernetesError } from '../../../kubernetes/client/connection.ts';
import type { VerificationReport } from '../../model/follow-up.ts';

type Trouble = NonNullable<VerificationReport['trouble']>;

const ROLE = 'deploy/target-cluster/verify-role.yaml';
/** Longest part of a message of an API server or an admission webhook that is shown. */
const SHOWN = 768;
/** Statuses that may change with the next attempt: unauthorized, timeout, conflict, too many requests. */
const PASSING = new Set([401, 408, 409, 429]);

/** Why the target's API server refused the verification, and the fix. */
export function troubleOf(error: unknown, namespace: string): Trouble {
  // A failure without an answer of the API server, or with an invalid one.
  if (!(error instanceof KubernetesError)) return unreachable((error as Error).message);
  // The outer error may add advice about reading nodes, which does not fit a refusal of pods.
  const first = error.cause instanceof KubernetesError ? error.cause : error;
  const answer = escapeForDisplay(first.message, SHOWN);
  if (first.status === 403 && /violates PodSecurity/.test(first.message)) {
    const fix = `Allow hostPath volumes in that namespace, which spec.verify.trustStore needs: kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged`;
    return {
      reason: 'PodsRefused',
      message: `the namespace ${namespace} refuses the pods: ${sentences(answer)} ${fix}`,
    };
  }
  if (first.status === 403 && /User "[^"]*" cannot \w+ resource "nodes"/.test(first.message))
    return { reason: 'AccessDenied', message: escapeForDisplay(error.message, SHOWN) };
  if (first.status === 403 && /User "[^"]*" cannot/.test(first.message))
    return {
      reason: 'AccessDenied',
      message: `${sentences(answer)} Apply ${ROLE} in the target cluster and bind its Role`,
    };
  if (first.status === 404 && /namespaces "[^"]*" not found/.test(first.message))
    return {
      reason: 'NamespaceNotFound',
      message: `${sentences(answer)} Apply ${ROLE} in the target cluster. The controller's flag --verify-namespace names the namespace`,
    };
  if (isRefusal(first)) return { reason: 'PodsRefused', message: `the cluster refuses the pods: ${answer}` };
  return unreachable(error.message);
}

/** True for a refusal that stays until a person changes something in the target cluster. */
export function isRefusal(error: unknown): boolean {
  return error instanceof KubernetesError && error.status >= 400 && error.status < 500 && !PASSING.has(error.status);
}

export function unreachable(why: string): Trouble {
  return { reason: 'TargetUnreachable', message: `the nodes cannot be verified: ${escapeForDisplay(why, SHOWN)}` };
}
