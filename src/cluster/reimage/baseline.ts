import type { NodesObservation, NodeView } from '../model/observation.ts';
import { timestamp, type RecordedOperation } from '../model/record.ts';
import { packNames, readNames } from './node-names.ts';

/** How the nodes were right before the first attempt; times in ms, of the target's own clock. */
export interface Baseline {
  /** Greatest creationTimestamp of any node: whatever is newer came afterwards. */
  readonly baseline: number;
  /** When they were looked at. */
  readonly countedAt: number;
  /** Whether a name was there, of each pool that had nodes; undefined in a record that does not say. */
  readonly there: ReadonlyMap<string, (name: string) => boolean> | undefined;
}

/** Undefined where the nodes were not read, and where the record has no time there. */
export function baselineOf({
  baseline: recorded,
  countedAt,
  countedNodes,
}: Pick<RecordedOperation, 'baseline' | 'countedAt' | 'countedNodes'>): Baseline | undefined {
  const baseline = Date.parse(recorded ?? '');
  if (Number.isNaN(baseline)) return undefined;
  const counted = Date.parse(countedAt ?? '');
  return {
    baseline,
    // Where the API server did not say what time it is, our own clock may be behind it.
    countedAt: Number.isNaN(counted) ? baseline : Math.max(baseline, counted),
    there: countedNodes && new Map(countedNodes.map(({ pool, names }) => [pool, readNames(names)])),
  };
}

/** True for a node whose name was there: it is that machine, born anew. */
export function existedBefore({ there }: Baseline, { name, pool }: Pick<NodeView, 'name' | 'pool'>): boolean {
  return there === undefined || there.get(pool)?.(name) === true;
}

/** Counted from when the last attempt was sent, which our clock tells, by the target's. */
export function baselineOfAttempt(
  since: Baseline,
  { lastAttemptAt }: Pick<RecordedOperation, 'lastAttemptAt'>,
  nodes: NodesObservation,
  now: number,
): Baseline {
  const ahead = nodes.kind === 'Read' && nodes.serverTime !== undefined ? nodes.serverTime - now : 0;
  return { ...since, countedAt: Math.max(since.countedAt, Date.parse(lastAttemptAt) + ahead) };
}

/** The clocks of one API server's instances are less apart, in ms. */
const AHEAD = 5 * 60_000;

/** The last time that a Date can hold, in ms. */
const LAST_TIME = 8.64e15;

/**
 * What an operation notes of the nodes right before it is sent; `now` is the target's own time, in ms. The time of a node that would
 * be born later, or never, is no baseline: no node would ever count as replaced.
 */
export function countedFrom(
  nodes: readonly NodeView[],
  now: number,
): Required<Pick<RecordedOperation, 'baseline' | 'countedAt' | 'countedNodes'>> {
  const born = nodes.map(({ createdAt }) => createdAt).filter((time) => Math.abs(time) <= LAST_TIME);
  const past = born.filter((time) => time <= now + AHEAD);
  // Where every node is ahead, it is the clock that is behind.
  const baseline = (past.length > 0 ? past : born).reduce((latest, time) => Math.max(latest, time), -Infinity);
  const pools = Map.groupBy(
    nodes.filter(({ kind }) => kind === 'Pool'),
    ({ pool }) => pool,
  );
  return {
    baseline: timestamp(Number.isFinite(baseline) ? baseline : now),
    countedAt: timestamp(now),
    countedNodes: [...pools]
      .map(([pool, own]) => ({ pool, names: packNames(own.map(({ name }) => name)) }))
      .sort((a, b) => (a.pool < b.pool ? -1 : 1)),
  };
}
