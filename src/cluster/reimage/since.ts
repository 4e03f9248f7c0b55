import type { NodeView } from '../observation.ts';
import { timestamp, type RecordedOperation } from '../record.ts';
import { isLaterName, packNames, readNames } from './node-names.ts';

/** How the nodes were right before the first attempt; times in ms, of the target's own clock. */
export interface Since {
  /** Greatest creationTimestamp of any node: whatever is newer came afterwards. */
  readonly baseline: number;
  /** When they were looked at. */
  readonly countedAt: number;
  /** Greatest node name of each pool; undefined in a record that does not say. */
  readonly newest: ReadonlyMap<string, string> | undefined;
  /** Whether a name was there, of each pool whose names are all in the record. */
  readonly there?: ReadonlyMap<string, (name: string) => boolean>;
}

/** A pool as it was counted. `names` are all of its nodes' names in one text; a record may have the greatest one only. */
type CountedPool = NonNullable<RecordedOperation['newestNodes']>[number] & { readonly names?: string };

/** Undefined where nobody looked at the nodes. */
export function sinceOf({ baseline, countedAt, newestNodes }: RecordedOperation): Since | undefined {
  if (baseline === undefined) return undefined;
  const pools: readonly CountedPool[] | undefined = newestNodes;
  return {
    baseline: Date.parse(baseline),
    // Where the API server did not say what time it is, our own clock may be behind it.
    countedAt: Math.max(Date.parse(baseline), Date.parse(countedAt ?? baseline)),
    newest: pools && new Map(pools.map(({ pool, name }) => [pool, name])),
    there: new Map((pools ?? []).flatMap(({ pool, names }) => (names ? [[pool, readNames(names)] as const] : []))),
  };
}

/** True for a node whose name was there: it is that machine, born anew. */
export function wasThere({ newest, there }: Since, { name, pool }: Pick<NodeView, 'name' | 'pool'>): boolean {
  const isThere = there?.get(pool);
  if (isThere) return isThere(name);
  const greatest = newest?.get(pool);
  return newest === undefined || (greatest !== undefined && !isLaterName(name, greatest));
}

/** What an operation notes of the nodes right before it is sent; `now` is the target's own time, in ms. */
export function countedFrom(
  nodes: readonly NodeView[],
  now: number,
): Required<Pick<RecordedOperation, 'baseline' | 'countedAt'>> & { newestNodes: CountedPool[] } {
  const baseline = nodes.reduce((latest, { createdAt }) => Math.max(latest, createdAt), nodes.length === 0 ? now : 0);
  const pools = Map.groupBy(
    nodes.filter(({ kind }) => kind === 'Pool'),
    ({ pool }) => pool,
  );
  return {
    baseline: timestamp(baseline),
    countedAt: timestamp(now),
    newestNodes: [...pools]
      .map(([pool, own]) =>
        countedPool(
          pool,
          own.map(({ name }) => name),
        ),
      )
      .sort((a, b) => (a.pool < b.pool ? -1 : 1)),
  };
}

function countedPool(pool: string, names: readonly string[]): CountedPool {
  const name = names.reduce((greatest, one) => (isLaterName(one, greatest) ? one : greatest));
  return { pool, name, names: packNames(names) };
}
