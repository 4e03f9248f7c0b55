import { randomUUID } from 'node:crypto';
import { resourceIdOf } from '../arm/resource-id.ts';
import { at, stringOf } from '../json/access.ts';
import { ofPool } from '../nodes/node-kinds.ts';
import { clusterDigits, nodeName } from '../nodes/node-names.ts';
import type { NodeIdentity } from '../nodes/node-registry.ts';
import { listOf } from './certificate-list.ts';
import { changeNode } from './change.ts';
import type { Cluster } from './cluster.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { OperationFailure } from './operation.ts';
import type { PoolProfile } from './pool-profile.ts';
import { refuseShortage } from './shortage.ts';
import * as says from './upgrader-events.ts';
import type { ClusterWork } from './work.ts';

/** The state that the present model gives to a machine that is made or reimaged now. */
export type Birthright = Pick<
  SimulatedNode,
  'bornWith' | 'listGeneration' | 'kubeletVersion' | 'nodeImageVersion' | 'bootId' | 'caGeneration'
>;

export function birthright(
  cluster: Cluster,
  {
    osType,
    orchestratorVersion,
    nodeImageVersion,
  }: Pick<PoolProfile, 'osType' | 'orchestratorVersion' | 'nodeImageVersion'>,
): Birthright {
  return {
    bornWith: osType === 'Windows' ? [] : listOf(cluster.model),
    listGeneration: cluster.listGeneration,
    kubeletVersion: `v${orchestratorVersion}`,
    nodeImageVersion,
    bootId: randomUUID(),
    caGeneration: cluster.certificates.now.generation,
  };
}

/** A machine that is not registered yet, among the cluster's nodes. Throws OperationFailure when there is none to be had. */
export function makeMachine(cluster: Cluster, profile: PoolProfile, surge: boolean): SimulatedNode {
  const key = profile.name.toLowerCase();
  const pool = cluster.pools.get(key);
  if (pool === undefined) throw new Error(`No pool ${profile.name}`);
  refuseShortage(cluster, profile.name);
  const index = pool.nextIndex;
  cluster.pools.set(key, { ...pool, nextIndex: index + 1 });
  return addMachine(
    cluster,
    {
      name: nodeName(profile.name, profile.osType, clusterDigits(resourceIdOf(cluster.id)), index),
      osType: profile.osType,
      osSku: profile.osSku,
      ...ofPool(profile),
      ...birthright(cluster, profile),
    },
    { index, surge },
  );
}

type OfMachine = Omit<NodeIdentity, 'nodeResourceGroup' | 'location'> & Birthright;

/** Puts a machine among the cluster's nodes, not registered yet. */
export function addMachine(
  cluster: Cluster,
  machine: OfMachine,
  { index, surge }: Pick<SimulatedNode, 'index' | 'surge'>,
): SimulatedNode {
  const node: SimulatedNode = {
    ...machine,
    nodeResourceGroup: stringOf(at(cluster.model, 'properties', 'nodeResourceGroup')) ?? '',
    location: cluster.location,
    index,
    surge,
    phase: 'Starting',
    uid: '',
    createdAt: '',
  };
  cluster.nodes = [...cluster.nodes, node];
  return node;
}

/** Registers a machine's node, not ready yet; under a name that was there before, too. `after`: see NodeRegistry. */
export async function registerMachine(cluster: Cluster, node: SimulatedNode, after: number): Promise<SimulatedNode> {
  const starting: SimulatedNode = { ...node, phase: 'Starting' };
  const registered = { ...starting, ...(await cluster.registry.register(starting, after)) };
  changeNode(cluster, node.name, registered);
  // A machine may be taken away while it registers.
  if (!isThere(cluster, node)) await cluster.registry.remove(node.name);
  return registered;
}

/** Makes the next machine of a pool and registers its node, not ready yet. */
export async function addNode(
  cluster: Cluster,
  profile: PoolProfile,
  surge: boolean,
  after: number,
): Promise<SimulatedNode> {
  return registerMachine(cluster, makeMachine(cluster, profile, surge), after);
}

export async function makeReady(cluster: Cluster, node: SimulatedNode): Promise<void> {
  await cluster.registry.ready(node);
  changeNode(cluster, node.name, { phase: 'Ready' });
}

/**
 * Waits until a registered node is ready: so many simulated seconds, and longer where it was said that it is to be late. Throws
 * OperationFailure `NodesNotReady` when it is not ready in the time that AKS waits.
 */
export async function becomeReady(work: ClusterWork, node: SimulatedNode, seconds: number): Promise<void> {
  const { cluster, provider } = work;
  const late = takeLateness(cluster, node.pool, false);
  await work.takes(seconds + Math.min(late, provider.readyTimeoutSeconds));
  if (!isThere(cluster, node)) return;
  if (late <= provider.readyTimeoutSeconds) return makeReady(cluster, node);
  changeNode(cluster, node.name, { phase: 'NotReady' });
  await cluster.registry.event(node.name, says.reimageFailed(node.name));
  throw new OperationFailure('NodesNotReady', `Nodes are not ready: ${node.name}`);
}

/** Simulated seconds between two checks whether an operation that hangs is to end. */
const HANGING_SECONDS = 5;

/** Waits for a machine that was said to be late to register. Throws OperationCanceled when its operation is to end: nothing else ends it. */
export async function becomeRegistrable(work: ClusterWork, pool: string): Promise<void> {
  let left = takeLateness(work.cluster, pool, true);
  while (left > 0) {
    work.goOn();
    await work.takes(Math.min(left, HANGING_SECONDS));
    left -= HANGING_SECONDS;
  }
}

/** Whether the machine has not been taken away, by an eviction or with its cluster. */
export function isThere(cluster: Cluster, { name }: Pick<SimulatedNode, 'name'>): boolean {
  return cluster.nodes.some((node) => node.name === name);
}

/** How late the next machine of a pool is to be, in simulated seconds. */
function takeLateness(cluster: Cluster, pool: string, unregistered: boolean): number {
  const index = cluster.lateness.findIndex(
    (entry) => (entry.pool === undefined || entry.pool === pool) && entry.unregistered === unregistered,
  );
  const found = cluster.lateness[index];
  if (found === undefined) return 0;
  cluster.lateness = cluster.lateness
    .with(index, { ...found, machines: found.machines - 1 })
    .filter(({ machines }) => machines > 0);
  return found.seconds;
}
