import { changeNode, removeNode } from './change.ts';
import type { Cluster } from './cluster.ts';
import { drain } from './drain.ts';
import { refuseLocked } from './locks.ts';
import { becomeReady, becomeRegistrable, birthright, isThere, makeMachine, registerMachine } from './nodes.ts';
import { isCounted, isOf } from './pool-nodes.ts';
import { poolProfiles, type PoolProfile } from './pool-profile.ts';
import type { RotationRules } from './rotation-seed.ts';
import { refuseShortage } from './shortage.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Work } from './work.ts';

/**
 * Makes every machine anew whose kubelet has a certificate of an earlier CA, pool after pool and one after the other. Whether
 * nodes are drained or not, pods do not end: the kubelets of before are silent. Deallocated machines, and those that a person attached, stay as they are.
 */
export async function recreateNodes(work: Work, rules: RotationRules): Promise<void> {
  const { cluster } = work;
  for (const profile of poolProfiles(cluster.model)) {
    for (const node of nodesToRecreate(cluster, profile)) {
      await work.startNode();
      if (rules.drains === 'honored' && !profile.spot)
        await drain(work, node.name, { minutes: profile.drainMinutes, reported: true });
      await recreate(work, profile, node, rules.nodeNames === 'new' && !node.surge);
      work.operation.replaced++;
    }
  }
  if (rules.autoProvisioned === 'left') return;
  for (const node of cluster.nodes.filter(({ kind }) => kind === 'autoProvisioned')) {
    await reregister(work, node, profileOfNow(node));
  }
}

function nodesToRecreate(cluster: Cluster, profile: PoolProfile): SimulatedNode[] {
  const { generation } = cluster.certificates.now;
  return cluster.nodes
    .filter((node) => isOf(node, profile) && isCounted(node) && node.phase !== 'Deallocated')
    .filter((node) => node.caGeneration !== generation)
    .toSorted((a, b) => a.index - b.index);
}

async function recreate(work: Work, profile: PoolProfile, node: SimulatedNode, renamed: boolean): Promise<void> {
  const { cluster } = work;
  refuseLocked(cluster, profile.name);
  refuseShortage(cluster, profile.name);
  await cluster.registry.remove(node.name);
  if (node.surge) return removeNode(cluster, node.name);
  if (!renamed) return reregister(work, node, profile);
  removeNode(cluster, node.name);
  await reregister(work, makeMachine(cluster, profile, false), profile);
}

async function reregister(work: Work, node: SimulatedNode, profile: Parameters<typeof birthright>[1]): Promise<void> {
  const { cluster, provider } = work;
  await cluster.registry.remove(node.name);
  changeNode(cluster, node.name, { phase: 'Reimaging' });
  const born = birthright(cluster, profile);
  await work.takes(provider.nodeSeconds * 0.8);
  await becomeRegistrable(work, node.pool);
  if (!isThere(cluster, node)) return;
  const reborn = await registerMachine(cluster, { ...node, ...born }, work.startedAt);
  await becomeReady(work, reborn, provider.nodeSeconds * 0.2);
}

/** A machine of no pool is made as it was. */
function profileOfNow({ osType, kubeletVersion, nodeImageVersion }: SimulatedNode) {
  return { osType, orchestratorVersion: kubeletVersion.slice(1), nodeImageVersion };
}
