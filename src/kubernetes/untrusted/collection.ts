import type { Connection } from '../client/connection.ts';
import { followPages } from '../client/continuation.ts';
import { member, textAt } from './untyped.ts';

/** A collection of a target cluster's objects: how it is requested, and what is kept of each object. */
export interface Collection<T> {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Media type. */
  readonly accept: string;
  /** The plural for messages, such as `nodes`. */
  readonly noun: string;
  /** Most objects, kept or not: a longer list is refused, and a watch with more ends. */
  readonly limit: number;
  /** A reader for the responses of one list and of the watch that continues it. */
  reader(): CollectionReader<T>;
}

/**
 * Reads a page of a list, or the object of a watch event; called in the order in which they arrive. Throws Error for a body that it
 * cannot read.
 */
export type CollectionReader<T> = (body: unknown) => Iterable<Seen<T>>;

/** One object of a collection. */
export interface Seen<T> {
  readonly name: string;
  /** Undefined for an object that is not kept. */
  readonly value: T | undefined;
}

/** The kept objects of a collection, by name, and the version from which a watch can continue. */
export interface Listed<T> {
  readonly objects: Map<string, T>;
  readonly resourceVersion: string;
}

/** Objects of a page. Each page is dropped once its objects were read, because little of it is kept. */
const PAGE = 250;
/** Pages beyond those that the limit needs: a server may return fewer objects than were requested. */
const SPARE_PAGES = 20;

/**
 * Throws KubernetesError when the request fails, and Error for a response that is no list, for a list that does not end and for one
 * with more objects than the collection's limit. Where the signal aborts, the error says how many pages had arrived.
 *
 * @param read the reader, where a watch continues the list; default: a new one
 * @param keep called with the number of objects that are kept of each page; it throws to end the list
 */
export async function listCollection<T>(
  connection: Pick<Connection, 'request'>,
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
      throw new Error(`${asked}: ${page - 1} pages with ${count} ${noun} had arrived`, { cause: error });
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
    if (resourceVersion === undefined) throw new Error(`${asked}: the response is not a list`);
    next = nextAfter(member(metadata, 'continue'));
    if (next === undefined) return { objects, resourceVersion };
  }
}
