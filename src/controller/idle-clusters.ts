import { hash } from 'node:crypto';
import type { ClusterId } from '../api/resource-id.ts';
import type { ClusterModel } from '../azure/cluster-model.ts';
import type { ListScope } from '../azure/cluster-page.ts';
import type { ManagedClusters } from '../azure/managed-clusters.ts';
import type { ListedCluster } from '../cluster/model/listed-cluster.ts';
import { pause, type Clock } from '../kubernetes/clock.ts';
import { omit } from '../cluster/model/omit.ts';

/**
 * Polls clusters at rest with ARM's LIST, which has many of them on one page. Only a cluster whose state has changed is woken.
 * Clusters that are not at rest are read by their own reconciles.
 */
export interface IdleClusters {
  /** Rounds, until the signal aborts; never rejects. The first round wakes every cluster that was not reconciled by then. */
  run(signal: AbortSignal): Promise<void>;
  /** The cluster as the last round read it. Returned once: the next call returns undefined. */
  take(key: string): ListedCluster | undefined;
  /** Remembers the state of a cluster at rest. False when no LIST shows the cluster: it must be read by itself. */
  rest(id: ClusterId, model: ClusterModel): boolean;
}

export interface IdleClustersOptions {
  readonly arm: Pick<ManagedClusters, 'list'>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Time between two rounds, in ms, varied at random by a tenth. */
  readonly interval: number;
  /** Clusters that this process works on. */
  readonly clusters: () => Iterable<ClusterId>;
  /** Called for each cluster that needs a reconcile, at once or after `afterMs`. */
  readonly wake: (key: string, afterMs?: number) => void;
  /** Called with an error of a round; the next one begins as planned. */
  readonly onError?: (error: unknown) => void;
  /** Called after each round. */
  readonly onRound?: (round: { readonly clusters: number; readonly woken: number; readonly requests: number }) => void;
}

/** Fewest clusters for which a LIST is worth it: for one, a GET costs as much and returns more. */
const FEWEST = 2;

/** Most listed clusters that wait for their reconcile; the next page is requested when fewer wait. */
const BACKLOG = 200;

/** Subscriptions that are listed at the same time, so that one without an answer does not delay the others. */
const AT_A_TIME = 4;

/** Age in ms after which a listed cluster is too old to be used. */
const STALE_MS = 30_000;

/** Every so many rounds all clusters are woken and read in full: every ten hours, at ten minutes a round. */
const WHOLE_ROUND = 60;

/** Rounds after which a scope that may not be listed is tried again. */
const RETRY_WIDER = 144;

/** Most pages of one LIST; AKS has at most some thousand clusters in a subscription, and dozens on a page. */
const MOST_PAGES = 1000;

/** LISTs of groups that may fail for one subscription in one round; after that the others are expected to fail too. */
const MOST_FAILED_GROUPS = 3;

/** Time between two clusters that are woken because no LIST shows them, in ms: ten a second, or faster to end in time. */
const APART_MS = 100;

/** How a LIST ended. `left`: keys of the clusters that it did not show. */
type Listing =
  | { readonly kind: 'Whole' }
  /** ARM wants fewer requests: none is sent in place of this one. */
  | { readonly kind: 'Throttled' }
  | { readonly kind: 'Closed' | 'Failed'; readonly left: ReadonlySet<string> };

