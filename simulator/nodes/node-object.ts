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
        'kubernetes.azure.com/cluster': node.nodeResourceGroup,
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
    spec: { providerID: providerId(node, clusterResourceId), ...(taints.length === 0 ? {} : { taints }) },
    status: readyStatus(node, false, new Date()),
  };
}

function providerId(node: NodeIdentity, clusterResourceId: string): string {
  const subscription = /^\/subscriptions\/([^/]+)/i.exec(clusterResourceId)?.[1] ?? '';
  const group = `azure:///subscriptions/${subscription}/resourceGroups/${node.nodeResourceGroup.toLowerCase()}/providers/Microsoft.Compute`;
  if (node.kind !== 'pool') return `${group}/virtualMachines/${node.name}`;
  const scaleSet =
    node.osType === 'Windows' ? node.name.slice(0, -6) : node.name.slice(0, node.name.lastIndexOf('vmss') + 4);
  const instance = Number.parseInt(node.name.slice(-6), 36);
  return `${group}/virtualMachineScaleSets/${scaleSet}/virtualMachines/${instance}`;
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
