import { type Connection, KubernetesError } from './connection.ts';
import type { KubernetesObject } from './object.ts';

export interface ListOptions {
  /** Selectors, say. */
  readonly query?: Readonly<Record<string, string>>;
  /** Objects a page; default 500: one parse of ten thousand objects would stop everything else for half a second. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A consistent list: all its objects as they were at `resourceVersion`, from which a watch can go on. */
export interface List<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

interface ListBody {
  apiVersion?: string;
  kind?: string;
  metadata?: { resourceVersion?: string; continue?: string };
  items?: unknown;
}

/**
 * Lists a whole collection, in pages, never from a cache of the API server that may lag.
 *
 * @param path path of the collection
 */
export async function listAll<T extends KubernetesObject>(
  connection: Connection,
  path: string,
  options: ListOptions = {},
): Promise<List<T>> {
  try {
    return await listPages<T>(connection, path, String(options.limit ?? 500), options);
  } catch (error) {
    // The first page was compacted away while the later ones were read. In one piece that cannot happen.
    if (error instanceof KubernetesError && error.status === 410) return listPages<T>(connection, path, '0', options);
    throw error;
  }
}

async function listPages<T extends KubernetesObject>(
  connection: Connection,
  path: string,
  limit: string,
  options: ListOptions,
): Promise<List<T>> {
  const items: T[] = [];
  let next = '';
  for (;;) {
    const query = { ...options.query, limit, ...(next === '' ? {} : { continue: next }) };
    const body = (await connection.request({ path, query, signal: options.signal })) as ListBody | undefined;
    if (!Array.isArray(body?.items) || typeof body.metadata?.resourceVersion !== 'string') {
      throw new KubernetesError(0, 'UnexpectedAnswer', `GET ${path}: the answer is not a list`);
    }
    // Built-in kinds leave these out of a list's items; watch events carry them.
    const apiVersion = body.apiVersion ?? '';
    const kind = (body.kind ?? '').replace(/List$/, '');
    for (const item of body.items as T[]) items.push({ ...item, apiVersion, kind });
    next = body.metadata.continue ?? '';
    if (next === '') return { items, resourceVersion: body.metadata.resourceVersion };
  }
}
