import { createBackoff } from '../../waiting/backoff.ts';
import { type Clock, type Lull, pause, whenSilent } from '../clock.ts';
import { type Connection, KubernetesError } from '../client/connection.ts';
import { listPages } from '../client/list.ts';
import { createListings } from './listing.ts';
import { watchOver } from '../liveness.ts';
import { type Logger, silentLogger } from '../logger.ts';
import type { KubernetesObject } from '../object.ts';
import { type Change, createReplica } from './replica.ts';
import type { Store } from './store.ts';
import { isExpired, openWatch, refusesStreaming, LONGEST_SILENCE_MS, type WatchEvent } from '../client/watch.ts';

export type { Change } from './replica.ts';

export interface ReflectorOptions<T extends KubernetesObject> {
  readonly connection: Connection;
  /** Path of the collection: `/apis/…/customcatrusts`. */
  readonly path: string;
  /** Query parameters, such as selectors. */
  readonly query?: Readonly<Record<string, string>>;
  readonly store: Store<T>;
  /** Called in order, after the store has changed. It must return fast, because the watch waits for it. */
  readonly onChange: (change: Change<T>) => void;
  readonly clock: Clock;
  /** Same as `Math.random`. */
  readonly random: () => number;
  /** A watch that is silent for this time is cut, in ms; default {@link LONGEST_SILENCE_MS}. */
  readonly longestSilenceMs?: number;
  readonly logger?: Logger;
}

/**
 * Keeps a store equal to a collection of the API server, through all faults between them.
 *
 * Lists by stream where the server can, else page by page: objects of the first list go into the store as they come, which
 * therefore shows all of it only once {@link Reflector.synced} resolves. A later list changes the store in one go.
 */
export interface Reflector {
  /** Works until the signal aborts; never rejects. Call it once. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when the first list is in the store and all its changes were reported; never, if that never happens. */
  readonly synced: Promise<void>;
  hasSynced(): boolean;
  /** Lists again in any case; resolves when a list that began after this call is in the store. */
  refresh(): Promise<void>;
  /**
   * Time of the last data from the API server, by the clock; undefined before the first. A quiet watch sends a bookmark once a
   * minute.
   */
  lastContact(): number | undefined;
  /**
   * Whether it has done nothing for longer than any watch can be silent. That is a defect of the controller, which a restart
   * fixes; an unreachable API server does not cause it.
   */
  isStuck(now: number): boolean;
}

/**
 * A watch that ends sooner was cut by something between the controller and the API server. A watch with events may be cut as
 * well, but the next one must last.
 */
const SHORT_WATCH_MS = 1000;
const LONGEST_WATCH_SECONDS = 600;
/** A server that streams a list is never silent for this time during the list; a server that ignores the request for one is. */
const STREAMING_SILENCE_MS = 20_000;
const STUCK_MARGIN_MS = 60_000;

