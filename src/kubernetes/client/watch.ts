import { type Connection, KubernetesError } from './connection.ts';
import { errorFromStatus } from '../error.ts';
import type { KubernetesObject } from '../object.ts';

/**
 * One line of a watch. A bookmark has only the version that the watch has reached, and once the mark that all earlier objects
 * were sent.
 */
export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T; readonly resourceVersion: string }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

export interface WatchOptions {
  readonly query?: Readonly<Record<string, string>>;
  /**
   * The last resourceVersion that was seen. Undefined: none; the watch begins with all existing objects, as `ADDED`, and a
   * bookmark with `initialEventsEnd` ends them (kubernetes.io/docs/reference/using-api/api-concepts, Streaming lists).
   */
  readonly resourceVersion: string | undefined;
  /** Time after which the server ends the watch. */
  readonly timeoutSeconds: number;
  /** Media types, as in a request. */
  readonly accept?: string | undefined;
  readonly signal: AbortSignal;
}

/** API servers send bookmarks about once a minute: a watch that is silent for longer is dead, even if its connection is open. */
export const LONGEST_SILENCE_MS = 90_000;

const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * Opens a watch of a collection.
 *
 * @throws KubernetesError, also out of the loop over the events; see {@link isExpired}
 */
export async function openWatch<T extends KubernetesObject>(
  connection: Connection,
  path: string,
  options: WatchOptions,
): Promise<AsyncIterable<WatchEvent<T>>> {
  const { resourceVersion, accept } = options;
  const lines = await connection.stream({
    path,
    query: {
      ...options.query,
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: String(options.timeoutSeconds),
      // Without a version, NotOlderThan means the present state and not a cache, which may be stale.
      ...(resourceVersion === undefined
        ? { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion }),
    },
    signal: options.signal,
    ...(accept === undefined ? {} : { accept }),
  });
  return readEvents<T>(path, lines);
}

async function* readEvents<T extends KubernetesObject>(
  path: string,
  lines: AsyncIterable<string>,
): AsyncGenerator<WatchEvent<T>> {
  for await (const line of lines) yield readEvent<T>(path, line);
}

function readEvent<T extends KubernetesObject>(path: string, line: string): WatchEvent<T> {
  const { type, object } = parse(path, line);
  if (type === 'ERROR') {
    const code = (object as { code?: unknown } | null)?.code;
    throw errorFromStatus(`watch of ${path}`, typeof code === 'number' ? code : 0, object);
  }
  const resourceVersion = (object as T | null)?.metadata?.resourceVersion;
  if (typeof resourceVersion !== 'string') throw unexpected(path);
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: object as T, resourceVersion };
    case 'BOOKMARK':
      return {
        type,
        resourceVersion,
        initialEventsEnd: (object as T).metadata.annotations?.[INITIAL_EVENTS_END] === 'true',
      };
    default:
      throw unexpected(path);
  }
}

function parse(path: string, line: string): { type?: unknown; object?: unknown } {
  try {
    return (JSON.parse(line) ?? {}) as { type?: unknown; object?: unknown };
  } catch {
    throw unexpected(path);
  }
}

function unexpected(path: string): KubernetesError {
  return new KubernetesError(0, 'UnexpectedAnswer', `watch of ${path}: a line that is no watch event`);
}

/**
 * Whether a watch can no longer continue: its version was compacted, or the server never had it (restored from a backup). Only a
 * new list helps.
 */
export function isExpired(error: unknown): boolean {
  if (!(error instanceof KubernetesError)) return false;
  return error.status === 410 || (error.status === 504 && /too large resource version/i.test(error.message));
}

/**
 * Whether a server answered that it cannot stream lists: kube-apiserver without the WatchList feature answers 422, other servers
 * reject the unknown parameter. Refusals that a paged list would get too do not count.
 */
export function refusesStreaming(error: unknown): boolean {
  if (!(error instanceof KubernetesError)) return false;
  return [400, 405, 406, 415, 422, 501].includes(error.status);
}
