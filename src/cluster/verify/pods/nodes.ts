import type { Connection } from '../../../kubernetes/client/connection.ts';
import type { Intent } from '../../model/intent.ts';
import type { NodesObservation, NodeView, Observation } from '../../model/observation.ts';
import { type VerifyAccess, namespaceOf } from '../../model/way.ts';
import { ownKey } from '../../model/ways.ts';
import { ownNodes } from '../../node-access/machine.ts';
import { listNodes } from '../../node-access/node-table.ts';

/**
 * The nodes of the cluster: as the pass has read them over the ways of this owner, else as they are now. Or why they are not to be asked. Throws as
 * {@link listNodes}.
 */
export async function nodesToAsk(
  observation: Observation,
  intent: Intent,
  owner: VerifyAccess['owner'],
  connection: Connection,
  signal: AbortSignal,
): Promise<readonly NodeView[] | string> {
  const { id, arm } = observation;
  const nodes = seenOver(observation, intent, owner);
  if (nodes.kind === 'Read') return nodes.nodes;
  if (nodes.kind === 'Unreadable') return nodes.message;
  const listed: NodesObservation = { kind: 'Read', nodes: await listNodes(connection, signal) };
  // Proof on the nodes of another cluster is none.
  const { subscriptionId } = id;
  const own = arm.ok ? await ownNodes(connection, { ...arm.reading.model, subscriptionId }, listed, signal) : listed;
  return own.kind === 'Unreadable' ? own.message : listed.nodes;
}

/** What another way has shown is not what this one leads to. */
function seenOver({ ways, nodes, own }: Observation, intent: Intent, owner: VerifyAccess['owner']): NodesObservation {
  const namespace = namespaceOf(intent);
  const judge = owner === 'Operator' ? 'Operator' : ownKey(namespace);
  if (ways.judge === judge) return nodes;
  return (owner === 'Namespace' ? own.get(namespace) : undefined) ?? { kind: 'NotRead' };
}
