import type { NodeView } from '../observation.ts';
import { timestamp, type RecordedOperation } from '../record.ts';

/** How the nodes were right before the first attempt; times in ms, of the target's own clock. */
export interface Since {
  /** Greatest creationTimestamp of any node: whatever is newer came afterwards. */
  readonly baseline: number;
  /** When they were looked at. */
  readonly countedAt: number;
  /** Greatest node name of each pool; undefined in a record that does not say. */
  readonly newest: ReadonlyMap<string, string> | undefined;
}

/** Undefined where nobody looked at the nodes. */
export function sinceOf({ baseline, countedAt, newestNodes }: RecordedOperation): Since | undefined {
  if (baseline === undefined) return undefined;
  return {
    baseline: Date.parse(baseline),
    countedAt: Date.parse(countedAt ?? baseline),
    newest: newestNodes && new Map(newestNodes.map(({ pool, name }) => [pool, name])),
  };
}

/** What an operation notes of the nodes right before it is sent; `now` is the target's own time, in ms. */
export function countedFrom(
  nodes: readonly NodeView[],
  now: number,
): Required<Pick<RecordedOperation, 'baseline' | 'countedAt' | 'newestNodes'>> {
  const newest = new Map<string, string>();
  for (const { name, pool, kind } of nodes) {
    const before = newest.get(pool);
    if (kind === 'Pool' && (before === undefined || isLaterName(name, before))) newest.set(pool, name);
  }
  const baseline = nodes.reduce((latest, { createdAt }) => Math.max(latest, createdAt), nodes.length === 0 ? now : 0);
  return {
    baseline: timestamp(baseline),
    countedAt: timestamp(now),
    newestNodes: [...newest].map(([pool, name]) => ({ pool, name })).sort((a, b) => (a.pool < b.pool ? -1 : 1)),
  };
}

/**
 * Machines of a pool are numbered in the order in which they are made, and the number ends the name: a longer name is a later
 * one, and of two as long the one that sorts later.
 */
export function isLaterName(name: string, than: string): boolean {
  return name.length === than.length ? name > than : name.length > than.length;
}
