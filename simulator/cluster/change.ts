import type { Random } from '../random.ts';
import type { Cluster, ClusterState, PoolState } from './cluster.ts';
import type { SimulatedNode } from './simulated-node.ts';

/** Changes the cluster's state. Its eTag changes with it. */
export function changeCluster(cluster: Cluster, random: Random, patch: Partial<ClusterState>): void {
  cluster.state = { ...cluster.state, eTag: random.guid(), ...patch };
}

/** Changes a pool's state and eTag; the cluster's eTag stays as it is. */
export function changePool(cluster: Cluster, random: Random, pool: string, patch: Partial<PoolState>): void {
  const key = pool.toLowerCase();
  const state = cluster.pools.get(key);
  if (state === undefined) throw new Error(`Cluster ${cluster.id.name} has no pool ${pool}`);
  cluster.pools.set(key, { ...state, eTag: random.guid(), ...patch });
}

export function changeNode(cluster: Cluster, name: string, patch: Partial<SimulatedNode>): void {
  cluster.nodes = cluster.nodes.map((node) => (node.name === name ? { ...node, ...patch } : node));
}

export function removeNode(cluster: Cluster, name: string): void {
  cluster.nodes = cluster.nodes.filter((node) => node.name !== name);
}
