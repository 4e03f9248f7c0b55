import { setImmediate } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import { escapeForDisplay } from '../../api/display.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import { listPages } from '../../kubernetes/client/list.ts';
import { member, textAt } from '../../kubernetes/untrusted/untyped.ts';
import { startDeadline } from '../../waiting/deadline.ts';
import { COLLECTIONS, type Searched } from '../holders/collections.ts';
import type { Holder, Holding, SearchProblem, SearchResult } from '../holders/holder.ts';
import type { ClusterMark } from '../holders/mark.ts';

/** An API server whose objects are searched. */
export interface Searchee {
  readonly where: Holder['where'];
  readonly connection: Pick<Connection, 'request'>;
  /** Only the Secrets of this namespace are searched; default: all collections, in all namespaces. */
  readonly secretsOf?: string;
}

export interface SearchLimits {
  /** Longest time for all lists of one API server, in ms. */
  readonly timeout: number;
  /** Holders that are kept, in the order in which they are found; the others are counted. */
  readonly mostHolders: number;
  /** Objects of one kind. A longer list is given up. */
  readonly mostObjects: number;
  /** Pages are this many times smaller than where memory and answers have no limit. */
  readonly smaller?: number;
}

/** A page whose answer is too large is requested again in pages that are this many times smaller. */
const SMALLER_YET = 8;
/** Characters of a name: that of a Kubernetes object has at most 253. */
const LONGEST_NAME = 253;
const LONGEST_ERROR = 300;
/** Between two pauses, in ms: one object may take some tens of them. */
const LONGEST_STRETCH = 10;

/**
 * Searches for objects that hold a CA of the cluster, in API servers that may be any server. What cannot be listed is a problem. Of
 * content, only the comparison with the CA is kept.
 *
 * @throws the signal's reason, and nothing else
 */
export async function findHolders(
  searchees: readonly Searchee[],
  mark: ClusterMark,
  limits: SearchLimits,
  signal: AbortSignal,
): Promise<SearchResult> {
  const found: Tally = { holders: [], counts: {}, read: 0, problems: [] };
  await Promise.all(searchees.map((searchee) => searchOne(searchee, mark, limits, found, signal)));
  return { ...found, holders: found.holders.toSorted(byPosition) };
}

interface Tally {
  readonly holders: Holder[];
  readonly counts: Partial<Record<Holding, number>>;
  read: number;
  readonly problems: SearchProblem[];
}

async function searchOne(
  searchee: Searchee,
  mark: ClusterMark,
  limits: SearchLimits,
  tally: Tally,
  caller: AbortSignal,
): Promise<void> {
  const { where, secretsOf } = searchee;
  const deadline = startDeadline(limits.timeout, caller);
  try {
    // One kind after the other, so that the API server has few large answers at a time.
    for (const searched of COLLECTIONS) {
      if (where === 'Management' && !searched.inManagement) continue;
      if (secretsOf !== undefined && searched.kind !== 'Secret') continue;
      try {
        await search(searchee, searched, mark, limits, tally, deadline.signal);
      } catch (error) {
        caller.throwIfAborted();
        tally.problems.push({ where, kind: searched.kind, ...problemOf(error, deadline.expired()) });
      }
    }
  } finally {
    deadline.release();
  }
}

async function search(
  { where, connection, secretsOf }: Searchee,
  { kind, path, inNamespace, page, accept, query, find }: Searched,
  mark: ClusterMark,
  { mostHolders, mostObjects, smaller = 1 }: SearchLimits,
  tally: Tally,
  signal: AbortSignal,
): Promise<void> {
  const from = secretsOf === undefined || !inNamespace ? path : inNamespace(secretsOf);
  const seen = new Set<string>();
  const pause = pausesAfter(LONGEST_STRETCH);
  const read = async (limit: number) => {
    const options = {
      limit,
      maxObjects: mostObjects,
      signal,
      ...(accept ? { accept } : {}),
      ...(query ? { query } : {}),
    };
    for await (const { items } of listPages(connection, from, options)) {
      signal.throwIfAborted();
      for (const object of items) {
        await pause();
        const { key, namespace, name } = identityOf(object);
        // A list that had to begin again brings objects twice.
        if (seen.has(key)) continue;
        seen.add(key);
        tally.read += 1;
        for (const { part, holding } of find(object, mark, where === 'Cluster')) {
          tally.counts[holding] = (tally.counts[holding] ?? 0) + 1;
          if (tally.holders.length >= mostHolders) continue;
          tally.holders.push({ where, kind, namespace, name, part: escapeForDisplay(part, LONGEST_NAME), holding });
        }
      }
    }
  };
  const limit = Math.ceil(page / smaller);
  try {
    await read(limit);
  } catch (error) {
    if (!(error instanceof KubernetesError) || error.reason !== 'TooLarge' || limit === 1) throw error;
    await read(Math.ceil(limit / SMALLER_YET));
  }
}

/** Lets other work go on, once so many ms have gone by. */
function pausesAfter(ms: number): () => Promise<void> | undefined {
  let since = performance.now();
  return () => {
    if (performance.now() - since < ms) return undefined;
    return setImmediate().then(() => void (since = performance.now()));
  };
}

function identityOf(object: unknown): { readonly key: string; readonly namespace: string; readonly name: string } {
  const metadata = member(object, 'metadata');
  const name = textAt(metadata, 'name');
  if (name === undefined) throw new Error('an object has no name');
  const namespace = textAt(metadata, 'namespace') ?? '';
  const key = (textAt(metadata, 'uid') ?? `${namespace}/${name}`).slice(0, 2 * LONGEST_NAME);
  return { key, namespace: escapeForDisplay(namespace, LONGEST_NAME), name: escapeForDisplay(name, LONGEST_NAME) };
}

function problemOf(error: unknown, isLate: boolean): Pick<SearchProblem, 'reason' | 'message'> {
  const message = escapeForDisplay(isNativeError(error) ? error.message : String(error), LONGEST_ERROR);
  const reason =
    error instanceof KubernetesError && error.status === 403 ? 'Forbidden' : isLate ? ('Late' as const) : 'Failed';
  return { reason, message: message.replace(/\.$/, '') };
}

const KINDS = COLLECTIONS.map(({ kind }) => kind);

function byPosition(a: Holder, b: Holder): number {
  const keyOf = ({ where, namespace, name, part }: Holder) => [where, namespace, name, part].join('\0');
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (keyOf(a) < keyOf(b) ? -1 : 1);
}
