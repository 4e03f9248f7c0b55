import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import type { Patience, ReadNodes, Blocker } from './blocker.ts';
import { needsReimage, type Member } from './node-state.ts';
import { drainAndSoakMinutes } from './pool-times.ts';
import type { Progress } from './progress.ts';
import type { Baseline } from './baseline.ts';

/**
 * Pools that AKS is replacing and in which nothing happened for longer than a drain, a soak and a reimage may take. Pools may be
 * rolled side by side, so each is judged by itself. While AKS works on none, the next pool is judged by the last event of any pool.
 */
export function stalledPools(
  model: ClusterModel,
  nodes: ReadNodes,
  progress: Progress,
  baseline: Baseline,
  found: readonly Blocker[],
  patience: Patience,
): Blocker[] {
  const { serverTime } = nodes;
  if (serverTime === undefined) return [];
  const open = model.pools.filter(({ name }) => progress.members.get(name)?.some(isOpen));
  const inProgress = open.filter((pool) => isInProgress(pool, nodes, progress, baseline));
  const judge = (pool: PoolModel, moved: number): Blocker[] => {
    const allowed = drainAndSoakMinutes(pool) * patience.poolMinute + patience.standstill;
    if (serverTime - moved <= allowed) return [];
    const minutes = Math.round(allowed / patience.poolMinute);
    return [
      {
        pool: pool.name,
        kind: 'NoProgress',
        by: `no node was drained or replaced for more than ${minutes} minutes, the pool's drain timeout and soak included`,
        fix: 'Check the events of its nodes and the activity log; az aks operation-abort ends an operation that hangs',
        since: moved,
      },
    ];
  };
  if (inProgress.length > 0)
    return inProgress
      .filter(({ name }) => !found.some(({ pool }) => pool === name))
      .flatMap((pool) => judge(pool, lastMove(nodes, progress, baseline, pool.name)));
  const [next] = open;
  return next && found.length === 0 ? judge(next, lastMove(nodes, progress, baseline)) : [];
}

/** True for a node that keeps its pool from being done. */
function isOpen(member: Member): boolean {
  return needsReimage(member) || member.state === 'Surge';
}

/** False for a pool that AKS has not begun with, even where another client has cordoned one of its nodes. */
function isInProgress(
  { name }: PoolModel,
  { events = [] }: ReadNodes,
  progress: Progress,
  baseline: Baseline,
): boolean {
  const members = progress.members.get(name) ?? [];
  const names = new Set(members.map(({ node }) => node.name));
  const begun =
    members.some(({ state }) => state === 'Replaced' || state === 'Surge') ||
    events.some(({ node, at }) => names.has(node) && at >= baseline.countedAt);
  const busy = (progress.pools.find((pool) => pool.name === name)?.reimaging ?? 0) > 0;
  return begun && (busy || !members.some(needsReimage));
}

/**
 * When a node of the pool, or of any pool, was last created or named in an event. A node that an autoscaler adds does not count, and
 * neither does a refused eviction, which repeats. The pool of a missing node is unknown, so its events count for each pool.
 */
function lastMove(
  { nodes, events = [] }: ReadNodes,
  { members }: Progress,
  { countedAt }: Baseline,
  pool?: string,
): number {
  const isOf = (name: string) => pool === undefined || name === pool;
  const others = new Set(nodes.filter((node) => !isOf(node.pool)).map(({ name }) => name));
  const created = [...members]
    .filter(([name]) => isOf(name))
    .flatMap(([, own]) => own.filter(({ state }) => state !== 'Added').map(({ node }) => node.createdAt));
  const reported = events
    .filter(({ node, step }) => step !== 'EvictionRefused' && !others.has(node))
    .map(({ at }) => at);
  return [...created, ...reported].reduce((latest, at) => Math.max(latest, at), countedAt);
}
