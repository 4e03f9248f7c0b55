import type { ClusterId } from '../../api/resource-id.ts';
import type { TrustIntent } from './intent.ts';
import { namespaceOf, type VerifyAccess, idOf, type Ways, type AccessRules, type Way } from './way.ts';

/**
 * Verification uses the kubeconfig Secrets of the object's own namespace, the object's own Secret first. It uses the operator's
 * ways only when the policy file allows that for this namespace and cluster. Pods of suspended and deleted objects are removed too.
 */
export function verifyAccessOf(
  intent: TrustIntent,
  cluster: ClusterId,
  { operator, namespaces }: Pick<Ways, 'operator' | 'namespaces'>,
  rules: AccessRules,
): VerifyAccess {
  const namespace = namespaceOf(intent);
  const { nodeAccess, verify, verifyOverOperatorWays } = intent.grants;
  const what = intent.object.spec.verify?.trustStore ? 'trustStore' : 'pull';
  const none = { ways: [], owner: 'Operator', pullSecrets: false } as const;
  const isCleanUp = intent.object.spec.verify === undefined;
  if (!isCleanUp && !verify.includes(what)) return { ...none, refusal: notAllowed(namespace, what) };
  const { kubeconfigSecretRef, azure, inCluster } = intent.object.spec.target.nodeAccess ?? {};
  const secret: Way[] =
    kubeconfigSecretRef && nodeAccess.includes('Secret')
      ? [
          {
            ...{ kind: 'Secret', owner: 'Namespace', namespace },
            name: kubeconfigSecretRef.name,
            key: kubeconfigSecretRef.key ?? 'value',
          },
        ]
      : [];
  const own = unique([...secret, ...(namespaces.get(namespace) ?? [])]);
  if (own.length > 0) return { ways: own, owner: 'Namespace', pullSecrets: true };
  const asked: Way[] = [
    ...(inCluster && nodeAccess.includes('inCluster') && rules.isOwnCluster(cluster)
      ? [{ kind: 'InCluster' } as const]
      : []),
    ...(azure && nodeAccess.includes('azure') ? [{ kind: 'Azure' } as const] : []),
  ];
  const ways = unique([...asked, ...operator]);
  if (ways.length === 0) return { ...none, refusal: NO_WAY };
  if (!verifyOverOperatorWays) return { ...none, refusal: onlyOwn(namespace, what) };
  return { ways, owner: 'Operator', pullSecrets: verify.includes('pull') };
}

function unique(ways: readonly Way[]): Way[] {
  return [...new Map(ways.map((way) => [idOf(way), way])).values()];
}

const NO_WAY =
  'Verification needs access to the cluster, to make pods there. Set spec.target.nodeAccess.kubeconfigSecretRef.';

function notAllowed(namespace: string, what: string): string {
  return `The policy of the controller does not allow "verify: [${what}]" for this cluster in namespace ${namespace}. Remove spec.verify, or ask the operator of the controller.`;
}

function onlyOwn(namespace: string, what: string): string {
  return `The nodes are verified over a kubeconfig Secret of the object's own namespace. Over azure or inCluster they are verified only where the policy file of the controller allows it: this cluster is not allowed "verify: [${what}]" for namespace ${namespace}. Set spec.target.nodeAccess.kubeconfigSecretRef, or ask the operator of the controller.`;
}
