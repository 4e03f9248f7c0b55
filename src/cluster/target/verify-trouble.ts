import { escapeForDisplay } from '../../api/display.ts';
import { KubernetesError } from '../../kubernetes/connection.ts';
import type { VerificationReport } from '../verify/verification.ts';

type Trouble = NonNullable<VerificationReport['trouble']>;

const ROLE = 'deploy/target-cluster/verify-role.yaml';

export const NO_ACCESS: Trouble = {
  reason: 'NoNodeAccess',
  message: 'nodes are asked by pods in the cluster: set spec.target.nodeAccess',
};

/** Why the target's API server did not let us verify, and the mend. */
export function troubleOf(error: KubernetesError, namespace: string): Trouble {
  // Where the way to the cluster has a mend of its own, it is one for reading nodes.
  const first = error.cause instanceof KubernetesError ? error.cause : error;
  const said = escapeForDisplay(first.message, 768);
  if (first.status === 403 && /violates PodSecurity/.test(first.message)) {
    const mend = `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged allows hostPath volumes there, which spec.verify.trustStore needs`;
    return { reason: 'PodsRefused', message: `the namespace ${namespace} does not take the pods: ${said}; ${mend}` };
  }
  if (first.status === 403 && /User "[^"]*" cannot/.test(first.message))
    return { reason: 'AccessDenied', message: `${said}; apply ${ROLE} in the target cluster and bind its Role` };
  if (first.status === 404)
    return {
      reason: 'NamespaceNotFound',
      message: `${said}; apply ${ROLE} in the target cluster, or name another namespace in spec.verify.namespace`,
    };
  if (first.status >= 400 && first.status < 500 && first.status !== 429)
    return { reason: 'PodsRefused', message: `the cluster does not take the pods: ${said}` };
  return unreachable(escapeForDisplay(error.message, 768));
}

export function unreachable(why: string): Trouble {
  return { reason: 'TargetUnreachable', message: `the nodes cannot be asked: ${why}` };
}
