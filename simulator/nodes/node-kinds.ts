import type { NodeIdentity, Taint } from './node-registry.ts';

type OfKind = Pick<NodeIdentity, 'kind' | 'pool' | 'labels' | 'taints'>;

const SPOT = 'kubernetes.azure.com/scalesetpriority'; // learn.microsoft.com/azure/aks/spot-node-pool

/** The labels and taints of the nodes of an agent pool. */
export function ofPool(pool: { readonly name: string; readonly mode: string; readonly spot: boolean }): OfKind {
  const spotTaint: Taint = { key: SPOT, value: 'spot', effect: 'NoSchedule' };
  return {
    kind: 'pool',
    pool: pool.name,
    labels: {
      agentpool: pool.name,
      'kubernetes.azure.com/agentpool': pool.name,
      'kubernetes.azure.com/mode': pool.mode.toLowerCase(),
      'kubernetes.azure.com/role': 'agent',
      ...(pool.spot ? { [SPOT]: 'spot' } : {}),
    },
    taints: pool.spot ? [spotTaint] : [],
  };
}

/** The labels and taints of nodes that node auto-provisioning made for a Karpenter NodePool (karpenter.sh/docs/concepts/nodepools). */
export function autoProvisioned(nodePool: string): OfKind {
  return {
    kind: 'autoProvisioned',
    pool: '',
    labels: {
      'karpenter.sh/capacity-type': 'on-demand',
      'karpenter.sh/initialized': 'true',
      'karpenter.sh/nodepool': nodePool,
      'karpenter.sh/registered': 'true',
      'kubernetes.azure.com/mode': 'user',
      'kubernetes.azure.com/role': 'agent',
    },
    taints: [],
  };
}

/** The labels and taints of virtual nodes (github.com/virtual-kubelet/azure-aci). */
export function virtual(): OfKind {
  return {
    kind: 'virtual',
    pool: '',
    labels: { 'kubernetes.io/role': 'agent', type: 'virtual-kubelet' },
    taints: [{ key: 'virtual-kubelet.io/provider', value: 'azure', effect: 'NoSchedule' }],
  };
}

/** The taint that Karpenter puts on a node that it is about to replace (karpenter.sh/docs/concepts/disruption). */
export const DISRUPTED: Taint = { key: 'karpenter.sh/disrupted', effect: 'NoSchedule' };
