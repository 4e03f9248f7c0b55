import { machineIdOf } from '../nodes/machine-id.ts';
import type { Cluster } from './cluster.ts';
import { isCounted, isOf } from './pool-nodes.ts';

/** A virtual machine of a pool, registered as a node or not. */
export interface Machine {
  readonly name: string;
  readonly pool: string;
  readonly ip: string;
  /** In the node resource group. */
  readonly resourceId: string;
}

/** The machines of a pool; surge machines and those that are being reimaged are among them. */
export function machinesOf(cluster: Cluster, pool: string): Machine[] {
  return cluster.nodes
    .filter((node) => isOf(node, { name: pool }) && isCounted(node))
    .toSorted((a, b) => a.index - b.index)
    .map((node) => ({
      name: node.name,
      pool: node.pool,
      // An address of the range that AKS gives to nodes without a subnet of the owner's.
      ip: `10.224.${Math.floor((node.index + 4) / 256) % 256}.${(node.index + 4) % 256}`,
      resourceId: machineIdOf(node, cluster.id.subscriptionId),
    }));
}
