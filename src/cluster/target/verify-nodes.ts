import type { Connection } from '../../kubernetes/connection.ts';
import type { NodesObservation, NodeView, Observation } from '../observation.ts';
import { listNodes } from './node-table.ts';
import { nodesOf } from './owner.ts';

/**
 * The nodes of the cluster: as the pass has read them, else as they are now. Or why they are not to be asked. Throws as
 * {@link listNodes}.
 */
export async function nodesToAsk(
  { arm, nodes }: Observation,
  connection: Connection,
  signal: AbortSignal,
): Promise<readonly NodeView[] | string> {
  if (nodes.kind === 'Read') return nodes.nodes;
  if (nodes.kind === 'Unreadable') return nodes.message;
  const listed: NodesObservation = { kind: 'Read', nodes: await listNodes(connection, signal) };
  // Proof on the nodes of another cluster is none.
  const own = arm.ok ? nodesOf(arm.reading.model, listed) : listed;
  return own.kind === 'Unreadable' ? own.message : listed.nodes;
}
