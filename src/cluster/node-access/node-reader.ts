import { escapeForDisplay } from '../../api/display.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import { whenSilent, type Clock, type Lull } from '../../kubernetes/clock.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { NodesObservation, NodeView, UpgraderEvent } from '../model/observation.ts';
import { omit } from '../model/omit.ts';
import { idOf, type Way } from '../model/way.ts';
import { isOperatorSecret, OPERATOR_TROUBLE, payerOf } from './access.ts';
import { isRightMissing } from './access-errors.ts';
import type { TargetAccess, TargetAccessOptions } from './target-way.ts';
import { listCollection, type Collection } from '../../kubernetes/untrusted/collection.ts';
import { createWatchedCollections, type WatchedCollections, type WatchedObjects } from './watched-collection.ts';
import { ownNodes } from './machine.ts';
import { NODES } from './node-table.ts';
import type { Owner } from './wrong-cluster.ts';
import { startReading, type Reading } from './reading.ts';
import { readRecentEvents } from './recent-events.ts';
import { readLocalData } from './local-data.ts';
import { readTightBudgets } from './tight-budgets.ts';
import { readTroubledRequests } from './troubled-requests.ts';
import { createShares } from './share.ts';
import { implausible } from './times.ts';
import { UPGRADER_EVENTS } from './upgrader-events.ts';
import type { Source } from './node-source.ts';

/** How much is read, and how recent it must be. */
export type Depth =
  /** The nodes, as a list has them now. */
  | 'Nodes'
  /** With AKS' events about them and the refused evictions, over a watch and so moments old: for reports, not for decisions. */
  | 'Progress'
  /** The same, from lists: it decides the end of an operation. */
  | 'Outcome'
  /** The nodes as a list has them, and what may hinder their recreation or be lost with it: before an operation that recreates them. */
  | 'Preflight';

/** Reads the nodes of target clusters. */
export interface NodeReader {
  /** Never rejects because of the state of a cluster or a Secret: that is an observation. */
  read(from: NodeSource, depth: Depth, signal: AbortSignal): Promise<NodesObservation>;
  /** Frees the memory of the cluster's readings: its reconcile has ended. */
  reconcileEnded(cluster: ClusterId): void;
  /** Ends every watch. */
  close(): void;
}

/** The ways over which the nodes of a cluster are read. */
export interface NodeSource {
  readonly cluster: ClusterId;
  /** Identifies the reconcile, in which no Secret is read twice. */
  readonly reconcile: object;
  /** The name of this group of ways: a reading of one group is never used for another. */
  readonly group: string;
  /** In order of preference; the first that works is used. Empty: no access. */
  readonly ways: readonly Way[];
  /** Nodes of another cluster count as unreadable. Without an owner this is not checked. */
  readonly owner?: Owner;
  /** Deadline of the reading, in ms; default: the longest. */
  readonly ms?: number;
}

/** A way that works is tried first for this time, in ms, although an earlier one may work again: each failure costs time. */
const PREFERRED_MS = 10 * 60_000;

/** Watches end after this time without a read: the operation is over, or another process reads. */
const IDLE_MS = 60_000;

/** Deadline of one reading of a cluster: it occupies a worker for that time. */
const READING_MS = 90_000;

/** Objects that all watches together keep, some 60 MiB: tenants may bring any number of servers. */
const KEPT_IN_ALL = 100_000;

/** Listed objects that all reconciles together hold, at most 1 KiB each; ten clusters with 5,000 nodes each have almost as many. */
const HELD_IN_ALL = 60_000;

interface FollowedCluster {
  readonly nodes: WatchedCollections<NodeView>;
  readonly events: WatchedCollections<UpgraderEvent>;
  readonly idle: Lull;
}

export interface NodeReaderOptions extends Pick<TargetAccessOptions, 'onOperatorTrouble'> {
  /** For tests: the deadline of one reading, in ms. */
  readonly readingMs?: number;
  /** As in {@link createWatchedCollections}. */
  readonly longestSilenceMs?: number;
}

