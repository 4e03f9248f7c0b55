import { changeNode } from './change.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { drain, type UndrainedPod } from './drain.ts';
import { becomeReady, becomeRegistrable, birthright, isThere, registerMachine } from './nodes.ts';
import type { PoolProfile } from './pool-profile.ts';
import * as says from './upgrader-events.ts';
import type { ClusterWork } from './work.ts';

/**
 * Cordons and drains a node, reimages its machine and registers it anew under its name. Resolves to the pods that would not go:
 * the node is cordoned then, and as old as it was. A machine that is taken away meanwhile stays away.
 */
export async function replaceNode(
  work: ClusterWork,
  profile: PoolProfile,
  node: SimulatedNode,
): Promise<readonly UndrainedPod[]> {
  const { cluster, provider } = work;
  const { registry } = cluster;
  const { name } = node;
  changeNode(cluster, name, { phase: 'Cordoned' });
  await registry.event(name, says.cordoning(name));
  await registry.change(name, { unschedulable: true });
  // The pods of a spot machine are deleted without waiting for them (learn.microsoft.com/azure/aks/spot-node-pool).
  if (!profile.spot) {
    await registry.event(name, says.draining(name));
    await work.takes(provider.nodeSeconds * 0.1);
    const stuck = await drain(work, name, { minutes: profile.drainMinutes, reported: true });
    if (stuck.length > 0) {
      await registry.event(name, says.drainFailed(name));
      return stuck;
    }
    await soak(work, profile, name);
  }
  if (!isThere(cluster, node)) return [];
  await reimage(work, profile, node);
  return [];
}

async function soak(work: ClusterWork, { soakMinutes }: PoolProfile, name: string): Promise<void> {
  if (soakMinutes === 0) return;
  await work.cluster.registry.event(name, says.soaking(soakMinutes, name));
  await work.takes(soakMinutes * 60);
}

async function reimage(work: ClusterWork, profile: PoolProfile, node: SimulatedNode): Promise<void> {
  const { cluster, provider } = work;
  const { registry } = cluster;
  const { name } = node;
  await registry.event(name, says.deleting(name));
  await registry.remove(name);
  changeNode(cluster, name, { phase: 'Reimaging' });
  await registry.event(name, says.reimaging(name));
  const born = birthright(cluster, profile);
  await work.takes(provider.nodeSeconds * 0.7);
  await becomeRegistrable(work, profile.name);
  if (!isThere(cluster, node)) return;
  const reborn = await registerMachine(cluster, { ...node, ...born }, work.startedAt);
  await becomeReady(work, reborn, provider.nodeSeconds * 0.2);
  if (!isThere(cluster, node)) return;
  await registry.event(name, says.reimaged(name));
  await registry.event(name, says.upgraded(name));
}
