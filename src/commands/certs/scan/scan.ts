import { isNativeError } from 'node:util/types';
import { KubernetesError, type Connection } from '../../../kubernetes/client/connection.ts';
import { listPages } from '../../../kubernetes/client/list.ts';
import type { KubernetesObject } from '../../../kubernetes/object.ts';
import { COLLECTIONS, type Searched } from './collections.ts';
import type { ClusterMark } from './mark.ts';
import type { Holder, ScanResult } from './result.ts';

/** An API server whose objects are searched. */
export interface Searchee {
  readonly where: Holder['where'];
  readonly connection: Connection;
}

export interface ScanOptions {
  /** Longest time for all lists of one cluster, ms. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Holders that are kept; the others are counted. */
const MOST_HOLDERS = 1000;
/** Objects of one kind. A longer list is given up. */
const MOST_OBJECTS = 100_000;

/**
 * Searches for objects that hold a CA of the cluster. What cannot be listed is reported among the problems. Of content, only the
 * comparison with the CA is kept.
 *
 * @throws the signal's reason, and nothing else
 */
export async function scan(
  searchees: readonly Searchee[],
  mark: ClusterMark,
  { timeout, signal }: ScanOptions,
): Promise<ScanResult> {
  const tally = { holders: [] as Holder[], notShown: 0, read: 0, problems: [] as string[] };
  const searches = searchees.map(async ({ where, connection }) => {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
    // One kind after the other, so that the API server has few large answers at a time.
    for (const searched of COLLECTIONS) {
      if (where === 'Management' && !searched.inManagement) continue;
      try {
        await search(connection, searched, mark, where, tally, limit);
      } catch (error) {
        signal.throwIfAborted();
        const place = where === 'Cluster' ? '' : ' of the management cluster';
        tally.problems.push(
          `${searched.kind} objects${place} were not searched to the end: ${reasonOf(error, limit)}.`,
        );
      }
    }
  });
  await Promise.all(searches);
  return { ...tally, holders: tally.holders.toSorted(byPlace) };
}

async function search(
  connection: Connection,
  { kind, path, page, accept, query, find }: Searched,
  mark: ClusterMark,
  where: Holder['where'],
  tally: { readonly holders: Holder[]; notShown: number; read: number },
  signal: AbortSignal,
): Promise<void> {
  const options = {
    limit: page,
    maxObjects: MOST_OBJECTS,
    signal,
    ...(accept === undefined ? {} : { accept }),
    ...(query === undefined ? {} : { query }),
  };
  const seen = new Set<string>();
  for await (const { items } of listPages<KubernetesObject>(connection, path, options)) {
    for (const object of items) {
      const { namespace = '', name, uid } = object.metadata;
      // A list that had to begin again brings objects twice.
      const key = uid ?? `${namespace}/${name}`;
      if (seen.has(key)) continue;
      seen.add(key);
      tally.read += 1;
      for (const { part, holding } of find(object, mark, where === 'Cluster')) {
        if (tally.holders.length < MOST_HOLDERS) tally.holders.push({ where, kind, namespace, name, part, holding });
        else tally.notShown += 1;
      }
    }
  }
}

function reasonOf(error: unknown, limit: AbortSignal): string {
  if (error instanceof KubernetesError && error.status === 403) return 'this user may not list them in all namespaces';
  if (limit.aborted) return 'the time of --timeout was over';
  return isNativeError(error) ? error.message.replace(/\.$/, '') : String(error);
}

const KINDS = COLLECTIONS.map(({ kind }) => kind);

function byPlace(a: Holder, b: Holder): number {
  const keyOf = ({ where, namespace, name, part }: Holder) => [where, namespace, name, part].join('\0');
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (keyOf(a) < keyOf(b) ? -1 : 1);
}
