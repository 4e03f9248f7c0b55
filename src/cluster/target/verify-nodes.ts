import type { Connection } from '../../kubernetes/connection.ts';
import type { NodesObservation, NodeView, Observation } from '../observation.ts';
import { ownNodes } from './machine.ts';
import { listNodes } from './node-table.ts';

/**
 * The nodes of the cluster: as the pass has read them, else as they are now. Or why they are not to be asked. Throws as
 * {@link listNodes}.
 */
export async function nodesToAsk(
  { id, arm, nodes }: Observation,
  connection: Connection,
  signal: AbortSignal,
): Promise<readonly NodeView[] | string> {
  if (nodes.kind === 'Read') return nodes.nodes;
  if (nodes.kind === 'Unreadable') return nodes.message;
  const listed: NodesObservation = { kind: 'Read', nodes: await listNodes(connection, signal) };
  // Proof on the nodes of another cluster is none.
  const { subscriptionId } = id;
  const own = arm.ok ? await ownNodes(connection, { ...arm.reading.model, subscriptionId }, listed, signal) : listed;
  return own.kind === 'Unreadable' ? own.message : listed.nodes;
}
