import { createBackoff } from './backoff.ts';
import { type Clock, pause } from './clock.ts';
import { type Connection, KubernetesError } from './connection.ts';
import { listAll } from './list.ts';
import { type Logger, silentLogger } from './logger.ts';
import { type KubernetesObject, objectKey } from './object.ts';
import type { Store } from './store.ts';
import { isExpired, openWatch } from './watch.ts';

/** What happened to one object. Of a deleted one, `object` is the last state that is known. */
export interface Change<T> {
  readonly kind: 'added' | 'updated' | 'deleted';
  readonly object: T;
  readonly previous?: T;
}

export interface ReflectorOptions<T extends KubernetesObject> {
  readonly connection: Connection;
  /** Path of the collection: `/apis/…/customcatrusts`. */
  readonly path: string;
  /** Selectors, say. */
  readonly query?: Readonly<Record<string, string>>;
  readonly store: Store<T>;
  /** Called in order, after the store has changed. Should only note what to do: the watch waits for it. */
  readonly onChange: (change: Change<T>) => void;
  readonly clock: Clock;
  /** As `Math.random`. */
  readonly random: () => number;
  readonly logger?: Logger;
}

/** Keeps a store the same as a collection of the API server, through everything that happens between them. */
export interface Reflector {
  /** Works until the signal aborts; never rejects. To be called once. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when the first list is in the store and all its changes were handed out; never, if that never happens. */
  readonly synced: Promise<void>;
  hasSynced(): boolean;
  /** Lists again whatever the watch says; resolves when a list that began after this call is in the store. */
  refresh(): Promise<void>;
  /** When the API server last said anything, by the clock; undefined before that. A quiet watch speaks once a minute. */
  lastContact(): number | undefined;
}

/** A watch that ends sooner and says nothing is a failure: something between us and the API server cuts it. */
const SHORT_WATCH_MS = 1000;

export function createReflector<T extends KubernetesObject>(options: ReflectorOptions<T>): Reflector {
  const { connection, path, query = {}, store, onChange, clock, random, logger = silentLogger } = options;
  const backoff = createBackoff({ minMs: 800, maxMs: 30_000, random });
  const synced = Promise.withResolvers<void>();
  let hasSynced = false;
  let lastContact: number | undefined;
  let refreshing: PromiseWithResolvers<void> | undefined;
  let cutWatch: (() => void) | undefined;

  function emit(change: Change<T>): void {
    try {
      onChange(change);
    } catch (error) {
      logger.error({ err: error, path, name: change.object.metadata.name }, 'a handler of changes failed');
    }
  }

  function drop(object: T): void {
    const { namespace, name } = object.metadata;
    const previous = store.get(namespace, name);
    if (previous === undefined) return;
    store.delete(previous);
    emit({ kind: 'deleted', object, previous });
  }

  function keep(object: T): void {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const previous = store.get(namespace, name);
    if (previous !== undefined && previous.metadata.uid !== uid) {
      // Deleted and made again while we did not look.
      drop(previous);
      emit({ kind: 'added', object: store.set(object) });
    } else if (previous === undefined) {
      emit({ kind: 'added', object: store.set(object) });
    } else if (previous.metadata.resourceVersion !== resourceVersion) {
      emit({ kind: 'updated', object: store.set(object), previous });
    }
  }

  /** @returns the resourceVersion to watch from */
  async function relist(signal: AbortSignal): Promise<string> {
    const asked = refreshing;
    const list = await listAll<T>(connection, path, { query, signal });
    lastContact = clock.now();
    const present = new Set(list.items.map(({ metadata }) => objectKey(metadata.namespace, metadata.name)));
    for (const known of store.list()) {
      if (!present.has(objectKey(known.metadata.namespace, known.metadata.name))) drop(known);
    }
    for (const object of list.items) keep(object);
    hasSynced = true;
    synced.resolve();
    if (asked) refreshing = undefined;
    asked?.resolve();
    return list.resourceVersion;
  }

  /**
   * One watch, to its end.
   *
   * @returns how far it came; whether it was of any use; what ended it, unless the server did at its time
   */
  async function watchOnce(from: string, signal: AbortSignal): Promise<WatchResult> {
    let resourceVersion = from;
    let openedAt: number | undefined;
    let events = 0;
    const timeoutSeconds = Math.round(300 + 300 * random());
    const kill = new AbortController();
    cutWatch = () => kill.abort();
    // A connection that died without a word would otherwise be listened to for ever.
    const cancelKill = clock.setTimeout(() => kill.abort(), (timeoutSeconds + 5) * 1000);
    let error: unknown;
    try {
      const watched = { query, resourceVersion, timeoutSeconds, signal: AbortSignal.any([signal, kill.signal]) };
      const stream = await openWatch<T>(connection, path, watched);
      openedAt = lastContact = clock.now();
      for await (const event of stream) {
        lastContact = clock.now();
        if (event.type !== 'BOOKMARK') {
          events++;
          if (event.type === 'DELETED') drop(event.object);
          else keep(event.object);
        }
        resourceVersion = event.resourceVersion;
      }
    } catch (thrown) {
      if (!kill.signal.aborted) error = thrown;
    } finally {
      cancelKill();
      cutWatch = undefined;
    }
    const useful = events > 0 || (openedAt !== undefined && clock.now() - openedAt >= SHORT_WATCH_MS);
    return { resourceVersion, useful, error };
  }

  async function pauseAfter(error: unknown, what: string, signal: AbortSignal): Promise<void> {
    const ms = backoff.next(error instanceof KubernetesError ? error.retryAfterMs : undefined);
    logger.warn({ err: error, path, retryInMs: Math.round(ms) }, what);
    await pause(clock, ms, signal);
  }

  /** Watches again and again until the position is lost or the signal aborts. */
  async function watch(from: string, signal: AbortSignal): Promise<void> {
    let resourceVersion = from;
    while (!signal.aborted && !refreshing) {
      const result = await watchOnce(resourceVersion, signal);
      resourceVersion = result.resourceVersion;
      if (result.useful) backoff.reset();
      if (signal.aborted || refreshing) return;
      if (isExpired(result.error)) {
        logger.info({ path, resourceVersion }, 'the watch cannot go on from here: listing again');
        if (!result.useful) await pauseAfter(result.error, 'a watch expired as soon as it began', signal);
        return;
      }
      if (result.error !== undefined) await pauseAfter(result.error, 'a watch failed', signal);
      else if (!result.useful) await pauseAfter(undefined, 'a watch ended as soon as it began', signal);
    }
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          await watch(await relist(signal), signal);
        } catch (error) {
          if (!signal.aborted) await pauseAfter(error, 'a list failed', signal);
        }
      }
    },
    synced: synced.promise,
    hasSynced: () => hasSynced,
    refresh() {
      refreshing ??= Promise.withResolvers();
      cutWatch?.();
      return refreshing.promise;
    },
    lastContact: () => lastContact,
  };
}

interface WatchResult {
  readonly resourceVersion: string;
  readonly useful: boolean;
  readonly error: unknown;
}
