import { escapeForDisplay } from '../../api/display.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { NodesObservation, NodeView } from '../model/observation.ts';
import { nodesOf, witnessesOf, type Machine, type Owner } from './wrong-cluster.ts';
import { listAt, member, textAt } from '../../kubernetes/untrusted/untyped.ts';

const AZURE = /^azure:\/\/\/subscriptions\/([^/]{1,100})\/resourcegroups\/([^/]{1,1000})\//i;
/** Characters; a providerID of AKS has some two hundred. */
const PROVIDER_ID_LIMIT = 2048;

/** The location of a machine, from the providerID of its node (kubernetes-sigs/cloud-provider-azure). */
export function machineOf(providerId: string | undefined): Machine {
  const text = providerId?.slice(0, PROVIDER_ID_LIMIT) ?? '';
  if (text === '') return { kind: 'None' };
  const [, subscriptionId, resourceGroup] = AZURE.exec(text) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined) return { kind: 'Other', providerId: text };
  return { kind: 'Azure', subscriptionId, resourceGroup: decoded(resourceGroup) };
}

/**
 * The nodes, if they belong to the owner. Where their labels do not show it, the machines of a few nodes decide. Unreadable where the
 * nodes belong to another cluster, and where labels name another group and the machines cannot be read.
 *
 * @throws the signal's reason, and nothing else
 */
export async function ownNodes(
  connection: Pick<Connection, 'request'>,
  owner: Owner,
  nodes: NodesObservation,
  signal: AbortSignal,
): Promise<NodesObservation> {
  if (nodes.kind !== 'Read') return nodes;
  const witnesses = witnessesOf(owner, nodes);
  const machines: Machine[] = [];
  for (const node of witnesses) {
    const machine = await readMachine(connection, node, signal);
    if (typeof machine === 'string' && node.resourceGroup !== undefined) {
      const message = `It is not known which cluster the nodes belong to: the label of node ${node.name} names resource group ${node.resourceGroup}, and its spec.providerID cannot be read: ${machine}`;
      return { kind: 'Unreadable', message };
    }
    machines.push(typeof machine === 'string' ? { kind: 'None' } : machine);
  }
  return nodesOf(owner, nodes, witnesses, machines);
}

/** Reads one node by a list, because the controller may list nodes but not get them. */
async function readMachine(
  connection: Pick<Connection, 'request'>,
  { name }: NodeView,
  signal: AbortSignal,
): Promise<Machine | string> {
  try {
    const query = { fieldSelector: `metadata.name=${name}`, limit: '1' };
    const items = listAt(await connection.request({ path: '/api/v1/nodes', query, signal }), 'items').slice(0, 1);
    const node = items.find((item) => textAt(member(item, 'metadata'), 'name') === name);
    return machineOf(textAt(member(node, 'spec'), 'providerID'));
  } catch (error) {
    signal.throwIfAborted();
    return escapeForDisplay(error instanceof Error ? error.message : String(error), 1024);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
