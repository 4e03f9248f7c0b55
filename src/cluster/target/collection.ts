import type { Connection } from '../../kubernetes/connection.ts';

/** A collection of a target cluster's objects: how it is asked for, and what is kept of each. */
export interface Collection<T> {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Media type. */
  readonly accept: string;
  /** For the answers of one list and of a watch that goes on from there. */
  reader(): CollectionReader<T>;
}

/**
 * Reads a page of a list, or what an event of a watch is about; to be called in the order in which they came. Throws Error for
 * what it cannot read: that says nothing.
 */
export type CollectionReader<T> = (body: unknown) => Iterable<Seen<T>>;

/** One object of a collection. */
export interface Seen<T> {
  readonly name: string;
  /** Undefined for what is of no interest. */
  readonly value: T | undefined;
}

/** All of a collection that is of interest, by name, and from where a watch can go on. */
export interface Listed<T> {
  readonly objects: Map<string, T>;
  readonly resourceVersion: string;
}

/** Objects of a page: what was read of one is kept, and the page goes, most of which is of no interest. */
const PAGE = '250';

/**
 * Throws KubernetesError when it may not be asked for, and Error for an answer that is no list.
 *
 * @param read for a watch that goes on from there; default: one of its own
 */
export async function listCollection<T>(
  connection: Connection,
  collection: Collection<T>,
  signal: AbortSignal,
  read: CollectionReader<T> = collection.reader(),
): Promise<Listed<T>> {
  const { path, query, accept } = collection;
  const objects = new Map<string, T>();
  let next: string | undefined;
  let resourceVersion: string | undefined;
  do {
    const asked = { ...query, limit: PAGE, ...(next ? { continue: next } : {}) };
    const page = (await connection.request({ path, query: asked, accept, signal })) as Page | undefined;
    for (const { name, value } of read(page)) if (value !== undefined) objects.set(name, value);
    resourceVersion = page?.metadata?.resourceVersion;
    next = page?.metadata?.continue;
  } while (next);
  if (resourceVersion === undefined) throw new Error(`GET ${path}: the answer is not a list`);
  return { objects, resourceVersion };
}

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}
