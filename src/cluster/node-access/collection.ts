import type { Connection } from '../../kubernetes/client/connection.ts';
import { followPages } from '../../kubernetes/client/continuation.ts';
import { member, textAt } from './untyped.ts';

/** A collection of a target cluster's objects: how it is asked for, and what is kept of each. */
export interface Collection<T> {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Media type. */
  readonly accept: string;
  /** What the objects are called in messages: `nodes`. */
  readonly noun: string;
  /** A list of more objects is refused, of interest or not, and a watch that has brought more ends. */
  readonly limit: number;
  /** For the answers of one list and of a watch that goes on from there. */
  reader(): CollectionReader<T>;
}

/**
 * Reads a page of a list, or what an event of a watch is about; to be called in the order in which they came. Throws Error for
 * what it cannot read.
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
const PAGE = 250;
/** Pages beyond those that the limit needs: a server may answer with fewer objects than were asked for. */
const SPARE_PAGES = 20;

/**
 * Throws KubernetesError when it may not be asked for, and Error for an answer that is no list, for a list that does not end and
 * for one of more objects than the collection's limit. Where the signal aborts, the error says how far the list had come.
 *
 * @param read for a watch that goes on from there; default: one of its own
 * @param keep is called with the number of objects that are kept of each page; it throws to end the list
 */
export async function listCollection<T>(
  connection: Connection,
  collection: Collection<T>,
  signal: AbortSignal,
  read: CollectionReader<T> = collection.reader(),
  keep: (count: number) => void = () => {},
): Promise<Listed<T>> {
  const { path, query, accept, noun, limit } = collection;
  const asked = `GET ${path}`;
  const mostPages = Math.ceil(limit / PAGE) + SPARE_PAGES;
  const nextAfter = followPages(mostPages, (why) => new Error(`${asked}: ${why}`));
  const objects = new Map<string, T>();
  let count = 0;
  let next: string | undefined;
  for (let page = 1; ; page++) {
    const continued = { ...query, limit: String(PAGE), ...(next === undefined ? {} : { continue: next }) };
    let body: unknown;
    try {
      body = await connection.request({ path, query: continued, accept, signal });
    } catch (error) {
      if (!signal.aborted || page === 1) throw error;
      throw new Error(`${asked}: ${page - 1} pages with ${count} ${noun} had come`, { cause: error });
    }
    const before = objects.size;
    for (const { name, value } of read(body)) {
      count += 1;
      if (count > limit) throw new Error(`${asked}: the list has more than ${limit} ${noun}`);
      if (value !== undefined) objects.set(name, value);
    }
    keep(objects.size - before);
    const metadata = member(body, 'metadata');
    const resourceVersion = textAt(metadata, 'resourceVersion');
    if (resourceVersion === undefined) throw new Error(`${asked}: the answer is not a list`);
    next = nextAfter(member(metadata, 'continue'));
    if (next === undefined) return { objects, resourceVersion };
  }
}
