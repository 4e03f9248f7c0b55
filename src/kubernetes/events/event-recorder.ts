import { hostname } from 'node:os';
import { apiPath } from '../../api/paths.ts';
import { createBackoff } from '../../waiting/backoff.ts';
import { type Clock, pause } from '../clock.ts';
import { type Connection, KubernetesError } from '../client/connection.ts';
import { type EventNote, eventOf, type Regarding, regardingOf, sameness, seriesOf } from './event-object.ts';
import { type Logger, silentLogger } from '../logger.ts';
import type { KubernetesObject } from '../object.ts';

export type { EventNote } from './event-object.ts';

export interface EventRecorderOptions {
  readonly connection: Connection;
  /** The recording controller, a qualified name: `aks-ca-trust`. */
  readonly component: string;
  /** The process of the controller; default: the host's name, which in a pod is the pod's. */
  readonly instance?: string;
  /** Namespace of events about cluster-scoped objects; default `default`, where kubectl reads them. */
  readonly namespace?: string;
  readonly clock: Clock;
  /** Same as `Math.random`. */
  readonly random: () => number;
  readonly logger?: Logger;
  /** Most events that wait for the API server; beyond that, events of the namespace with the most are dropped. Default 1000. */
  readonly maxPending?: number;
}

/** Writes events in the background. */
export interface EventRecorder {
  /**
   * Never throws and never waits. The same note on the same object within five minutes of the last one only increases the count
   * of the existing event.
   */
  record(object: KubernetesObject, note: EventNote): void;
  /** Writes all waiting events; stops when the signal aborts. Call it once, at the end. */
  flush(signal: AbortSignal): Promise<void>;
}

interface Entry {
  readonly regarding: Regarding;
  readonly note: EventNote;
  readonly namespace: string;
  readonly firstSeen: number;
  name: string;
  lastSeen: number;
  count: number;
  /** The part of `count` that the API server has; 0 when it does not have the event. */
  written: number;
  writtenAt: number;
  cancelTimer: (() => void) | undefined;
}

