import { type Connection, KubernetesError } from './connection.ts';
import { followPages } from './continuation.ts';
import type { KubernetesObject } from '../object.ts';

export interface ListOptions {
  /** Query parameters, such as selectors. */
  readonly query?: Readonly<Record<string, string>>;
  /** Media type; default: whole objects. */
  readonly accept?: string;
  /** Objects per page; default 500: one parse of ten thousand objects would stop everything else for half a second. */
  readonly limit?: number;
  /** A longer list is refused; default 200,000 objects. */
  readonly maxObjects?: number;
  /** Longest time for the whole list, in ms, the time of its reader included; default ten minutes. */
  readonly maxMs?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A part of a consistent list: all its objects as they were at `resourceVersion`, from which a watch can go on. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** True for the first page. If it comes again, the pages before it are void. */
  readonly first: boolean;
}

interface ListBody {
  apiVersion?: string;
  kind?: string;
  metadata?: { resourceVersion?: string; continue?: unknown };
  items?: unknown;
}

/** Pages beyond those that the objects need: an API server may return fewer objects than were requested. */
const SPARE_PAGES = 100;

/**
 * Lists a whole collection, never from a cache of the API server, which may be stale. The list is complete only with its last page.
 *
 * @param path path of the collection
 * @throws KubernetesError, `EndlessList` for a list that does not end, or not within its bounds
 */
export async function* listPages<T extends KubernetesObject>(
  connection: Pick<Connection, 'request'>,
  path: string,
  options: ListOptions = {},
): AsyncGenerator<Page<T>, void> {
  try {
    yield* pages<T>(connection, path, String(options.limit ?? 500), options);
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.status !== 410) throw error;
    // The first page's version was compacted while later pages were read. A list in one piece avoids that.
    yield* pages<T>(connection, path, '0', options);
  }
}

async function* pages<T extends KubernetesObject>(
  connection: Pick<Connection, 'request'>,
  path: string,
  limit: string,
  options: ListOptions,
): AsyncGenerator<Page<T>, void> {
  const { signal, accept, maxObjects = 200_000, maxMs = 600_000 } = options;
  const endless = (what: string) => new KubernetesError(0, 'EndlessList', `GET ${path}: ${what}`);
  const maxPages = limit === '0' ? 1 : Math.ceil(maxObjects / Number(limit)) + SPARE_PAGES;
  const end = performance.now() + maxMs;
  const nextAfter = followPages(maxPages, endless);
  let count = 0;
  let next: string | undefined;
  do {
    const first = next === undefined;
    if (!first && performance.now() >= end)
      throw endless(`the list did not end within ${maxMs / 1000} seconds: ${count} objects had arrived`);
    const query = { ...options.query, limit, ...(next === undefined ? {} : { continue: next }) };
    const body = (await connection.request({
      path,
      query,
      signal,
      ...(accept === undefined ? {} : { accept }),
    })) as ListBody | undefined;
    // An empty list of metadata has null.
    const listed: unknown = body?.items === null ? [] : body?.items;
    if (!Array.isArray(listed) || typeof body?.metadata?.resourceVersion !== 'string') {
      throw new KubernetesError(0, 'UnexpectedAnswer', `GET ${path}: the answer is not a list`);
    }
    // Built-in kinds leave these out of a list's items; watch events carry them.
    const apiVersion = body.apiVersion ?? '';
    const kind = (body.kind ?? '').replace(/List$/, '');
    const items = (listed as T[]).map((item) => ({ ...item, apiVersion, kind }));
    count += items.length;
    if (count > maxObjects) throw endless(`the list has more than ${maxObjects} objects`);
    yield { items, resourceVersion: body.metadata.resourceVersion, first };
    next = nextAfter(body.metadata.continue);
  } while (next !== undefined);
}