export function createReflector<T extends KubernetesObject>(options: ReflectorOptions<T>): Reflector {
  const { connection, path, query = {}, store, onChange, clock, random } = options;
  const { longestSilenceMs = LONGEST_SILENCE_MS, logger = silentLogger } = options;
  const backoff = createBackoff({ fromMs: 1600, toMs: 30_000 }, random);
  const liveness = watchOver(() => clock.now(), LONGEST_WATCH_SECONDS * 1000 + STUCK_MARGIN_MS);
  const replica = createReplica(store, emit);
  const listings = createListings(
    () => replica.census(hasSynced ? 'held' : 'direct'),
    () => {
      hasSynced = true;
      synced.resolve();
    },
  );
  const synced = Promise.withResolvers<void>();
  let hasSynced = false;
  let lastContact: number | undefined;
  /** Watches in a row that ended as soon as they began, though they brought events. */
  let cutShort = 0;
  /** Whether the server may be able to stream lists. */
  let streaming = true;
  let cutWatch: (() => void) | undefined;

  function emit(change: Change<T>): void {
    try {
      onChange(change);
    } catch (error) {
      logger.error({ err: error, path, name: change.object.metadata.name }, 'A handler of changes failed.');
    }
  }

  function heard(): void {
    lastContact = clock.now();
    liveness.active();
  }

  /** @returns the resourceVersion to watch from */
  async function listInPages(signal: AbortSignal): Promise<string> {
    const listing = listings.begin();
    let position = '';
    try {
      liveness.active();
      for await (const page of listPages<T>(connection, path, { query, signal })) {
        heard();
        if (page.first) listing.restart();
        for (const object of page.items) replica.keep(object);
        position = page.resourceVersion;
      }
      listing.complete();
      return position;
    } finally {
      listing.abandon();
    }
  }

  function take(event: WatchEvent<T>): void {
    if (event.type === 'DELETED') replica.drop(event.object);
    else if (event.type !== 'BOOKMARK') replica.keep(event.object);
  }

  /** One watch, to its end; without a position, it begins with a list. */
  async function watchOnce(from: string | undefined, signal: AbortSignal): Promise<WatchResult> {
    const listing = from === undefined ? listings.begin() : undefined;
    let position = from;
    let streams = true;
    let since: number | undefined;
    let events = 0;
    const timeoutSeconds = Math.round(LONGEST_WATCH_SECONDS * (0.5 + 0.5 * random()));
    const kill = new AbortController();
    let cut = false;
    cutWatch = () => {
      cut = true;
      kill.abort();
    };
    // Without this, a connection that died silently would never end.
    const silence = whenSilent(clock, longestSilenceMs, () => {
      logger.debug({ path }, 'A silent watch was cut.');
      kill.abort();
    });
    const giveUpStreaming = () => {
      streams = false;
      kill.abort();
    };
    let lull: Lull | undefined;
    let error: unknown;
    try {
      liveness.active();
      const watched = { query, resourceVersion: from, timeoutSeconds };
      const stream = await openWatch<T>(connection, path, {
        ...watched,
        signal: AbortSignal.any([signal, kill.signal]),
      });
      since = clock.now();
      heard();
      if (listing) lull = whenSilent(clock, STREAMING_SILENCE_MS, giveUpStreaming);
      for await (const event of stream) {
        heard();
        silence.heard();
        lull?.heard();
        take(event);
        if (listing?.isOpen()) {
          if (event.type !== 'BOOKMARK') continue;
          // Before the list is complete, a server that can stream sends no other bookmark.
          if (!event.initialEventsEnd) giveUpStreaming();
          if (!streams) break;
          lull?.cancel();
          listing.complete();
          since = clock.now();
        } else if (event.type !== 'BOOKMARK') {
          events++;
        }
        position = event.resourceVersion;
      }
    } catch (thrown) {
      if (refusesStreaming(thrown) && listing?.isOpen()) streams = false;
      if (!kill.signal.aborted) error = thrown;
    } finally {
      silence.cancel();
      lull?.cancel();
      listing?.abandon();
      cutWatch = undefined;
    }
    const lasted = since !== undefined && clock.now() - since >= SHORT_WATCH_MS;
    cutShort = lasted || events === 0 ? 0 : cutShort + 1;
    return { position, streams, cut, useful: position !== undefined && (lasted || cutShort === 1), error };
  }

  async function pauseAfter(error: unknown, what: string, signal: AbortSignal): Promise<void> {
    const ms = backoff.next(error instanceof KubernetesError ? error.retryAfterMs : undefined);
    logger.warn({ err: error, path, retryInMs: Math.round(ms) }, what);
    liveness.pausing(ms);
    await pause(clock, ms, signal);
  }

  /** Lists where there is no resourceVersion to continue from, and watches. @returns the one for the next watch */
  async function watch(from: string | undefined, signal: AbortSignal): Promise<string | undefined> {
    const { position, streams, cut, useful, error } = await watchOnce(from, signal);
    if (useful) backoff.reset();
    if (signal.aborted || cut) return undefined;
    if (!streams) {
      streaming = false;
      logger.info({ err: error, path }, 'The server does not stream lists. Objects are listed in pages.');
    } else if (position === undefined) {
      await pauseAfter(error, 'A list failed.', signal);
    } else if (isExpired(error)) {
      logger.info(
        { path, resourceVersion: position },
        'The watch cannot continue from this version. Objects are listed again.',
      );
      if (!useful) await pauseAfter(error, 'A watch expired as soon as it began.', signal);
      return undefined;
    } else if (error !== undefined) {
      await pauseAfter(error, 'A watch failed.', signal);
    } else if (!useful) {
      await pauseAfter(undefined, 'A watch ended as soon as it began.', signal);
    }
    return position;
  }

  async function list(signal: AbortSignal): Promise<string | undefined> {
    try {
      return await listInPages(signal);
    } catch (error) {
      if (!signal.aborted) await pauseAfter(error, 'A list failed.', signal);
      return undefined;
    }
  }

  return {
    async run(signal) {
      let position: string | undefined;
      while (!signal.aborted) {
        if (listings.areAwaited()) position = undefined;
        position = position === undefined && !streaming ? await list(signal) : await watch(position, signal);
      }
      liveness.ended();
    },
    synced: synced.promise,
    hasSynced: () => hasSynced,
    refresh() {
      const next = listings.next();
      cutWatch?.();
      return next;
    },
    lastContact: () => lastContact,
    isStuck: (now) => liveness.isStuck(now),
  };
}

interface WatchResult {
  /** The resourceVersion to continue from; undefined when a list was not complete. */
  readonly position: string | undefined;
  /** False when the server turned out not to stream lists. */
  readonly streams: boolean;
  /** Whether it was ended for a new list. */
  readonly cut: boolean;
  /**
   * Whether the watch, not counting a list before it, lasted long enough, or had events and is the first in a row that did not
   * last.
   */
  readonly useful: boolean;
  /** The error that ended it; undefined when the server ended it in time, or this reflector did. */
  readonly error: unknown;
}
