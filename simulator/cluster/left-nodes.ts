import { changeNode } from './change.ts';
import type { Cluster } from './cluster.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { makeMachine, makeReady, registerMachine } from './nodes.ts';
import { isOf } from './pool-nodes.ts';
import type { Provider } from './provider.ts';
import { profileOf } from './scaling.ts';
import { UPGRADE_STATUS } from './undrainable.ts';

/** Why AKS leaves a node as it is in every change. */
export type Left = 'Quarantined' | 'Deallocated';

/**
 * From now on operations pass a node over and end well without it: it is quarantined, or its machine is deallocated and its kubelet
 * silent. Throws when the pool has no such node.
 * @param name of the node; without, the one of the lowest index
 */
export async function leaveNode(cluster: Cluster, pool: string, how: Left, name?: string): Promise<string> {
  const node = nodeOf(cluster, pool, name);
  changeNode(cluster, node.name, { phase: how });
  if (how === 'Deallocated') await cluster.registry.notReady(node);
  else await cluster.registry.change(node.name, { unschedulable: true, labels: { [UPGRADE_STATUS]: how } });
  return node.name;
}

/** Registers a machine that a person attached to the pool's scale set by hand: AKS neither counts nor replaces it. */
export async function attachNode(cluster: Cluster, { realNow }: Provider, pool: string): Promise<string> {
  const machine: SimulatedNode = {
    ...makeMachine(cluster, profileOf(cluster, pool), false),
    bornWith: [],
    listGeneration: -1,
  };
  changeNode(cluster, machine.name, machine);
  await makeReady(cluster, await registerMachine(cluster, machine, realNow()));
  changeNode(cluster, machine.name, { phase: 'Attached' });
  return machine.name;
}

/** Operations to come replace the node again. Throws when there is no such node. */
export async function takeNodeUp(cluster: Cluster, name: string): Promise<void> {
  const node = cluster.nodes.find((one) => one.name === name);
  if (node === undefined) throw new Error(`There is no node ${name}`);
  await cluster.registry.change(name, { unschedulable: false, labels: { [UPGRADE_STATUS]: null } });
  await makeReady(cluster, node);
}

function nodeOf(cluster: Cluster, pool: string, name: string | undefined): SimulatedNode {
  const profile = profileOf(cluster, pool);
  const nodes = cluster.nodes.filter((node) => isOf(node, profile) && (name === undefined || node.name === name));
  const node = nodes.toSorted((a, b) => a.index - b.index)[0];
  if (node === undefined) throw new Error(`Pool ${pool} has no node ${name ?? ''}`.trimEnd());
  return node;
}
