import type { NodeView } from '../observation.ts';
import { timestamp, type RecordedOperation } from '../record.ts';
import { packNames, readNames } from './node-names.ts';

/** How the nodes were right before the first attempt; times in ms, of the target's own clock. */
export interface Since {
  /** Greatest creationTimestamp of any node: whatever is newer came afterwards. */
  readonly baseline: number;
  /** When they were looked at. */
  readonly countedAt: number;
  /** Whether a name was there, of each pool that had nodes; undefined in a record that does not say. */
  readonly there: ReadonlyMap<string, (name: string) => boolean> | undefined;
}

/** Undefined where nobody looked at the nodes. */
export function sinceOf({ baseline, countedAt, countedNodes }: RecordedOperation): Since | undefined {
  if (baseline === undefined) return undefined;
  return {
    baseline: Date.parse(baseline),
    // Where the API server did not say what time it is, our own clock may be behind it.
    countedAt: Math.max(Date.parse(baseline), Date.parse(countedAt ?? baseline)),
    there: countedNodes && new Map(countedNodes.map(({ pool, names }) => [pool, readNames(names)])),
  };
}

/** True for a node whose name was there: it is that machine, born anew. */
export function wasThere({ there }: Since, { name, pool }: Pick<NodeView, 'name' | 'pool'>): boolean {
  return there === undefined || there.get(pool)?.(name) === true;
}

/** What an operation notes of the nodes right before it is sent; `now` is the target's own time, in ms. */
export function countedFrom(
  nodes: readonly NodeView[],
  now: number,
): Required<Pick<RecordedOperation, 'baseline' | 'countedAt' | 'countedNodes'>> {
  const baseline = nodes.reduce((latest, { createdAt }) => Math.max(latest, createdAt), nodes.length === 0 ? now : 0);
  const pools = Map.groupBy(
    nodes.filter(({ kind }) => kind === 'Pool'),
    ({ pool }) => pool,
  );
  return {
    baseline: timestamp(baseline),
    countedAt: timestamp(now),
    countedNodes: [...pools]
      .map(([pool, own]) => ({ pool, names: packNames(own.map(({ name }) => name)) }))
      .sort((a, b) => (a.pool < b.pool ? -1 : 1)),
  };
}
