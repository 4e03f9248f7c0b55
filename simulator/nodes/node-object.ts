import { clusterLabel } from './cluster-label.ts';
import { providerIdOf } from './machine-id.ts';
import type { NodeIdentity } from './node-registry.ts';

/** The Node object as a kubelet of AKS registers it, not ready yet. */
export function nodeObject(node: NodeIdentity, clusterResourceId: string) {
  const { taints } = node;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'kubernetes.azure.com/cluster': clusterLabel(node.nodeResourceGroup),
        'kubernetes.azure.com/node-image-version': node.nodeImageVersion,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': node.osType.toLowerCase(),
        'node.kubernetes.io/instance-type': 'Standard_D4s_v5',
        'topology.kubernetes.io/region': node.location,
        ...(node.osSku === '' ? {} : { 'kubernetes.azure.com/os-sku': node.osSku }),
        ...node.labels,
      },
    },
    spec: {
      providerID: providerIdOf(node, subscriptionOf(clusterResourceId)),
      ...(taints.length === 0 ? {} : { taints }),
    },
    status: readyStatus(node, false, new Date()),
  };
}

function subscriptionOf(clusterResourceId: string): string {
  return /^\/subscriptions\/([^/]+)/i.exec(clusterResourceId)?.[1] ?? '';
}

/** The node's Ready condition. */
export function readyCondition(ready: boolean, now: Date) {
  const at = `${now.toISOString().slice(0, 19)}Z`;
  return {
    type: 'Ready',
    status: ready ? 'True' : 'False',
    reason: ready ? 'KubeletReady' : 'KubeletNotReady',
    message: ready ? 'kubelet is posting ready status' : 'container runtime network not ready',
    lastHeartbeatTime: at,
    lastTransitionTime: at,
  };
}

/** The node's status: its Ready condition and what its kubelet says of itself. */
export function readyStatus(node: NodeIdentity, ready: boolean, now: Date) {
  return {
    capacity: { cpu: '4', memory: '16Gi', pods: '110' },
    allocatable: { cpu: '3860m', memory: '12Gi', pods: '110' },
    conditions: [readyCondition(ready, now)],
    nodeInfo: {
      machineID: node.bootId.replaceAll('-', ''),
      systemUUID: node.bootId,
      bootID: node.bootId,
      kernelVersion: node.osType === 'Windows' ? '10.0.20348.4052' : '5.15.0-1092-azure',
      osImage: node.osType === 'Windows' ? 'Windows Server 2022 Datacenter' : 'Ubuntu 22.04.5 LTS',
      containerRuntimeVersion: 'containerd://1.7.27-1',
      kubeletVersion: node.kubeletVersion,
      kubeProxyVersion: '',
      operatingSystem: node.osType.toLowerCase(),
      architecture: 'amd64',
    },
  };
}
