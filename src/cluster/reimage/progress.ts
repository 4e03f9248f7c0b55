import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import type { NodesObservation, NodeView } from '../observation.ts';
import type { NodePoolStatus, NodesStatus } from '../record.ts';

/** How far the replacement of the nodes has come. */
export interface Progress {
  readonly nodes: NodesStatus;
  readonly pools: readonly NodePoolStatus[];
  /** Nodes that still have to be replaced; undefined where nodes are not seen and ARM alone speaks. */
  readonly old: number | undefined;
}

const isWindows = ({ osType }: PoolModel) => osType.toLowerCase() === 'windows';
const WINDOWS = 'Windows node pools do not get custom CAs';

/**
 * Counts nodes that are newer than `baseline` (ms, of the target's own clock). Names do not tell a replaced node, because AKS
 * registers it anew under its old one; its creationTimestamp does. A node of the same second counts as old.
 */
export function measureProgress(
  model: ClusterModel,
  nodes: NodesObservation,
  baseline: number | undefined,
): Progress | undefined {
  if (nodes.kind === 'NotRead' || nodes.kind === 'Unreadable') return undefined;
  const linux = model.pools.filter((pool) => !isWindows(pool));
  const windows = model.pools.filter(isWindows);
  const excludedPools = windows.map(({ name, osType, count }): NodePoolStatus => ({
    name,
    osType,
    nodes: count,
    phase: 'Excluded',
    message: WINDOWS,
  }));
  const counted = nodes.kind === 'Read' && baseline !== undefined && areThoseOf(linux, nodes.nodes);
  const pools = linux.map((pool) => (counted ? countPool(pool, nodes.nodes, baseline) : coarsePool(pool)));
  const total = sum(pools.map((pool) => pool.nodes));
  const reimaged = sum(pools.map((pool) => pool.reimaged ?? 0));
  const linuxNames = new Set(linux.map(({ name }) => name));
  const excluded = counted
    ? nodes.nodes.filter((node) => node.kind !== 'Pool' || !linuxNames.has(node.pool)).length
    : sum(windows.map(({ count }) => count));
  const summary = counted ? `${reimaged}/${total}` : `${reimaged}/${total} (coarse)`;
  return {
    nodes: { total, reimaged, excluded, summary },
    pools: [...pools, ...excludedPools],
    old: counted
      ? sum(linux.map((pool) => membersOf(pool, nodes.nodes).filter((node) => node.createdAt <= baseline).length))
      : undefined,
  };
}

/** False when none of the nodes is of a pool although ARM has some: then they are another cluster's, or not all may be seen. */
function areThoseOf(pools: readonly PoolModel[], nodes: readonly NodeView[]): boolean {
  return pools.every(({ count }) => count === 0) || pools.some((pool) => membersOf(pool, nodes).length > 0);
}

/** Of an operation that is seen through: what is not ready at that moment, or yet to come, is as new as the others. */
export function completed(progress: Progress): Progress {
  if (progress.old === undefined) return progress;
  const { total, excluded } = progress.nodes;
  return {
    ...progress,
    nodes: { total, reimaged: total, excluded, summary: `${total}/${total}` },
    pools: progress.pools.map((pool) =>
      pool.phase === 'Excluded' ? pool : { ...pool, reimaged: pool.nodes, phase: 'Done' },
    ),
  };
}

/** The greatest creationTimestamp of any node, or `fallback` (the API server's own time) where there is none. */
export function baselineOf(nodes: readonly NodeView[], fallback: number): number {
  return nodes.length === 0 ? fallback : Math.max(...nodes.map(({ createdAt }) => createdAt));
}

function membersOf(pool: PoolModel, nodes: readonly NodeView[]): readonly NodeView[] {
  return nodes.filter((node) => node.kind === 'Pool' && node.pool === pool.name);
}

function countPool(pool: PoolModel, nodes: readonly NodeView[], baseline: number): NodePoolStatus {
  const members = membersOf(pool, nodes);
  const old = members.filter((node) => node.createdAt <= baseline).length;
  const fresh = members.filter((node) => node.createdAt > baseline && node.ready).length;
  // Surge nodes come on top of the pool's count and go again; they never make the pool look larger than it is.
  const total = Math.max(pool.count, old);
  const reimaged = Math.min(fresh, total - old);
  return {
    name: pool.name,
    osType: pool.osType,
    nodes: total,
    reimaged,
    phase: phaseOf(pool, total, reimaged, members.length),
  };
}

function phaseOf(pool: PoolModel, total: number, reimaged: number, members: number): NodePoolStatus['phase'] {
  const state = pool.provisioningState.toLowerCase();
  if (reimaged === total) return 'Done';
  if (state === 'failed' || state === 'canceled') return 'Failed';
  return reimaged > 0 || members !== total ? 'Reimaging' : 'Waiting';
}

function coarsePool(pool: PoolModel): NodePoolStatus {
  const state = pool.provisioningState.toLowerCase();
  const done = state === 'succeeded';
  const phase = done ? 'Done' : state === 'failed' || state === 'canceled' ? 'Failed' : 'Reimaging';
  return { name: pool.name, osType: pool.osType, nodes: pool.count, reimaged: done ? pool.count : 0, phase };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
