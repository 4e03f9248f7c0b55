import type { Clock } from '../../kubernetes/clock.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import { LONGEST_SILENCE_MS, openWatch } from '../../kubernetes/client/watch.ts';
import { listCollection, type Collection, type CollectionReader } from '../../kubernetes/untrusted/collection.ts';

/** A collection that is read again and again: listed by the first reading, watched from there on. */
export interface WatchedCollections<T> {
  /**
   * The objects as the watch last reported them. The server is listed only where there is no watch, or no reliable one. Throws as
   * {@link listCollection}.
   *
   * @param keep as in {@link listCollection}
   */
  read(connection: Connection, signal: AbortSignal, keep?: (count: number) => void): Promise<WatchedObjects<T>>;
  /** How many objects are kept. */
  readonly size: number;
  /** Ends the watch, for good. */
  close(): void;
}

export interface WatchedObjects<T> {
  readonly objects: readonly T[];
  /** The server's time, in ms, where it reports one: the time of the list, advanced by our clock. */
  readonly serverTime?: number;
}

/** Longest life of a watch, so that a missed change is corrected. The server is asked to end it then; if it does not, we end it. */
const LONGEST_WATCH_SECONDS = 30 * 60;

/** Most changes of one watch for each object of the collection's limit. 5,000 nodes that report every 5 minutes make 30,000 an hour. */
const CHANGES_PER_OBJECT = 2;

/**
 * Follows one collection. A watch that ends, for whatever reason, is not taken up again: the next reading lists, and says what is
 * wrong if it cannot. Where only lists are allowed, each reading is one.
 *
 * @param onGrown is called each time that the watch has added a thousand objects
 * @param longestSilenceMs a watch that says nothing for longer is not relied on
 */
export function createWatchedCollections<T>(
  collection: Collection<T>,
  clock: Clock,
  onGrown = () => {},
  longestSilenceMs = LONGEST_SILENCE_MS,
): WatchedCollections<T> {
  let current: Watch<T> | undefined;
  let closed = false;

  function isReliable(watch: Watch<T>, server: string): boolean {
    const now = clock.now();
    const silent = now - watch.heardAt;
    // A clock that was set back would make a dead watch seem alive.
    const speaks = silent >= 0 && silent < longestSilenceMs;
    const isYoung = now - watch.openedAt < LONGEST_WATCH_SECONDS * 1000;
    return !watch.end.signal.aborted && watch.server === server && speaks && isYoung;
  }

  async function open(
    connection: Connection,
    signal: AbortSignal,
    keep: ((count: number) => void) | undefined,
  ): Promise<Watch<T>> {
    const read = collection.reader();
    const { objects, resourceVersion } = await listCollection(connection, collection, signal, read, keep);
    const heardAt = clock.now();
    const { lastResponseDate } = connection;
    const ahead = lastResponseDate === undefined ? undefined : lastResponseDate - heardAt;
    const watch = { server: connection.server, objects, ahead, openedAt: heardAt, heardAt, end: new AbortController() };
    // If this was closed or aborted during the list, nothing else would end the watch.
    if (closed || signal.aborted) watch.end.abort();
    else void follow(watch, connection, read, resourceVersion);
    return watch;
  }

  async function follow(
    watch: Watch<T>,
    connection: Connection,
    read: CollectionReader<T>,
    resourceVersion: string,
  ): Promise<void> {
    const { path, query, accept, limit } = collection;
    const { signal } = watch.end;
    let [changes, added] = [0, 0];
    try {
      const options = { query, accept, resourceVersion, timeoutSeconds: LONGEST_WATCH_SECONDS, signal };
      for await (const event of await openWatch(connection, path, options)) {
        watch.heardAt = clock.now();
        changes += 1;
        if (changes > CHANGES_PER_OBJECT * limit) break;
        if (event.type === 'BOOKMARK') continue;
        for (const { name, value } of read(event.object)) {
          if (event.type === 'DELETED' || value === undefined) watch.objects.delete(name);
          else {
            if (!watch.objects.has(name) && ++added % 1000 === 0) onGrown();
            watch.objects.set(name, value);
          }
        }
        // The next read lists, and reports the excess.
        if (watch.objects.size > limit) break;
      }
    } catch {
      // The cause does not matter: the next list succeeds, or reports its own error.
    } finally {
      watch.end.abort();
    }
  }

  return {
    async read(connection, signal, keep) {
      if (!current || !isReliable(current, connection.server)) {
        current?.end.abort();
        current = undefined;
        current = await open(connection, signal, keep);
      }
      const { objects, ahead } = current;
      return {
        objects: [...objects.values()],
        ...(ahead === undefined ? {} : { serverTime: clock.now() + ahead }),
      };
    },
    get size() {
      return current?.objects.size ?? 0;
    },
    close() {
      closed = true;
      current?.end.abort();
      current = undefined;
    },
  };
}

interface Watch<T> {
  readonly server: string;
  readonly objects: Map<string, T>;
  /** By how much the server's clock is ahead of ours, in ms. */
  readonly ahead: number | undefined;
  /** In ms, by our clock. */
  readonly openedAt: number;
  heardAt: number;
  /** Aborted when the watch has ended, or must end. */
  readonly end: AbortController;
}
