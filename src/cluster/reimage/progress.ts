import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import { isState, isStopped, isTerminal } from '../model/provisioning-state.ts';
import type { NodesObservation, NodeView, UpgraderStep } from '../model/observation.ts';
import type { NodePoolStatus, NodesStatus } from '../model/record.ts';
import { latestEvents } from './latest-events.ts';
import { needsReimage, membersOf, surgeNodes, type Member, type Said } from './node-state.ts';
import type { Baseline } from './baseline.ts';

/** How far the replacement of the nodes has come. */
export interface Progress {
  readonly nodes: NodesStatus;
  readonly pools: readonly NodePoolStatus[];
  /** Nodes that still have to be replaced, or may have to be; undefined where nodes are not seen and ARM alone speaks. */
  readonly old: number | undefined;
  /** The nodes of each counted pool, by its name; empty where ARM alone speaks. */
  readonly members: ReadonlyMap<string, readonly Member[]>;
}

export const isWindows = ({ osType }: PoolModel) => osType.toLowerCase() === 'windows';

/** False for a pool whose nodes do not get custom CAs, or that has none now. */
export const isCovered = (pool: PoolModel) => excludedWhy(pool) === undefined;

/**
 * Counts the nodes that were born anew since. Names do not tell a replaced node, because AKS registers it under its old one;
 * its creationTimestamp does, and a node of the same second counts as old. A node of a name that was not there before is
 * another machine, or one that was away: it counts once it cannot have the old list.
 *
 * @param known the pools as they were told of at the last look: by ARM's word alone, one that had no turn yet looks as if it were done
 */
export function measureProgress(
  model: ClusterModel,
  nodes: NodesObservation,
  since: Baseline | undefined,
  known?: readonly NodePoolStatus[],
): Progress | undefined {
  if (nodes.kind === 'NotRead' || nodes.kind === 'Unreadable') return undefined;
  const covered = model.pools.filter(isCovered);
  const excludedPools = model.pools.flatMap((pool) => excludedPool(pool) ?? []);
  const done = isState(model.provisioningState, 'Succeeded');
  // Of pools that had nodes, all may be away at the same time for a while.
  const had = new Set(done ? [] : covered.map(({ name }) => name).filter((name) => since?.there?.has(name)));
  const seen = nodes.kind === 'Read' && areThoseOf(covered, had, nodes.nodes);
  if (nodes.kind === 'NoAccess' || since === undefined || !(seen || had.size > 0)) {
    const pools = covered.map((pool) => coarsePool(pool, model, known));
    const [total, reimaged] = [sum(pools.map((pool) => pool.nodes)), sum(pools.map((pool) => pool.reimaged ?? 0))];
    const excluded = sum(excludedPools.map((pool) => pool.nodes));
    const summary = `${reimaged}/${total} (coarse)`;
    return {
      nodes: { total, reimaged, excluded, summary },
      pools: [...pools, ...excludedPools],
      old: undefined,
      members: new Map(),
    };
  }
  const events = nodes.events ?? [];
  // What was said of an earlier replacement says nothing of this one.
  const said = {
    surge: surgeNodes(events),
    words: latestEvents(events.filter(({ at }) => at >= since.countedAt)),
  };
  const byPool = Map.groupBy(nodes.nodes, ({ pool }) => pool);
  const members = new Map(
    covered.map((pool) => [pool.name, membersOf(model, pool, byPool.get(pool.name) ?? [], said, since)]),
  );
  const busy = new Set([...said.words.values()].filter(({ step }) => BEGUN.has(step)).map(({ node }) => node));
  const pools = covered.map((pool) => countPool(pool, members.get(pool.name) ?? [], busy));
  const counts = {
    total: sum(pools.map((pool) => pool.nodes)),
    reimaged: sum(pools.map((pool) => pool.reimaged ?? 0)),
    reimaging: sum(pools.map((pool) => pool.reimaging ?? 0)),
    waiting: sum(pools.map((pool) => pool.waiting ?? 0)),
    excluded: nodes.nodes.filter((node) => node.kind !== 'Pool' || !members.has(node.pool)).length,
  };
  const left = sum([...members.values()].map((own) => own.filter(needsReimage).length));
  return {
    nodes: { ...counts, summary: `${counts.reimaged}/${counts.total}` },
    pools: [...pools, ...excludedPools],
    old: seen ? left + (done ? 0 : lostNodes(covered, had, members, nodes.nodes, said)) : undefined,
    members,
  };
}

/**
 * Nodes that AKS has taken away to replace them and has not brought back: where it gave up, nobody else does. Others that a pool
 * lacks say nothing, but where it lacks all of them.
 */
function lostNodes(
  pools: readonly PoolModel[],
  had: ReadonlySet<string>,
  members: ReadonlyMap<string, readonly Member[]>,
  nodes: readonly NodeView[],
  { surge, words }: Said,
): number {
  const present = new Set(nodes.map(({ name }) => name));
  const taken = [...words].filter(([name, { step }]) => TAKEN.has(step) && !present.has(name) && !surge.has(name));
  const lacking = pools.map(({ name, count, spot }) => {
    const own = (members.get(name) ?? []).filter(({ fate }) => fate !== 'Surge').length;
    // Spot machines are taken away by others as well.
    return { name, count: Math.max(0, count - own), all: own === 0 && had.has(name) && spot !== true };
  });
  const some = sum(lacking.map(({ count, all }) => (all ? 0 : count)));
  return sum(lacking.map(({ count, all }) => (all ? count : 0))) + Math.min(taken.length, some);
}