/** Reads over the connections of `access`. */
export function createNodeReader(access: TargetAccess, clock: Clock, options: NodeReaderOptions = {}): NodeReader {
  const { readingMs = READING_MS, longestSilenceMs, onOperatorTrouble } = options;
  const clusters = new Map<string, FollowedCluster>();
  const shares = createShares(HELD_IN_ALL);
  /** By cluster and group: the way that worked last, where it was not the first. */
  const preferred = new Map<string, { readonly way: string; readonly until: number }>();

  function follow(key: string): FollowedCluster {
    const known = clusters.get(key);
    if (known) {
      known.idle.heard();
      return known;
    }
    const idle = whenSilent(clock, IDLE_MS, () => forget(key));
    const cluster = {
      nodes: createWatchedCollections(NODES, clock, relieve, longestSilenceMs),
      events: createWatchedCollections(UPGRADER_EVENTS, clock, relieve, longestSilenceMs),
      idle,
    };
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

  /** Ends the largest watches where all together keep too many objects. A collection without a watch is listed each time. */
  function relieve(): void {
    const sizes = [...clusters].map(([key, { nodes, events }]) => ({ key, size: nodes.size + events.size }));
    let total = sizes.reduce((sum, { size }) => sum + size, 0);
    for (const { key, size } of sizes.sort((a, b) => b.size - a.size)) {
      if (total <= KEPT_IN_ALL) return;
      forget(key);
      total -= size;
    }
  }

  function inOrder(key: string, ways: readonly Way[]): readonly Way[] {
    const { way, until } = preferred.get(key) ?? { until: 0 };
    if (until <= clock.now()) return ways;
    return [...ways.filter((one) => idOf(one) === way), ...ways.filter((one) => idOf(one) !== way)];
  }

  function prefer(key: string, way: Way, [first]: readonly Way[]): void {
    if (first === undefined || idOf(first) === idOf(way)) preferred.delete(key);
    else if ((preferred.get(key)?.until ?? 0) <= clock.now())
      preferred.set(key, { way: idOf(way), until: clock.now() + PREFERRED_MS });
  }

  async function readBy(
    way: Way,
    { cluster, reconcile: pass, owner }: NodeSource,
    key: string,
    depth: Depth,
    ms: number,
    signal: AbortSignal,
  ): Promise<NodesObservation> {
    const reading = startReading(clock, ms, signal);
    const payer = payerOf(way, cluster);
    let taken = 0;
    const keep = (count: number) => {
      shares.take(cluster.key, payer, count);
      taken += count;
    };
    const unread = (seen: NodesObservation): NodesObservation => {
      shares.drop(cluster.key, payer, taken);
      return seen;
    };
    try {
      const seen = await reading.within(async () => {
        reading.step('connecting');
        const target = await access.connectionFor(cluster, way, pass, reading.signal);
        if (target.kind !== 'Open') return target;
        return readOver(target.connection, sourceFor(key, depth, keep), depth, owner, reading);
      });
      return seen.kind === 'Read' ? seen : unread(seen);
    } catch (error) {
      signal.throwIfAborted();
      const why = error instanceof Error ? error.message : String(error);
      const message = `The nodes cannot be listed: ${escapeForDisplay(why, 2048)}`;
      return unread({ kind: 'Unreadable', message, ...(isRightMissing(error) ? { forbidden: true } : {}) });
    }
  }

  function sourceFor(key: string, depth: Depth, keep: (count: number) => void): Source {
    if (depth !== 'Progress') return { nodes: listing(NODES, keep), events: listing(UPGRADER_EVENTS, keep) };
    relieve();
    const { nodes, events } = follow(key);
    return {
      nodes: (connection, signal) => nodes.read(connection, signal, keep),
      events: (connection, signal) => events.read(connection, signal, keep),
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
    if (odd !== undefined) return { kind: 'Unreadable', message: `The times of the nodes are implausible: ${odd}` };
    const read: NodesObservation = { kind: 'Read', nodes, ...(serverTime === undefined ? {} : { serverTime }) };
    reading.step("reading a node's spec.providerID");
    const own = owner ? await ownNodes(connection, owner, read, signal) : read;
    if (own.kind !== 'Read' || depth === 'Nodes') return own;
    // The nodes are complete: only the events can still miss the deadline.
    reading.enough(own);
    if (depth === 'Preflight') {
      const [budgets, requests, data] = await Promise.all([
        readTightBudgets(connection, signal),
        readTroubledRequests(connection, clock.now(), signal),
        readLocalData(connection, signal),
      ]);
      return { ...own, ...budgets, ...requests, ...data };
    }
    return { ...own, ...(await readRecentEvents(connection, source, own, clock.now(), signal)) };
  }

  return {
    async read(from, depth, signal) {
      const { cluster, group, ways, ms = readingMs } = from;
      const key = `${cluster.key} ${group}`;
      let failed: Extract<NodesObservation, { kind: 'Unreadable' }> | undefined;
      let isForbidden = true;
      for (const way of inOrder(key, ways)) {
        const seen = await readBy(way, from, key, depth, ms / ways.length, signal);
        if (seen.kind === 'Read') {
          prefer(key, way, ways);
          return seen;
        }
        if (seen.kind !== 'Unreadable') continue;
        isForbidden &&= seen.forbidden === true;
        const isHidden = isOperatorSecret(way);
        if (isHidden && seen.message !== OPERATOR_TROUBLE) onOperatorTrouble?.(cluster, seen.message);
        failed ??= isHidden ? { kind: 'Unreadable', message: OPERATOR_TROUBLE } : omit(seen, ['forbidden']);
      }
      if (!failed) return { kind: 'NoAccess' };
      return isForbidden ? { ...failed, forbidden: true } : failed;
    },
    reconcileEnded: ({ key }) => shares.giveBack(key),
    close() {
      for (const key of clusters.keys()) forget(key);
    },
  };
}

function listing<T>(collection: Collection<T>, keep: (count: number) => void) {
  return async (connection: Connection, signal: AbortSignal): Promise<WatchedObjects<T>> => {
    const { objects } = await listCollection(connection, collection, signal, collection.reader(), keep);
    const { lastResponseDate } = connection;
    return {
      objects: [...objects.values()],
      ...(lastResponseDate === undefined ? {} : { serverTime: lastResponseDate }),
    };
  };
}
