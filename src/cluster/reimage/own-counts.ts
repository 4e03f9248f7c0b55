import type { ConditionValue } from '../../api/conditions.ts';
import type { ClusterModel } from '../../azure/cluster-model.ts';
import type { NodesObservation } from '../model/observation.ts';
import {
  isSeen as hasBeenSeen,
  timestamp,
  type NodePoolStatus,
  type NodesStatus,
  type RecordedOperation,
} from '../model/record.ts';
import type { Timing } from '../model/timing.ts';
import { ownBaseline, type WayBaseline } from './baseline-by-way.ts';
import { countCondition } from './condition.ts';
import { allReplacedMessage } from './last-applied.ts';
import type { NamespaceCount } from './hand-over.ts';
import { blockersOf } from './blockers.ts';
import type { Blocker } from './blocker.ts';
import { completed, measureProgress, type Progress } from './progress.ts';
import { baselineOfAttempt, baselineOf } from './baseline.ts';
import type { OwnCount } from '../model/own-count.ts';

export interface OwnCounts {
  /** By namespace. Other namespaces are shown the cluster's own count. */
  readonly shown: ReadonlyMap<string, OwnCount>;
  /** The counts for the record. */
  readonly counts: readonly NamespaceCount[];
}

export interface OwnCountsInput {
  readonly model: ClusterModel;
  /** The nodes as each namespace's own way showed them in this reconcile; absent where that way was not read. */
  readonly seen: ReadonlyMap<string, NodesObservation>;
  /** Every namespace with a way of its own that does not judge the cluster. */
  readonly namespaces: readonly string[];
  /** Namespaces with an object that asks for the operator's way: they are shown that count where their own way fails. */
  readonly seesOtherwise: ReadonlySet<string>;
  readonly before: readonly NamespaceCount[];
  /** The recorded operation, whose baselines are used. */
  readonly operation: RecordedOperation | undefined;
  /** `Running`: the record keeps the operation. `Ended`: it ended in this reconcile. `None`: there is no operation. */
  readonly phase: 'Running' | 'Ended' | 'None';
  readonly now: number;
  readonly timing: Timing;
}

/**
 * Counts the nodes separately for each namespace whose own way does not judge the cluster. Such a count delays no operation: it goes
 * on after ARM has ended the operation, until every node was replaced.
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
  const baseline = phase !== 'None' && operation ? ownBaseline(operation, namespace) : withoutWay(before);
  const nodes = input.seen.get(namespace) ?? { kind: 'NotRead' };
  // The operation keeps the baseline for as long as it is recorded.
  const kept = (count: Omit<NamespaceCount, 'namespace'>): NamespaceCount => ({
    namespace,
    ...count,
    ...(phase === 'Running' ? { earlier: earlierOf(before) } : {}),
    ...(phase !== 'Running' && !count.done && baseline ? withoutWay(baseline) : {}),
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
  const isSeen = phase !== 'Running' || (operation !== undefined && hasBeenSeen(operation));
  const done = isSeen && phase !== 'Running' && progress.old === 0;
  const attempt = operation && phase === 'Running' ? baselineOfAttempt(since, operation, nodes, input.now) : since;
  const blockers = done ? [] : blockersOf(model, nodes, progress, attempt, input.timing, before?.nodePools);
  const counted = done ? completed(progress) : progress;
  const count = kept({ done, nodes: counted.nodes, nodePools: poolsOf(counted, blockers, before?.nodePools) });
  const finding = done
    ? allReplaced(count)
    : countCondition({ model, nodes: counted.nodes, blockers: blockers, progress, seen: isSeen, coarse: false });
  return { shown: { ...numbersOf(count), finding }, kept: count };
}

/** How far the namespace had counted the change before the running operation. */
function earlierOf(before: NamespaceCount | undefined): NonNullable<NamespaceCount['earlier']> {
  return before ? (before.earlier ?? (before.done ? 'Done' : 'Unfinished')) : 'None';
}

function allReplaced({ nodes }: Pick<NamespaceCount, 'nodes'>): ConditionValue {
  return {
    status: 'True',
    reason: 'Reimaged',
    message: allReplacedMessage(nodes?.total ?? 0),
  };
}

function numbersOf({ nodes, nodePools }: Omit<NamespaceCount, 'namespace'>): Pick<OwnCount, 'nodes' | 'nodePools'> & {
  nodes?: NodesStatus;
  nodePools?: NodePoolStatus[];
} {
  return { ...(nodes ? { nodes } : {}), ...(nodePools ? { nodePools } : {}) };
}

/** The baseline without the way that it came from. */
function withoutWay({ baseline, countedAt, countedNodes }: Partial<Omit<WayBaseline, 'countedBy'>> = {}) {
  if (baseline === undefined) return undefined;
  return { baseline, ...(countedAt === undefined ? {} : { countedAt }), ...(countedNodes ? { countedNodes } : {}) };
}

/** The pools with their blockers. The recorded `blockedSince` is kept while the blocker is the same, even when its events are gone. */
export function poolsOf(
  { pools }: Progress,
  blockers: readonly Blocker[],
  before: readonly NodePoolStatus[] | undefined,
): NodePoolStatus[] {
  return pools.map((pool) => {
    const blocker = blockers.find((one) => one.pool === pool.name);
    if (!blocker) return pool;
    const { by, kind, since } = blocker;
    const known = before?.find(({ name, blockedBy }) => name === pool.name && blockedBy === by);
    const blockedSince = known?.blockedSince ?? timestamp(since);
    return { ...pool, blockedBy: by, blockedReason: kind, blockedSince };
  });
}
