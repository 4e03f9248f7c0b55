import { virtual } from '../nodes/node-kinds.ts';
import type { Cluster } from './cluster.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { addMachine } from './nodes.ts';

/** Version and name of the virtual kubelet that AKS installs (github.com/virtual-kubelet/azure-aci). */
const KUBELET_VERSION = 'v1.25.0-vk-azure-aci-1.6.2';

/** A virtual node: no machine, no list. */
export function makeVirtualNode(cluster: Cluster, index: number): SimulatedNode {
  return addMachine(
    cluster,
    {
      name: index === 0 ? 'virtual-node-aci-linux' : `virtual-node-aci-linux-${index}`,
      osType: 'Linux',
      osSku: '',
      ...virtual(),
      bornWith: [],
      listGeneration: cluster.listGeneration,
      kubeletVersion: KUBELET_VERSION,
      nodeImageVersion: '',
      bootId: '',
      caGeneration: cluster.certificates.now.generation,
    },
    { index, surge: false },
  );
}
