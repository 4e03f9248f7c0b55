import type { Connection, KubernetesError } from '../../kubernetes/connection.ts';
import type { Intent } from '../intent.ts';
import type { NodesObservation, NodeView, UpgraderEvent } from '../observation.ts';
import type { TargetAccess } from './access.ts';
import { listNodes } from './node-table.ts';
import { findRefusals } from './refusals.ts';
import { listUpgraderEvents } from './upgrader-events.ts';

/** How much is read: the nodes, or with them what AKS said about them and who refuses to be evicted. */
export type Depth = 'Nodes' | 'Progress';

/** Reads the nodes of target clusters. */
export interface NodeReader {
  /** Never rejects for what a cluster or a Secret is like: that is an observation. */
  read(key: string, intents: readonly Intent[], depth: Depth, signal: AbortSignal): Promise<NodesObservation>;
}

/** Lists over what `access` opens; what an object says there is not looked at. */
export function createNodeReader(access: TargetAccess): NodeReader {
  return {
    async read(key, intents, depth, signal) {
      const target = await access.connectionFor(key, intents, signal);
      if (target.kind !== 'Open') return target;
      const { connection } = target;
      try {
        const nodes = await listNodes(connection, signal);
        const { lastResponseDate } = connection;
        const said = depth === 'Progress' ? await readSaid(connection, nodes, signal) : {};
        return {
          kind: 'Read',
          nodes,
          ...(lastResponseDate === undefined ? {} : { serverTime: lastResponseDate }),
          ...said,
        };
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'Unreadable', message: `the nodes cannot be listed: ${(error as KubernetesError).message}` };
      }
    },
  };
}

/** Nothing where it may not be read: the nodes themselves tell how far it is, and events only what holds it up. */
async function readSaid(
  connection: Connection,
  nodes: readonly NodeView[],
  signal: AbortSignal,
): Promise<{ events?: readonly UpgraderEvent[]; refusals?: ReadonlyMap<string, readonly string[]> }> {
  let events: readonly UpgraderEvent[];
  try {
    events = await listUpgraderEvents(connection, signal);
  } catch {
    signal.throwIfAborted();
    return {};
  }
  const born = new Map(nodes.map(({ name, createdAt }) => [name, createdAt]));
  const refused = events.filter(
    ({ node, step, at }) => step === 'EvictionRefused' && at >= (born.get(node) ?? Infinity),
  );
  if (refused.length === 0) return { events };
  const pods = refused.map(({ about }) => about);
  return { events, refusals: await findRefusals(connection, pods, signal) };
}