export function createIdleClusters(options: IdleClustersOptions): IdleClusters {
  const { arm, clock, random, interval, clusters, wake, onRound } = options;
  /** Digest of the state of each cluster at rest. */
  const stateByKey = new Map<string, string>();
  const listedByKey = new Map<string, ListedCluster>();
  /** Clusters whose next reconcile is still to come. */
  const awaited = new Set<string>();
  /** Scopes that may not be listed, and the round in which to try again. */
  const closed = new Map<string, number>();
  /** Clusters that a LIST has shown. */
  const shown = new Set<string>();
  let round = 0;
  let drained: (() => void) | undefined;

  function enqueue(key: string, listed?: ListedCluster, afterMs = 0): void {
    awaited.delete(key);
    if (listed) listedByKey.set(key, listed);
    if (afterMs > 0) wake(key, afterMs);
    else wake(key);
  }

  async function list(
    scope: ListScope,
    wanted: ReadonlyMap<string, ClusterId>,
    tally: Tally,
    signal: AbortSignal,
  ): Promise<Listing> {
    const name = scopeName(scope);
    const missing = new Set(wanted.keys());
    if ((closed.get(name) ?? 0) > round) return { kind: 'Closed', left: missing };
    const asked = new Set<string | undefined>();
    for (let next: string | undefined; !signal.aborted;) {
      // A server that repeats a page link would make this loop endless.
      if (asked.has(next) || asked.size >= MOST_PAGES) return { kind: 'Failed', left: missing };
      asked.add(next);
      await room(signal);
      tally.requests += 1;
      const page = await listPage(scope, next, wanted, signal);
      if (page === undefined) return { kind: 'Failed', left: missing };
      if (!page.ok) {
        const { reason } = page.failure;
        if (reason === 'AccessDenied') closed.set(name, round + RETRY_WIDER);
        if (reason !== 'Throttled') return { kind: reason === 'AccessDenied' ? 'Closed' : 'Failed', left: missing };
        for (const key of missing) if (awaited.has(key)) enqueue(key);
        return { kind: 'Throttled' };
      }
      const { readAt } = page.value;
      for (const [key, model] of page.value.clusters) {
        missing.delete(key);
        shown.add(key);
        const before = stateByKey.get(key);
        // A cluster at rest without a change needs no reconcile; one that is not at rest has its own.
        if (!awaited.has(key) && (before === undefined || before === stateOf(model))) continue;
        stateByKey.delete(key);
        tally.woken += 1;
        enqueue(key, { model, readAt });
      }
      next = page.value.next;
      if (next === undefined) break;
    }
    // Absence in a LIST proves nothing: a GET decides.
    for (const key of missing) {
      shown.delete(key);
      if (!awaited.has(key) && !stateByKey.delete(key)) continue;
      tally.woken += 1;
      enqueue(key);
    }
    return { kind: 'Whole' };
  }

  /** Undefined where the call throws: a round must not end the process. */
  async function listPage(
    scope: ListScope,
    next: string | undefined,
    wanted: ReadonlyMap<string, ClusterId>,
    signal: AbortSignal,
  ) {
    try {
      return await arm.list(scope, next, (key) => wanted.has(key), signal);
    } catch (error) {
      signal.throwIfAborted();
      options.onError?.(error);
      return undefined;
    }
  }

  /** Lists the subscription, or its groups where that fails. Clusters that no LIST shows are woken one by one. */
  async function listSubscription(
    subscriptionId: string,
    ids: readonly ClusterId[],
    tally: Tally,
    signal: AbortSignal,
  ) {
    let left: readonly ClusterId[] = ids;
    if (ids.length >= FEWEST) {
      const whole = await list({ subscriptionId }, byKey(ids), tally, signal);
      if (!('left' in whole)) return;
      left = ids.filter(({ key }) => whole.left.has(key));
    }
    const alone: string[] = [];
    let failed = 0;
    for (const group of Map.groupBy(left, ({ resourceGroup }) => resourceGroup.toLowerCase()).values()) {
      const [{ resourceGroup } = { resourceGroup: '' }] = group;
      const listing =
        group.length >= FEWEST && failed < MOST_FAILED_GROUPS
          ? await list({ subscriptionId, resourceGroup }, byKey(group), tally, signal)
          : undefined;
      if (listing && !('left' in listing)) continue;
      if (listing?.kind === 'Failed') failed += 1;
      alone.push(...(listing?.left ?? group.map(({ key }) => key)));
    }
    wakeOneByOne(alone, tally);
  }

  /** Wakes clusters one after another, all of them within the interval. The budgets of ARM slow their requests if needed. */
  function wakeOneByOne(keys: readonly string[], tally: Tally): void {
    // A cluster that rests without a LIST has its next read scheduled already.
    const woken = keys.filter((key) => {
      shown.delete(key);
      const rested = stateByKey.delete(key);
      return awaited.has(key) || rested;
    });
    const apart = Math.min(APART_MS, (0.8 * interval) / woken.length);
    for (const [index, key] of woken.entries()) enqueue(key, undefined, Math.floor(index * apart));
    tally.woken += woken.length;
  }

  async function roundNumber(signal: AbortSignal): Promise<void> {
    const tally: Tally = { requests: 0, woken: 0 };
    const everything = [...clusters()];
    const subscriptions = bySubscription(everything);
    forgetAllBut(new Set(everything.map(({ key }) => key)));
    const walk = async () => {
      for (let ids = subscriptions.pop(); ids && !signal.aborted; ids = subscriptions.pop()) {
        try {
          await listSubscription(ids[0]!.subscriptionId, ids, tally, signal);
        } catch (error) {
          if (!signal.aborted) options.onError?.(error);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, walk));
    if (tally.requests > 0) onRound?.({ clusters: everything.length, ...tally });
  }

  function forgetAllBut(known: ReadonlySet<string>): void {
    for (const key of stateByKey.keys()) if (!known.has(key)) stateByKey.delete(key);
    for (const key of shown) if (!known.has(key)) shown.delete(key);
  }

  /** Waits until reconciles have taken enough of the listed clusters. */
  async function room(signal: AbortSignal): Promise<void> {
    while (listedByKey.size >= BACKLOG && !signal.aborted) {
      const some = Promise.withResolvers<void>();
      drained = some.resolve;
      await Promise.race([some.promise, pause(clock, 1000, signal)]);
      for (const [key, { readAt }] of listedByKey) if (clock.now() - readAt > STALE_MS) listedByKey.delete(key);
    }
  }

  return {
    async run(signal) {
      for (const { key } of clusters()) awaited.add(key);
      for (; !signal.aborted; round++) {
        if (round > 0) await pause(clock, interval * (0.9 + 0.2 * random()), signal);
        if (round > 0 && round % WHOLE_ROUND === 0) for (const key of stateByKey.keys()) awaited.add(key);
        await roundNumber(signal);
      }
    },
    take(key) {
      awaited.delete(key);
      const listed = listedByKey.get(key);
      listedByKey.delete(key);
      if (listedByKey.size < BACKLOG / 2) drained?.();
      return listed && clock.now() - listed.readAt <= STALE_MS ? listed : undefined;
    },
    rest({ key }, model) {
      if (!shown.has(key)) return false;
      stateByKey.set(key, stateOf(model));
      return true;
    },
  };
}

interface Tally {
  requests: number;
  woken: number;
}

function byKey(ids: readonly ClusterId[]): ReadonlyMap<string, ClusterId> {
  return new Map(ids.map((id) => [id.key, id]));
}

function bySubscription(ids: Iterable<ClusterId>): ClusterId[][] {
  return [...Map.groupBy(ids, ({ subscriptionId }) => subscriptionId.toLowerCase()).values()];
}

function scopeName({ subscriptionId, resourceGroup = '' }: ListScope): string {
  return `${subscriptionId}/${resourceGroup}`.toLowerCase();
}

/** Digest of the cluster without its eTag, which a LIST may leave out. */
function stateOf(model: ClusterModel): string {
  return hash('sha256', JSON.stringify(omit(model, ['eTag'])), 'base64').slice(0, 16);
}
