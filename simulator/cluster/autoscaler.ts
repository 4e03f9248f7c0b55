import { changePool } from './change.ts';
import type { Cluster } from './cluster.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { inBackground } from './background.ts';
import { becomeReady, isThere, makeMachine, registerMachine } from './nodes.ts';
import { OperationFailure } from './operation.ts';
import { isOf } from './pool-nodes.ts';
import { withPoolMember } from './pool-member.ts';
import type { PoolProfile } from './pool-profile.ts';
import type { Provider } from './provider.ts';
import { leave } from './remove-node.ts';
import { profileOf } from './scaling.ts';
import { clusterWork } from './work.ts';

/**
 * Adds nodes to a pool, or takes some away, as the cluster autoscaler does: at any time, without an operation. A machine gets the model of
 * the moment it is made, and registers when most of its time is over. Where none can be had, or none can be drained, nothing comes of it.
 */
export function autoscale(cluster: Cluster, provider: Provider, pool: string, by: number): void {
  const profile = profileOf(cluster, pool);
  for (let n = 0; n < Math.abs(by); n++) {
    if (by > 0) grow(cluster, provider, profile);
    else shrink(cluster, provider, profile);
  }
}

function grow(cluster: Cluster, provider: Provider, profile: PoolProfile): void {
  const node = unlessFailed(() => makeMachine(cluster, profile, false));
  if (node === undefined) return;
  count(cluster, provider, profile.name, 1);
  inBackground(cluster, async () => {
    const work = clusterWork(cluster, provider);
    await work.takes(provider.nodeSeconds * 0.7);
    if (!isThere(cluster, node)) return;
    const registered = await registerMachine(cluster, node, work.startedAt);
    await becomeReady(work, registered, provider.nodeSeconds * 0.3).catch((error: unknown) => {
      if (!(error instanceof OperationFailure)) throw error;
    });
  });
}

function shrink(cluster: Cluster, provider: Provider, profile: PoolProfile): void {
  const idle = (node: SimulatedNode) =>
    isOf(node, profile) && !node.surge && node.phase === 'Ready' && !cluster.inHand.has(node.name);
  const node = cluster.nodes.filter(idle).toSorted((a, b) => b.index - a.index)[0];
  if (node === undefined) return;
  cluster.inHand.add(node.name);
  inBackground(cluster, async () => {
    const work = clusterWork(cluster, provider);
    const undrained = await leave(work, node, profile);
    cluster.inHand.delete(node.name);
    if (undrained === undefined) count(cluster, provider, profile.name, -1);
  });
}

/** The count of the pool's profile moves with its machines. */
export function count(cluster: Cluster, provider: Provider, pool: string, by: number): void {
  cluster.model = withPoolMember(cluster.model, pool, 'count', profileOf(cluster, pool).count + by);
  changePool(cluster, provider.random, pool, {});
}

function unlessFailed<T>(attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof OperationFailure) return undefined;
    throw error;
  }
}
