import type { SimulatedNode } from './simulated-node.ts';
import type { UndrainedNode } from './drain.ts';
import { addNode, becomeReady } from './nodes.ts';
import { OperationCanceled } from './operation.ts';
import { nodesBehind, surgeNodes } from './pool-nodes.ts';
import { rollPlan, type PoolProfile, type RollPlan } from './pool-profile.ts';
import { drainFailure, refuseUndrained, removeSurge } from './remove-node.ts';
import { replaceNode } from './replace-node.ts';
import { refuseShortage } from './shortage.ts';
import { giveBack, NodesQuarantined, quarantine } from './undrainable.ts';
import * as says from './upgrader-events.ts';
import type { Work } from './work.ts';

/** A pool that is being rolled. */
interface Roll {
  readonly work: Work;
  readonly profile: PoolProfile;
  readonly plan: RollPlan;
  readonly undrained: UndrainedNode[];
  /** Why no other node is begun. */
  readonly failures: unknown[];
  /** Whether a node was quarantined without a surge node to stay in its place. */
  unreplaced: boolean;
}

/**
 * Replaces the nodes of a pool that are behind, those that come meanwhile too, with its upgrade settings: surge nodes first, then the
 * old ones in place under their names, the surge nodes removed at the end.
 */
export async function rollPool(work: Work, profile: PoolProfile): Promise<void> {
  const { cluster } = work;
  const old = nodesBehind(cluster, profile);
  const plan = rollPlan(profile, profile.count);
  const missing = Math.max(0, Math.min(plan.surge, old.length) - surgeNodes(cluster, profile).length);
  if (missing > 0) refuseShortage(cluster, profile.name);
  const [first] = old;
  if (first !== undefined) await cluster.registry.event(first.name, says.upgradeStarted(profile.name));
  await Promise.all(Array.from({ length: missing }, () => surge(work, profile)));
  const roll: Roll = { work, profile, plan, undrained: [], failures: [], unreplaced: false };
  await Promise.all(Array.from({ length: plan.atOnce }, () => lane(roll)));
  await finish(roll);
}

/** One node after the other. When one fails no other is begun, in any lane; those begun are finished. */
async function lane(roll: Roll): Promise<void> {
  const { work, profile, failures } = roll;
  while (failures.length === 0) {
    const node = await nextNode(work, profile);
    if (node === undefined) return;
    try {
      await work.startNode();
      const pods = await replaceNode(work, profile, node);
      if (pods.length > 0) await setAside(roll, { node: node.name, pods });
      else work.operation.replaced++;
    } catch (error) {
      failures.push(error);
      const present = work.cluster.nodes.find(({ name }) => name === node.name);
      if (error instanceof OperationCanceled && present?.phase === 'Cordoned') await giveBack(work, node.name);
    } finally {
      work.cluster.inHand.delete(node.name);
    }
  }
}

/** Takes a node in hand. Waits for one that is still being made: it may have the list of before. */
async function nextNode(work: Work, profile: PoolProfile): Promise<SimulatedNode | undefined> {
  const { cluster, provider } = work;
  for (;;) {
    const behind = nodesBehind(cluster, profile);
    const free = behind.find(({ name, phase }) => phase !== 'Starting' && !cluster.inHand.has(name));
    if (free !== undefined) {
      cluster.inHand.add(free.name);
      return free;
    }
    if (!behind.some(({ phase }) => phase === 'Starting')) return undefined;
    await work.takes(provider.nodeSeconds / 10);
  }
}

async function setAside(roll: Roll, undrained: UndrainedNode): Promise<void> {
  const { work, profile, plan } = roll;
  roll.undrained.push(undrained);
  if (profile.undrainableNodeBehavior === 'Schedule') {
    await giveBack(work, undrained.node);
    roll.failures.push(drainFailure(roll.undrained, profile));
    return;
  }
  // Not more nodes can be left blocked than maxSurge says (learn.microsoft.com/azure/aks/upgrade-cluster).
  const replaced = await quarantine(work, profile, undrained.node, roll.undrained.length <= plan.surge);
  if (!replaced) {
    roll.unreplaced = true;
    roll.failures.push(drainFailure(roll.undrained, profile));
    return;
  }
  const waiting = nodesBehind(work.cluster, profile).filter(({ name }) => !work.cluster.inHand.has(name));
  if (waiting.length > 0) await surge(work, profile);
}

async function finish({ work, profile, undrained, failures, unreplaced }: Roll): Promise<void> {
  if (undrained.length === 0) {
    if (failures.length > 0) throw failures[0];
    refuseUndrained(await removeSurge(work, profile), profile);
    return;
  }
  await removeSurge(work, profile);
  const { code, message } = drainFailure(undrained, profile);
  if (unreplaced) throw new OperationCanceled(message);
  if (failures.length > 0)
    throw profile.undrainableNodeBehavior === 'Schedule' ? drainFailure(undrained, profile) : failures[0];
  throw new NodesQuarantined(code, message);
}

async function surge(work: Work, profile: PoolProfile): Promise<void> {
  const { cluster, provider } = work;
  const node = await addNode(cluster, profile, true, work.startedAt);
  await cluster.registry.event(node.name, says.surgeCreated(node.name, profile.name));
  await becomeReady(work, node, provider.nodeSeconds);
}
