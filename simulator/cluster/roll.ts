import { changeNode, removeNode } from './change.ts';
import type { SimulatedNode } from './cluster.ts';
import { addNode, makeReady, reregister } from './nodes.ts';
import { rollPlan } from './pool-profile.ts';
import type { PoolProfile } from './pool-profile.ts';
import * as says from './upgrader-events.ts';
import type { Work } from './work.ts';

/** Replaces nodes of a pool with its upgrade settings: surge nodes first, then the old ones in place under their names, the surge nodes removed at the end. */
export async function rollPool(work: Work, profile: PoolProfile, old: readonly SimulatedNode[]): Promise<void> {
  const { cluster } = work;
  const plan = rollPlan(profile, profile.count);
  const [first] = old;
  if (first !== undefined) await cluster.registry.event(first.name, says.upgradeStarted(profile.name));
  const leftOver = surgeNodes(work, profile).length;
  const missing = Math.max(0, Math.min(plan.surge, old.length) - leftOver);
  await Promise.all(Array.from({ length: missing }, () => surge(work, profile)));
  await eachAtOnce(old, plan.atOnce, async (node) => {
    work.startNode();
    await replace(work, profile, node);
    work.operation.replaced++;
  });
  await removeSurge(work, profile);
}

/** Adds nodes, or removes those of the highest index, until the pool has as many as its model says. */
export async function scalePool(work: Work, profile: PoolProfile): Promise<void> {
  const { cluster, provider } = work;
  const present = cluster.nodes.filter((node) => isOf(node, profile) && !node.surge);
  const missing = profile.count - present.length;
  if (missing > 0) {
    const nodes = await Promise.all(
      Array.from({ length: missing }, () => addNode(cluster, profile, false, work.operation.startedAt)),
    );
    await work.takes(provider.nodeSeconds);
    for (const node of nodes) await makeReady(cluster, node);
    return;
  }
  const leaving = present.toSorted((a, b) => a.index - b.index).slice(profile.count);
  for (const { name } of leaving) await drop(work, name);
}

export async function removeSurge(work: Work, profile: PoolProfile): Promise<void> {
  for (const { name } of surgeNodes(work, profile)) {
    await work.cluster.registry.event(name, says.surgeRemoved(name));
    await drop(work, name);
  }
}

export function surgeNodes({ cluster }: Work, profile: PoolProfile): SimulatedNode[] {
  return cluster.nodes.filter((node) => node.surge && isOf(node, profile));
}

export function isOf(node: SimulatedNode, { name }: PoolProfile): boolean {
  return node.pool.toLowerCase() === name.toLowerCase();
}

async function surge(work: Work, profile: PoolProfile): Promise<void> {
  const { cluster, provider } = work;
  const node = await addNode(cluster, profile, true, work.operation.startedAt);
  await cluster.registry.event(node.name, says.surgeCreated(node.name, profile.name));
  await work.takes(provider.nodeSeconds);
  await makeReady(cluster, node);
}

async function replace(work: Work, profile: PoolProfile, node: SimulatedNode): Promise<void> {
  const { cluster, provider, operation } = work;
  const { registry } = cluster;
  const { name } = node;
  await registry.event(name, says.cordoning(name));
  await registry.cordon(name);
  changeNode(cluster, name, { phase: 'Cordoned' });
  await registry.event(name, says.draining(name));
  await work.takes(provider.nodeSeconds * 0.1);
  await registry.event(name, says.deleting(name));
  await registry.remove(name);
  changeNode(cluster, name, { phase: 'Reimaging' });
  await registry.event(name, says.reimaging(name));
  await work.takes(provider.nodeSeconds * 0.7);
  const reborn = await reregister(cluster, node, profile, operation.startedAt);
  await work.takes(provider.nodeSeconds * 0.2);
  await makeReady(cluster, reborn);
  await registry.event(name, says.reimaged(name));
  await registry.event(name, says.upgraded(name));
}

async function drop({ cluster }: Work, name: string): Promise<void> {
  await cluster.registry.cordon(name);
  await cluster.registry.event(name, says.draining(name));
  await cluster.registry.remove(name);
  removeNode(cluster, name);
}

/** Works through a list, so many at once. When one throws, no other is begun, and those begun are finished before it is thrown on. */
async function eachAtOnce<T>(items: readonly T[], atOnce: number, task: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const failures: unknown[] = [];
  const worker = async () => {
    while (failures.length === 0) {
      const item = left.shift();
      if (item === undefined) return;
      try {
        await task(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length > 0) throw failures[0];
}
