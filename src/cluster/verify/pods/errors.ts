import { escapeForDisplay } from '../../../api/display.ts';
import { KubernetesError } from '../../../kubernetes/client/connection.ts';
import type { VerificationReport } from '../types.ts';

type Trouble = NonNullable<VerificationReport['trouble']>;

const ROLE = 'deploy/target-cluster/verify-role.yaml';
/** Longest part of what an API server, or what lets pods in there, has said. */
const SHOWN = 768;
/** Answers that may be others the next time, whatever is asked: who we are, how busy it is, who was first. */
const PASSING = new Set([401, 408, 409, 429]);

/** Why the target's API server did not let us verify, and the mend. */
export function troubleOf(error: unknown, namespace: string): Trouble {
  // An answer that makes no sense is no KubernetesError.
  if (!(error instanceof KubernetesError)) return unreachable((error as Error).message);
  // Where the way to the cluster has a mend of its own, it is one for reading nodes.
  const first = error.cause instanceof KubernetesError ? error.cause : error;
  const said = escapeForDisplay(first.message, SHOWN);
  if (first.status === 403 && /violates PodSecurity/.test(first.message)) {
    const mend = `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged allows hostPath volumes there, which spec.verify.trustStore needs`;
    return { reason: 'PodsRefused', message: `the namespace ${namespace} does not take the pods: ${said}; ${mend}` };
  }
  if (first.status === 403 && /User "[^"]*" cannot \w+ resource "nodes"/.test(first.message))
    return { reason: 'AccessDenied', message: escapeForDisplay(error.message, SHOWN) };
  if (first.status === 403 && /User "[^"]*" cannot/.test(first.message))
    return { reason: 'AccessDenied', message: `${said}; apply ${ROLE} in the target cluster and bind its Role` };
  if (first.status === 404 && /namespaces "[^"]*" not found/.test(first.message))
    return {
      reason: 'NamespaceNotFound',
      message: `${said}; apply ${ROLE} in the target cluster; the controller's flag --verify-namespace names the namespace`,
    };
  if (isRefusal(first)) return { reason: 'PodsRefused', message: `the cluster does not take the pods: ${said}` };
  return unreachable(error.message);
}

/** True of an answer that says no, and will say so until somebody does something about it. */
export function isRefusal(error: unknown): boolean {
  return error instanceof KubernetesError && error.status >= 400 && error.status < 500 && !PASSING.has(error.status);
}

export function unreachable(why: string): Trouble {
  return { reason: 'TargetUnreachable', message: `the nodes cannot be asked: ${escapeForDisplay(why, SHOWN)}` };
}
