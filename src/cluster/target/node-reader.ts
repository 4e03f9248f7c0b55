import { whenSilent, type Clock, type Lull } from '../../kubernetes/clock.ts';
import type { Connection, KubernetesError } from '../../kubernetes/connection.ts';
import type { Intent } from '../intent.ts';
import type { NodesObservation, NodeView, UpgraderEvent } from '../observation.ts';
import type { TargetAccess } from './access.ts';
import { listCollection, type Collection } from './collection.ts';
import { createFollowed, type Followed, type FollowedObjects } from './followed.ts';
import { NODES } from './node-table.ts';
import { findRefusals } from './refusals.ts';
import { UPGRADER_EVENTS } from './upgrader-events.ts';

/** What is read, and how recent it has to be. */
export type Depth =
  /** The nodes, as a list has them now. */
  | 'Nodes'
  /** With what AKS said about them and who refuses to be evicted; moments old, over a watch, for a look that decides nothing. */
  | 'Progress'
  /** The same as lists have it now: what becomes of an operation is decided by it. */
  | 'Outcome';

/** Reads the nodes of target clusters. */
export interface NodeReader {
  /** Never rejects for what a cluster or a Secret is like: that is an observation. */
  read(key: string, intents: readonly Intent[], depth: Depth, signal: AbortSignal): Promise<NodesObservation>;
  /** Ends every watch. */
  close(): void;
}

/** Nobody has looked for so long: the operation is over, or another process looks. */
const IDLE_MS = 60_000;

interface FollowedCluster {
  readonly nodes: Followed<NodeView>;
  readonly events: Followed<UpgraderEvent>;
  readonly idle: Lull;
}

/** How a collection is read: over a watch, or by a list. */
interface Reading {
  nodes(connection: Connection, signal: AbortSignal): Promise<FollowedObjects<NodeView>>;
  events(connection: Connection, signal: AbortSignal): Promise<FollowedObjects<UpgraderEvent>>;
}

/** Reads over what `access` opens; what an object says there is not looked at. */
export function createNodeReader(access: TargetAccess, clock: Clock): NodeReader {
  const clusters = new Map<string, FollowedCluster>();

  function follow(key: string): FollowedCluster {
    const known = clusters.get(key);
    if (known) {
      known.idle.heard();
      return known;
    }
    const idle = whenSilent(clock, IDLE_MS, () => forget(key));
    const cluster = { nodes: createFollowed(NODES, clock), events: createFollowed(UPGRADER_EVENTS, clock), idle };
    clusters.set(key, cluster);
    return cluster;
  }

  function forget(key: string): void {
    const { nodes, events, idle } = clusters.get(key) ?? {};
    clusters.delete(key);
    idle?.cancel();
    nodes?.close();
    events?.close();
  }

  function readingFor(key: string, depth: Depth): Reading {
    if (depth !== 'Progress') return LISTS;
    const { nodes, events } = follow(key);
    return {
      nodes: (connection, signal) => nodes.read(connection, signal),
      events: (connection, signal) => events.read(connection, signal),
    };
  }

  return {
    async read(key, intents, depth, signal) {
      const target = await access.connectionFor(key, intents, signal);
      if (target.kind !== 'Open') return target;
      const { connection } = target;
      const reading = readingFor(key, depth);
      try {
        const { objects: nodes, serverTime } = await reading.nodes(connection, signal);
        const said = depth === 'Nodes' ? {} : await readSaid(connection, reading, nodes, signal);
        return { kind: 'Read', nodes, ...(serverTime === undefined ? {} : { serverTime }), ...said };
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'Unreadable', message: `the nodes cannot be listed: ${(error as KubernetesError).message}` };
      }
    },
    close() {
      for (const key of clusters.keys()) forget(key);
    },
  };
}

const LISTS: Reading = { nodes: listing(NODES), events: listing(UPGRADER_EVENTS) };

function listing<T>(collection: Collection<T>) {
  return async (connection: Connection, signal: AbortSignal): Promise<FollowedObjects<T>> => {
    const { objects } = await listCollection(connection, collection, signal);
    const { lastResponseDate } = connection;
    return {
      objects: [...objects.values()],
      ...(lastResponseDate === undefined ? {} : { serverTime: lastResponseDate }),
    };
  };
}

/** Nothing where it may not be read: the nodes themselves tell how far it is, and events only what holds it up. */
async function readSaid(
  connection: Connection,
  reading: Reading,
  nodes: readonly NodeView[],
  signal: AbortSignal,
): Promise<{ events?: readonly UpgraderEvent[]; refusals?: ReadonlyMap<string, readonly string[]> }> {
  let events: readonly UpgraderEvent[];
  try {
    ({ objects: events } = await reading.events(connection, signal));
  } catch {
    signal.throwIfAborted();
    return {};
  }
  const born = new Map(nodes.map(({ name, createdAt }) => [name, createdAt]));
  const refused = events.filter(
    ({ node, step, at }) => step === 'EvictionRefused' && at >= (born.get(node) ?? Infinity),
  );
  if (refused.length === 0) return { events };
  // Events outlive the pods that they are about: what was said last is asked about first.
  const pods = refused.toSorted((a, b) => b.at - a.at || (a.about < b.about ? -1 : 1)).map(({ about }) => about);
  return { events, refusals: await findRefusals(connection, pods, signal) };
}
