import type { NodesObservation, NodeView } from '../model/observation.ts';
import { timestamp, type RecordedOperation } from '../model/record.ts';
import { packNames, readNames } from './node-names.ts';

/** The nodes right before the first attempt. Times are in ms, by the target's own clock. */
export interface Baseline {
  /** Greatest creationTimestamp of any node: a newer node was created after the baseline. */
  readonly newestNode: number;
  /** When the nodes were counted. */
  readonly countedAt: number;
  /** By pool that had nodes: whether a node had this name. Undefined in a record without names. */
  readonly nodeNames: ReadonlyMap<string, (name: string) => boolean> | undefined;
}

/** Undefined where the nodes were not read, and where the recorded time is invalid. */
export function baselineOf({
  baseline: recorded,
  countedAt,
  countedNodes,
}: Pick<RecordedOperation, 'baseline' | 'countedAt' | 'countedNodes'>): Baseline | undefined {
  const baseline = Date.parse(recorded ?? '');
  if (Number.isNaN(baseline)) return undefined;
  const counted = Date.parse(countedAt ?? '');
  return {
    newestNode: baseline,
    // Where the API server did not report its time, our own clock was used, which may be behind.
    countedAt: Number.isNaN(counted) ? baseline : Math.max(baseline, counted),
    nodeNames: countedNodes && new Map(countedNodes.map(({ pool, names }) => [pool, readNames(names)])),
  };
}

/** True for a node whose name existed at the baseline: a newer node of that name is the same machine, reimaged. */
export function existedBefore({ nodeNames }: Baseline, { name, pool }: Pick<NodeView, 'name' | 'pool'>): boolean {
  return nodeNames === undefined || nodeNames.get(pool)?.(name) === true;
}

/** The baseline counted from when the last attempt was sent. That time is by our clock, and is converted to the target's. */
export function baselineOfAttempt(
  baseline: Baseline,
  { lastAttemptAt }: Pick<RecordedOperation, 'lastAttemptAt'>,
  nodes: NodesObservation,
  now: number,
): Baseline {
  const ahead = nodes.kind === 'Read' && nodes.serverTime !== undefined ? nodes.serverTime - now : 0;
  return { ...baseline, countedAt: Math.max(baseline.countedAt, Date.parse(lastAttemptAt) + ahead) };
}

/** The clocks of one API server's instances differ by less than this, in ms. */
const AHEAD = 5 * 60_000;

/** The last time that a Date can hold, in ms. */
const LAST_TIME = 8.64e15;

/**
 * The baseline that an operation records right before it is sent; `now` is the target's own time, in ms. A creation time in the
 * future, or one that is invalid, is ignored: with it as the baseline, no node would ever count as replaced.
 */
export function countedFrom(
  nodes: readonly NodeView[],
  now: number,
): Required<Pick<RecordedOperation, 'baseline' | 'countedAt' | 'countedNodes'>> {
  const created = nodes.map(({ createdAt }) => createdAt).filter((time) => Math.abs(time) <= LAST_TIME);
  const past = created.filter((time) => time <= now + AHEAD);
  // Where every node is ahead, the clock is behind.
  const baseline = (past.length > 0 ? past : created).reduce((latest, time) => Math.max(latest, time), -Infinity);
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