/** Why the nodes of a pool are no part of the count; undefined when they are. */
function excludedWhy(pool: PoolModel): string | undefined {
  if (isWindows(pool)) return 'Windows node pools do not get custom CAs';
  if (pool.managedSystem) return `the pool is AKS' own; AKS alone decides what its nodes trust`;
  if (isStopped(pool)) return 'the pool is stopped; its nodes are made anew when it is started';
  return undefined;
}

function excludedPool(pool: PoolModel): NodePoolStatus | undefined {
  const { name, osType, count } = pool;
  const message = excludedWhy(pool);
  return message === undefined ? undefined : { name, osType, nodes: count, phase: 'Excluded', message };
}

/**
 * False when none of the nodes is of a pool although ARM has some, or had: then they are another cluster's, not all may be seen,
 * or all are away.
 */
function areThoseOf(pools: readonly PoolModel[], had: ReadonlySet<string>, nodes: readonly NodeView[]): boolean {
  const names = new Set(pools.filter(({ name, count }) => count > 0 || had.has(name)).map(({ name }) => name));
  return names.size === 0 || nodes.some((node) => node.kind === 'Pool' && names.has(node.pool));
}

/** Of an operation that is seen through: what is not ready at that moment, or yet to come, is as new as the others. */
export function completed(progress: Progress): Progress {
  if (progress.old === undefined) return progress;
  const { total, excluded } = progress.nodes;
  return {
    ...progress,
    nodes: { total, reimaged: total, reimaging: 0, waiting: 0, excluded, summary: `${total}/${total}` },
    pools: progress.pools.map((pool) =>
      pool.phase === 'Excluded' ? pool : { ...pool, reimaged: pool.nodes, reimaging: 0, waiting: 0, phase: 'Done' },
    ),
  };
}

function countPool(pool: PoolModel, members: readonly Member[], busy: ReadonlySet<string>): NodePoolStatus {
  const old = members.filter(({ fate }) => fate === 'Old');
  const unproven = members.filter((member) => needsReimage(member) && member.fate !== 'Old');
  const fresh = members.filter((member) => !needsReimage(member) && member.fate !== 'Surge');
  const ready = fresh.filter(({ node }) => node.ready).length;
  // Surge nodes come on top of the pool's count and go again, whether it is known yet that they are some; they never make the
  // pool look larger than it is.
  const joined = Math.min(unproven.length, Math.max(0, pool.count - old.length - fresh.length));
  // The count may be older than a machine that has joined: as long as one is left, not all are done.
  const left = Math.max(old.length + joined, Math.min(1, unproven.length));
  // Of a pool of virtual machines ARM's count is none, whatever it has.
  const total = Math.max(pool.count > 0 ? pool.count : fresh.length + left, left);
  const reimaged = Math.min(ready, total - left);
  const isIdle = ({ node }: Member) => (node.schedulable && !busy.has(node.name)) || node.quarantined;
  const idle = old.filter(isIdle).length + Math.min(left - old.length, unproven.filter(isIdle).length);
  const reimaging = total - reimaged - idle;
  return {
    name: pool.name,
    osType: pool.osType,
    nodes: total,
    reimaged,
    reimaging,
    waiting: idle,
    phase: phaseOf(pool, total, reimaged, reimaging > 0 || members.some(({ fate }) => fate !== 'Old')),
  };
}

/** AKS has begun with a node and is not done with it when this is its last word, as long as the node is old. */
const BEGUN: ReadonlySet<UpgraderStep> = new Set([
  'Cordoned',
  'Draining',
  'EvictionRefused',
  'Soaking',
  'Deleted',
  'Reimaging',
]);

/** A node that is not there is away to be replaced when this is the last word on it. */
const TAKEN: ReadonlySet<UpgraderStep> = new Set(['Deleted', 'Reimaging', 'Failed']);

function phaseOf(pool: PoolModel, total: number, reimaged: number, begun: boolean): NodePoolStatus['phase'] {
  if (reimaged === total) return 'Done';
  if (isState(pool.provisioningState, 'Failed') || isState(pool.provisioningState, 'Canceled')) return 'Failed';
  return begun ? 'Reimaging' : 'Waiting';
}

function coarsePool(
  pool: PoolModel,
  cluster: Pick<ClusterModel, 'provisioningState'>,
  known: readonly NodePoolStatus[] | undefined,
): NodePoolStatus {
  const { name, osType, count } = pool;
  const had = known === undefined || (known.find((one) => one.name === name)?.phase ?? 'Waiting') !== 'Waiting';
  const phase = coarsePhase(pool, cluster, had);
  return { name, osType, nodes: count, reimaged: phase === 'Done' ? count : 0, phase };
}

/** `had`: whether it was seen to have its turn. */
function coarsePhase(
  { provisioningState: own }: PoolModel,
  { provisioningState: cluster }: Pick<ClusterModel, 'provisioningState'>,
  had: boolean,
): NodePoolStatus['phase'] {
  // What goes on in a pool while the cluster is at rest is not the cluster's operation.
  if (!isTerminal(own)) return isTerminal(cluster) ? 'Waiting' : 'Reimaging';
  if (!isState(own, 'Succeeded')) return 'Failed';
  return had || isState(cluster, 'Succeeded') ? 'Done' : 'Waiting';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
