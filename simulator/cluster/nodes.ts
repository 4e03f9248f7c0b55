import { randomUUID } from 'node:crypto';
import { resourceIdOf } from '../arm/resource-id.ts';
import { at, stringOf } from '../json/access.ts';
import { clusterDigits, nodeName } from '../nodes/node-names.ts';
import { listOf } from './certificate-list.ts';
import { changeNode } from './change.ts';
import type { Cluster, SimulatedNode } from './cluster.ts';
import type { PoolProfile } from './pool-profile.ts';

/** What the model of this moment gives to a node that is born now. */
function birthright(cluster: Cluster, profile: PoolProfile) {
  return {
    bornWith: profile.osType === 'Windows' ? [] : listOf(cluster.model),
    listGeneration: cluster.listGeneration,
    kubeletVersion: `v${profile.orchestratorVersion}`,
    nodeImageVersion: profile.nodeImageVersion,
    bootId: randomUUID(),
  };
}

/** Makes the next machine of a pool and registers its node, not ready yet. */
export async function addNode(
  cluster: Cluster,
  profile: PoolProfile,
  surge: boolean,
  after: number,
): Promise<SimulatedNode> {
  const key = profile.name.toLowerCase();
  const pool = cluster.pools.get(key);
  if (pool === undefined) throw new Error(`No pool ${profile.name}`);
  const index = pool.nextIndex;
  cluster.pools.set(key, { ...pool, nextIndex: index + 1 });
  const node: SimulatedNode = {
    name: nodeName(profile.name, profile.osType, clusterDigits(resourceIdOf(cluster.id)), index),
    pool: profile.name,
    osType: profile.osType,
    mode: profile.mode,
    nodeResourceGroup: stringOf(at(cluster.model, 'properties', 'nodeResourceGroup')) ?? '',
    location: cluster.location,
    index,
    surge,
    phase: 'Starting',
    uid: '',
    createdAt: '',
    ...birthright(cluster, profile),
  };
  cluster.nodes = [...cluster.nodes, node];
  const registered = { ...node, ...(await cluster.registry.register(node, after)) };
  changeNode(cluster, node.name, registered);
  return registered;
}

/** Registers a node anew under its name, as a reimaged machine does. */
export async function reregister(
  cluster: Cluster,
  node: SimulatedNode,
  profile: PoolProfile,
  after: number,
): Promise<SimulatedNode> {
  const reborn: SimulatedNode = { ...node, ...birthright(cluster, profile), phase: 'Starting' };
  const registered = { ...reborn, ...(await cluster.registry.register(reborn, after)) };
  changeNode(cluster, node.name, registered);
  return registered;
}

export async function makeReady(cluster: Cluster, node: SimulatedNode): Promise<void> {
  await cluster.registry.ready(node);
  changeNode(cluster, node.name, { phase: 'Ready' });
}
