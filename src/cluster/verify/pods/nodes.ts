import type { Connection } from '../../../kubernetes/client/connection.ts';
import type { TrustIntent } from '../../model/intent.ts';
import type { NodesObservation, NodeView, Observation } from '../../model/observation.ts';
import { type VerifyAccess, namespaceOf } from '../../model/way.ts';
import { ownKey } from '../../model/ways.ts';
import { ownNodes } from '../../node-access/machine.ts';
import { listNodes } from '../../node-access/node-table.ts';

/**
 * The nodes of the cluster: those that this reconcile has read over the ways of this owner, or else a fresh list. A string is the
 * reason why they cannot be verified. Throws like {@link listNodes}.
 */
export async function nodesToAsk(
  observation: Observation,
  intent: TrustIntent,
  owner: VerifyAccess['owner'],
  connection: Connection,
  signal: AbortSignal,
): Promise<readonly NodeView[] | string> {
  const { id, arm } = observation;
  const nodes = seenOver(observation, intent, owner);
  if (nodes.kind === 'Read') return nodes.nodes;
  if (nodes.kind === 'Unreadable') return nodes.message;
  const listed: NodesObservation = { kind: 'Read', nodes: await listNodes(connection, signal) };
  // A result from the nodes of another cluster would prove nothing.
  const { subscriptionId } = id;
  const own = arm.ok ? await ownNodes(connection, { ...arm.reading.model, subscriptionId }, listed, signal) : listed;
  return own.kind === 'Unreadable' ? own.message : listed.nodes;
}

/** The nodes that were read over the ways of this owner: another way may lead to another cluster. */
function seenOver(
  { ways, nodes, own }: Observation,
  intent: TrustIntent,
  owner: VerifyAccess['owner'],
): NodesObservation {
  const namespace = namespaceOf(intent);
  const judge = owner === 'Operator' ? 'Operator' : ownKey(namespace);
  if (ways.judge === judge) return nodes;
  return (owner === 'Namespace' ? own.get(namespace) : undefined) ?? { kind: 'NotRead' };
}
