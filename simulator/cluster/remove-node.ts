import { changeNode, removeNode } from './change.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { drain, drainFailureMessage, type UndrainedNode } from './drain.ts';
import { OperationFailure } from './operation.ts';
import { surgeNodes } from './pool-nodes.ts';
import type { PoolProfile } from './pool-profile.ts';
import * as says from './upgrader-events.ts';
import type { ClusterWork } from './work.ts';

/** Cordons, drains and deletes a node. Where it cannot be drained in the pool's time it stays, schedulable again. */
export async function leave(
  work: ClusterWork,
  { name }: Pick<SimulatedNode, 'name'>,
  profile: PoolProfile,
): Promise<UndrainedNode | undefined> {
  const { cluster } = work;
  const { registry } = cluster;
  await registry.change(name, { unschedulable: true });
  await registry.event(name, says.draining(name));
  const pods = profile.spot ? [] : await drain(work, name, { minutes: profile.drainMinutes, reported: true });
  if (pods.length > 0) {
    await registry.event(name, says.drainFailed(name));
    await registry.change(name, { unschedulable: false });
    changeNode(cluster, name, { phase: 'Ready' });
    return { node: name, pods };
  }
  await registry.remove(name);
  removeNode(cluster, name);
  return undefined;
}

/** Removes a pool's surge nodes. Resolves to those that could not be drained: they stay. */
export async function removeSurge(work: ClusterWork, profile: PoolProfile): Promise<UndrainedNode[]> {
  const undrained: UndrainedNode[] = [];
  for (const node of surgeNodes(work.cluster, profile)) {
    await work.cluster.registry.event(node.name, says.surgeRemoved(node.name));
    const stuck = await leave(work, node, profile);
    if (stuck !== undefined) undrained.push(stuck);
  }
  return undrained;
}

export function drainFailure(undrained: readonly UndrainedNode[], { drainMinutes }: PoolProfile): OperationFailure {
  return new OperationFailure('PodDrainFailure', drainFailureMessage(undrained, drainMinutes));
}

/** Throws OperationFailure when there are any. */
export function refuseUndrained(undrained: readonly UndrainedNode[], profile: PoolProfile): void {
  if (undrained.length > 0) throw drainFailure(undrained, profile);
}
