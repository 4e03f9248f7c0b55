import type { ConditionValue } from '../../api/conditions.ts';
import type { ClusterModel } from '../../azure/cluster-model.ts';
import type { NodesObservation } from '../model/observation.ts';
import { timestamp, type NodePoolStatus, type NodesStatus, type RecordedOperation } from '../model/record.ts';
import type { Timing } from '../model/timing.ts';
import { ownBaseline, type WayBaseline } from './baseline-by-way.ts';
import { allOf, countCondition } from './condition.ts';
import type { NamespaceCount } from './hand-over.ts';
import { blockersOf } from './blockers.ts';
import type { Blocker } from './blocker.ts';
import { completed, measureProgress, type Progress } from './progress.ts';
import { baselineOfAttempt, baselineOf } from './baseline.ts';
import type { OwnCount } from '../model/own-count.ts';

export interface OwnCounts {
  /** By namespace; the others are shown what the cluster is judged by. */
  readonly shown: ReadonlyMap<string, OwnCount>;
  /** For the record. */
  readonly counts: readonly NamespaceCount[];
}

export interface OwnCountsInput {
  readonly model: ClusterModel;
  /** How each namespace's own way saw the nodes in this pass; absent: it was not asked. */
  readonly seen: ReadonlyMap<string, NodesObservation>;
  /** Every namespace with a way of its own that does not judge the cluster. */
  readonly namespaces: readonly string[];
  /** Of them, those that may be shown what the operator's way shows where their own does not: an object of theirs asks for it. */
  readonly seesOtherwise: ReadonlySet<string>;
  readonly before: readonly NamespaceCount[];
  /** The operation that is recorded; its baselines count. */
  readonly operation: RecordedOperation | undefined;
  /** `Running`: the record keeps the operation. `Ended`: this pass has seen it through. `None`: there is none. */
  readonly phase: 'Running' | 'Ended' | 'None';
  readonly now: number;
  readonly timing: Timing;
}

/**
 * Counts the nodes once more for each namespace whose own way does not judge the cluster. Such a count holds nothing up: it
 * goes on after ARM has ended the operation, until every node was seen to be replaced.
 */
export function countOwn(input: OwnCountsInput): OwnCounts {
  const shown = new Map<string, OwnCount>();
  const counts: NamespaceCount[] = [];
  for (const namespace of input.namespaces) {
    const count = countOf(namespace, input);
    if (!count) continue;
    shown.set(namespace, count.shown);
    if (count.kept) counts.push(count.kept);
  }
  return { shown, counts };
}

function countOf(
  namespace: string,
  input: OwnCountsInput,
): { readonly shown: OwnCount; readonly kept?: NamespaceCount } | undefined {
  const { model, operation, phase } = input;
  const before = input.before.find((one) => one.namespace === namespace);
  if (phase === 'None' && (!before || before.done))
    return before && { shown: { ...numbersOf(before), finding: allReplaced(before) }, kept: before };
  const baseline = phase !== 'None' && operation ? ownBaseline(operation, namespace) : baselineIn(before);
  const nodes = input.seen.get(namespace) ?? { kind: 'NotRead' };
  // The operation keeps the baseline for as long as it is recorded.
  const kept = (count: Omit<NamespaceCount, 'namespace'>): NamespaceCount => ({
    namespace,
    ...count,
    ...(phase !== 'Running' && !count.done && baseline ? baselineIn(baseline) : {}),
  });
  const unmoved = kept({ done: false, ...(before ? numbersOf(before) : {}) });
  if (nodes.kind === 'NotRead') return { shown: { ...numbersOf(unmoved), finding: undefined }, kept: unmoved };
  if (nodes.kind === 'Unreadable') {
    if (input.seesOtherwise.has(namespace)) return undefined;
    const finding: ConditionValue = { status: 'Unknown', reason: 'NodesUnreadable', message: nodes.message };
    return { shown: { ...numbersOf(unmoved), finding }, kept: unmoved };
  }
  const since = baseline && baselineOf(baseline);
  const progress = since && measureProgress(model, nodes, since, before?.nodePools);
  if (!since || progress?.old === undefined) return undefined;
  const isSeen = phase !== 'Running' || operation?.seen === true;
  const done = isSeen && phase !== 'Running' && progress.old === 0;
  const attempt = operation && phase === 'Running' ? baselineOfAttempt(since, operation, nodes, input.now) : since;
  const holdUps = done ? [] : blockersOf(model, nodes, progress, attempt, input.timing, before?.nodePools);
  const counted = done ? completed(progress) : progress;
  const count = kept({ done, nodes: counted.nodes, nodePools: poolsOf(counted, holdUps, before?.nodePools) });
  const finding = done
    ? allReplaced(count)
    : countCondition({ model, nodes: counted.nodes, holdUps, progress, seen: isSeen, coarse: false });
  return { shown: { ...numbersOf(count), finding }, kept: count };
}

function allReplaced({ nodes }: Pick<NamespaceCount, 'nodes'>): ConditionValue {
  return {
    status: 'True',
    reason: 'Reimaged',
    message: allOf(nodes?.total ?? 0),
  };
}

function numbersOf({ nodes, nodePools }: Omit<NamespaceCount, 'namespace'>): Pick<OwnCount, 'nodes' | 'nodePools'> & {
  nodes?: NodesStatus;
  nodePools?: NodePoolStatus[];
} {
  return { ...(nodes ? { nodes } : {}), ...(nodePools ? { nodePools } : {}) };
}

/** The members of a baseline alone. */
function baselineIn({ baseline, countedAt, countedNodes }: Partial<Omit<WayBaseline, 'countedBy'>> = {}) {
  if (baseline === undefined) return undefined;
  return { baseline, ...(countedAt === undefined ? {} : { countedAt }), ...(countedNodes ? { countedNodes } : {}) };
}

/** Pools with what holds them up; since when is kept for as long as it is the same, also when its events are gone. */
export function poolsOf(
  { pools }: Progress,
  holdUps: readonly Blocker[],
  before: readonly NodePoolStatus[] | undefined,
): NodePoolStatus[] {
  return pools.map((pool) => {
    const holdUp = holdUps.find((one) => one.pool === pool.name);
    if (!holdUp) return pool;
    const { by, kind, since } = holdUp;
    const known = before?.find(({ name, blockedBy }) => name === pool.name && blockedBy === by);
    const blockedSince = known?.blockedSince ?? timestamp(since);
    return { ...pool, blockedBy: by, blockedReason: kind, blockedSince };
  });
}
