import type { Cluster } from './cluster.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { PoolProfile } from './pool-profile.ts';

export function isOf(node: SimulatedNode, { name }: Pick<PoolProfile, 'name'>): boolean {
  return node.kind === 'pool' && node.pool.toLowerCase() === name.toLowerCase();
}

/** Whether AKS knows of the node: a person may have attached a machine by hand. */
export function isCounted({ phase }: Pick<SimulatedNode, 'phase'>): boolean {
  return phase !== 'Attached';
}

export function surgeNodes(cluster: Cluster, profile: PoolProfile): SimulatedNode[] {
  return cluster.nodes.filter((node) => node.surge && isOf(node, profile));
}

export function isBehind(
  cluster: Cluster,
  { orchestratorVersion }: Pick<PoolProfile, 'orchestratorVersion'>,
  node: SimulatedNode,
): boolean {
  if (node.kubeletVersion !== `v${orchestratorVersion}`) return true;
  return node.osType === 'Linux' && node.listGeneration !== cluster.listGeneration;
}

const LEFT: ReadonlySet<SimulatedNode['phase']> = new Set(['Quarantined', 'Deallocated', 'Attached']);

/** Nodes of a pool that are to be replaced. Quarantined ones are left out until their label is removed, others permanently. */
export function nodesBehind(cluster: Cluster, profile: PoolProfile): SimulatedNode[] {
  return cluster.nodes.filter(
    (node) => isOf(node, profile) && !node.surge && !LEFT.has(node.phase) && isBehind(cluster, profile, node),
  );
}
