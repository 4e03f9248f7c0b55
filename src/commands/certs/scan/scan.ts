import type { SearchProblem } from '../../../cluster-certificates/holders/holder.ts';
import type { ClusterMark } from '../../../cluster-certificates/holders/mark.ts';
import { findHolders, type Searchee } from '../../../cluster-certificates/read/holders.ts';
import type { ScanResult } from './result.ts';

export interface ScanOptions {
  /** Longest time for all lists of one cluster, in ms. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** Holders that are kept; the others are counted. */
const MOST_HOLDERS = 1000;
const MOST_OBJECTS = 100_000;

/**
 * Searches for objects that hold a CA of the cluster, with the rights of a person. What cannot be listed is reported among the problems.
 *
 * @throws the signal's reason, and nothing else
 */
export async function scan(
  searchees: readonly Searchee[],
  mark: ClusterMark,
  { timeout, signal }: ScanOptions,
): Promise<ScanResult> {
  const limits = { timeout, mostHolders: MOST_HOLDERS, mostObjects: MOST_OBJECTS };
  const { holders, counts, read, problems } = await findHolders(searchees, mark, limits, signal);
  const found = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { holders, notShown: found - holders.length, read, problems: problems.map(sentenceOf) };
}

function sentenceOf({ where, kind, reason, message }: SearchProblem): string {
  const whose = where === 'Cluster' ? '' : ' of the management cluster';
  return `${kind} objects${whose} were not searched to the end: ${WHY[reason] ?? message}.`;
}

const WHY: Readonly<Partial<Record<SearchProblem['reason'], string>>> = {
  Forbidden: 'this user may not list them in all namespaces',
  Late: 'the time of --timeout was over',
};