const SAME_WITHIN_MS = 300_000;
/** The second occurrence is written at once; later ones only increase the count. */
const COUNT_EVERY_MS = 30_000;
const ATTEMPTS = 5;
const MAX_REMEMBERED = 5000;

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { connection, clock, random, logger = silentLogger, maxPending = 1000 } = options;
  const source = { component: options.component, instance: options.instance ?? hostname() };
  /** By sameness; the most recent entries are at the end. */
  const entries = new Map<string, Entry>();
  const pending = new Set<Entry>();
  let cancelSweep: (() => void) | undefined;
  const stop = new AbortController();
  let pumping: Promise<void> | undefined;
  let dropping = false;

  function note(object: KubernetesObject, what: EventNote): void {
    const now = clock.now();
    forgetOld(now);
    cancelSweep ??= clock.setTimeout(sweep, SAME_WITHIN_MS);
    const key = sameness(object, what);
    const known = entries.get(key);
    const entry: Entry = known ?? {
      regarding: regardingOf(object),
      note: what,
      namespace: object.metadata.namespace ?? options.namespace ?? 'default',
      firstSeen: now,
      name: nameFor(object.metadata, now),
      lastSeen: now,
      count: 0,
      written: 0,
      writtenAt: 0,
      cancelTimer: undefined,
    };
    entry.count++;
    entry.lastSeen = now;
    entries.delete(key);
    entries.set(key, entry);
    const wait = entry.count <= 2 ? 0 : entry.writtenAt + COUNT_EVERY_MS - now;
    if (wait <= 0) enqueue(entry);
    else entry.cancelTimer ??= clock.setTimeout(() => enqueue(entry), wait);
  }

  function forgetOld(now: number): void {
    for (const [key, entry] of entries) {
      if (now - entry.lastSeen < SAME_WITHIN_MS && entries.size < MAX_REMEMBERED) return;
      entries.delete(key);
    }
  }

  /** When a controller comes to rest, its last events are dropped too. */
  function sweep(): void {
    forgetOld(clock.now());
    cancelSweep = entries.size > 0 ? clock.setTimeout(sweep, SAME_WITHIN_MS) : undefined;
  }

  function nameFor({ name }: { readonly name: string }, now: number): string {
    // Named as client-go names them; several processes may record at the same millisecond.
    const suffix = `${now.toString(16)}${Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0')}`;
    return `${name.slice(0, 200)}.${suffix}`;
  }

  function enqueue(entry: Entry): void {
    entry.cancelTimer?.();
    entry.cancelTimer = undefined;
    if (stop.signal.aborted) return;
    if (pending.size >= maxPending && !pending.has(entry)) {
      if (!dropping) logger.warn({ pending: pending.size }, 'Too many events wait. Some are dropped.');
      dropping = true;
      const spare = spareFor(entry);
      if (!spare) return;
      pending.delete(spare);
    }
    pending.add(entry);
    pumping ??= pump();
  }

  /**
   * The last waiting event of the namespace that has the most, so that a namespace with many events does not displace those of
   * others.
   */
  function spareFor({ namespace }: Entry): Entry | undefined {
    const byNamespace = Map.groupBy(pending, (one) => one.namespace);
    const [most] = [...byNamespace.values()].sort((one, other) => other.length - one.length);
    const own = byNamespace.get(namespace)?.length ?? 0;
    return most && most.length > own + 1 ? most.at(-1) : undefined;
  }

  async function pump(): Promise<void> {
    try {
      for (let [entry] = pending; entry !== undefined; [entry] = pending) {
        pending.delete(entry);
        await write(entry);
      }
      dropping = false;
    } finally {
      pumping = undefined;
    }
  }

  async function write(entry: Entry): Promise<void> {
    const backoff = createBackoff({ fromMs: 1600, toMs: 30_000 }, random);
    for (let attempt = 1; !stop.signal.aborted; attempt++) {
      try {
        const { count } = entry;
        await (entry.written === 0 ? create(entry) : countUp(entry));
        entry.written = count;
        entry.writtenAt = clock.now();
        return;
      } catch (error) {
        if (stop.signal.aborted) return;
        if (!recovers(entry, error) || attempt >= ATTEMPTS) {
          logger.warn(
            { err: error, reason: entry.note.reason, namespace: entry.namespace, name: entry.regarding.name },
            'An event was lost.',
          );
          return;
        }
        if (error instanceof KubernetesError && error.status !== 404 && error.status !== 409) {
          await pause(clock, backoff.next(error.retryAfterMs), stop.signal);
        }
      }
    }
  }

  /** Whether another attempt may succeed. Repairs the entry first where the error allows that. */
  function recovers(entry: Entry, error: unknown): boolean {
    if (!(error instanceof KubernetesError)) return false;
    if (error.status === 404 && entry.written > 0) {
      // Events live for an hour.
      entry.written = 0;
      return true;
    }
    if (error.reason === 'AlreadyExists') {
      entry.name = nameFor(entry.regarding, clock.now());
      return true;
    }
    return error.status === 0 || error.status === 429 || error.status >= 500;
  }

  function pathOf(entry: Entry, ...name: readonly string[]): string {
    return apiPath('/apis/events.k8s.io/v1', 'namespaces', entry.namespace, 'events', ...name);
  }

  function create(entry: Entry): Promise<unknown> {
    const { regarding, note: what, count, firstSeen, lastSeen } = entry;
    const body = eventOf(regarding, what, entry, source, { count, firstSeen, lastSeen });
    return connection.request({ method: 'POST', path: pathOf(entry), body, signal: stop.signal });
  }

  function countUp(entry: Entry): Promise<unknown> {
    return connection.request({
      method: 'PATCH',
      path: pathOf(entry, entry.name),
      contentType: 'application/merge-patch+json',
      body: { series: seriesOf(entry) },
      signal: stop.signal,
    });
  }

  return {
    record(object, what) {
      try {
        note(object, what);
      } catch (error) {
        logger.warn({ err: error, reason: what.reason }, 'An event was lost.');
      }
    },
    async flush(signal) {
      const giveUp = () => stop.abort();
      signal.addEventListener('abort', giveUp);
      if (signal.aborted) giveUp();
      cancelSweep?.();
      for (const entry of entries.values()) if (entry.cancelTimer !== undefined) enqueue(entry);
      while (pumping !== undefined) await pumping;
      signal.removeEventListener('abort', giveUp);
    },
  };
}
