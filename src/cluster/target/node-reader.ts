import { escapeForDisplay } from '../../api/display.ts';
import { whenSilent, type Clock, type Lull } from '../../kubernetes/clock.ts';
import type { Connection } from '../../kubernetes/connection.ts';
import type { Intent } from '../intent.ts';
import type { NodesObservation, NodeView, UpgraderEvent } from '../observation.ts';
import type { TargetAccess } from './access.ts';
import { listCollection, type Collection } from './collection.ts';
import { createFollowed, type Followed, type FollowedObjects } from './followed.ts';
import { ownNodes } from './machine.ts';
import { NODES } from './node-table.ts';
import type { Owner } from './owner.ts';
import { startReading, type Reading } from './reading.ts';
import { readSaid } from './said.ts';
import { implausible } from './times.ts';
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
  /**
   * Never rejects for what a cluster or a Secret is like: that is an observation. Nodes that are not the owner's are unreadable;
   * without an owner they may be any cluster's.
   */
  read(
    key: string,
    intents: readonly Intent[],
    depth: Depth,
    signal: AbortSignal,
    owner?: Owner,
  ): Promise<NodesObservation>;
  /** Ends every watch. */
  close(): void;
}

/** Nobody has looked for so long: the operation is over, or another process looks. */
const IDLE_MS = 60_000;
/** All that one reading of a cluster may take: a worker does nothing else in that time. */
const READING_MS = 90_000;

interface FollowedCluster {
  readonly nodes: Followed<NodeView>;
  readonly events: Followed<UpgraderEvent>;
  readonly idle: Lull;
}

/** How a collection is read: over a watch, or by a list. */
export interface Source {
  nodes(connection: Connection, signal: AbortSignal): Promise<FollowedObjects<NodeView>>;
  events(connection: Connection, signal: AbortSignal): Promise<FollowedObjects<UpgraderEvent>>;
}

/** Reads over what `access` opens; what an object says there is not looked at. `readingMs` is for tests. */
export function createNodeReader(access: TargetAccess, clock: Clock, readingMs = READING_MS): NodeReader {
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

  function sourceFor(key: string, depth: Depth): Source {
    if (depth !== 'Progress') return LISTS;
    const { nodes, events } = follow(key);
    return {
      nodes: (connection, signal) => nodes.read(connection, signal),
      events: (connection, signal) => events.read(connection, signal),
    };
  }

  async function readOver(
    connection: Connection,
    source: Source,
    depth: Depth,
    owner: Owner | undefined,
    reading: Reading,
  ): Promise<NodesObservation> {
    const { signal } = reading;
    reading.step('listing the nodes');
    const { objects: nodes, serverTime } = await source.nodes(connection, signal);
    const odd = implausible(nodes, serverTime, clock.now());
    if (odd !== undefined) return { kind: 'Unreadable', message: `The times of the nodes are no evidence: ${odd}` };
    const read: NodesObservation = { kind: 'Read', nodes, ...(serverTime === undefined ? {} : { serverTime }) };
    reading.step("reading a node's spec.providerID");
    const own = owner ? await ownNodes(connection, owner, read, signal) : read;
    if (own.kind !== 'Read' || depth === 'Nodes') return own;
    // From here on only what AKS said can be late.
    reading.enough(own);
    return { ...own, ...(await readSaid(connection, source, own, clock.now(), signal)) };
  }

  return {
    async read(key, intents, depth, signal, owner) {
      const reading = startReading(clock, readingMs, signal);
      try {
        return await reading.within(async () => {
          reading.step('connecting');
          const target = await access.connectionFor(key, intents, reading.signal);
          if (target.kind !== 'Open') return target;
          return readOver(target.connection, sourceFor(key, depth), depth, owner, reading);
        });
      } catch (error) {
        signal.throwIfAborted();
        const why = error instanceof Error ? error.message : String(error);
        return { kind: 'Unreadable', message: `The nodes cannot be listed: ${escapeForDisplay(why, 2048)}` };
      }
    },
    close() {
      for (const key of clusters.keys()) forget(key);
    },
  };
}

const LISTS: Source = { nodes: listing(NODES), events: listing(UPGRADER_EVENTS) };

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
