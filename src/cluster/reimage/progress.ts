import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import { isState, isStopped, isTerminal } from '../model/provisioning-state.ts';
import type { NodesObservation, NodeView, UpgraderStep } from '../model/observation.ts';
import type { NodePoolStatus, NodesStatus } from '../model/record.ts';
import { latestEvents } from './latest-events.ts';
import { needsReimage, membersOf, surgeNodes, type Member, type UpgraderReports } from './node-state.ts';
import type { Baseline } from './baseline.ts';

/** The progress of the replacement of the nodes. */
export interface Progress {
  readonly nodes: NodesStatus;
  readonly pools: readonly NodePoolStatus[];
  /** Nodes that still have to be replaced, or may have to be; undefined where nodes are not read and only ARM reports. */
  readonly old: number | undefined;
  /** The nodes of each counted pool, by its name; empty where only ARM reports. */
  readonly members: ReadonlyMap<string, readonly Member[]>;
}

export const isWindows = ({ osType }: PoolModel) => osType.toLowerCase() === 'windows';

/** False for a pool whose nodes do not get custom CAs, or that has none now. */
export const isCovered = (pool: PoolModel) => excludedWhy(pool) === undefined;

/**
 * Counts the nodes that were replaced since the baseline. AKS registers a replaced node under its old name, so its
 * creationTimestamp decides, and a node of the same second counts as old. A node with a new name is another machine, or one that
 * was away: it counts once it cannot have the old list.
 *
 * @param recorded the pools as last recorded. In ARM, a pool that AKS has not begun with has the same state as one that is done
 * @param replaces whether the operation replaces the nodes of a pool
 */
export function measureProgress(
  model: ClusterModel,
  nodes: NodesObservation,
  baseline: Baseline | undefined,
  recorded?: readonly NodePoolStatus[],
  replaces: (pool: PoolModel) => boolean = isCovered,
): Progress | undefined {
  if (nodes.kind === 'NotRead' || nodes.kind === 'Unreadable') return undefined;
  const covered = model.pools.filter(replaces);
  const excludedPools = model.pools.flatMap((pool) => (replaces(pool) ? [] : (excludedPool(pool) ?? [])));
  const done = isState(model.provisioningState, 'Succeeded');
  // All nodes of a pool may be away at the same time for a while.
  const had = new Set(done ? [] : covered.map(({ name }) => name).filter((name) => baseline?.nodeNames?.has(name)));
  const seen = nodes.kind === 'Read' && areNodesOf(covered, had, nodes.nodes);
  if (nodes.kind === 'NoAccess' || baseline === undefined || !(seen || had.size > 0)) {
    const pools = covered.map((pool) => coarsePool(pool, model, recorded));
    const [total, reimaged] = [sum(pools.map((pool) => pool.nodes)), sum(pools.map((pool) => pool.reimaged ?? 0))];
    const excluded = sum(excludedPools.map((pool) => pool.nodes));
    const summary = `${reimaged}/${total} (coarse)`;
    return {
      nodes: { total, reimaged, excluded, summary, source: 'ARM' },
      pools: [...pools, ...excludedPools],
      old: undefined,
      members: new Map(),
    };
  }
  const events = nodes.events ?? [];
  // Events of an earlier replacement say nothing about this one.
  const reports = {
    surge: surgeNodes(events),
    lastEvents: latestEvents(events.filter(({ at }) => at >= baseline.countedAt)),
  };
  const byPool = Map.groupBy(nodes.nodes, ({ pool }) => pool);
  const members = new Map(
    covered.map((pool) => [pool.name, membersOf(model, pool, byPool.get(pool.name) ?? [], reports, baseline)]),
  );
  const busy = new Set([...reports.lastEvents.values()].filter(({ step }) => BEGUN.has(step)).map(({ node }) => node));
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
    nodes: { ...counts, summary: `${counts.reimaged}/${counts.total}`, source: 'Nodes' },
    pools: [...pools, ...excludedPools],
    old: seen ? left + (done ? 0 : lostNodes(covered, had, members, nodes.nodes, reports)) : undefined,
    members,
  };
}

/**
 * The number of nodes that AKS took away to replace them and did not bring back. Where AKS gave up, no other client brings them back.
 * Other missing nodes of a pool do not count, unless the pool has no node left.
 */
function lostNodes(
  pools: readonly PoolModel[],
  had: ReadonlySet<string>,
  members: ReadonlyMap<string, readonly Member[]>,
  nodes: readonly NodeView[],
  { surge, lastEvents }: UpgraderReports,
): number {
  const present = new Set(nodes.map(({ name }) => name));
  const taken = [...lastEvents].filter(([name, { step }]) => TAKEN.has(step) && !present.has(name) && !surge.has(name));
  const lacking = pools.map(({ name, count, spot }) => {
    const own = (members.get(name) ?? []).filter(({ state }) => state !== 'Surge').length;
    // Azure evicts spot machines as well.
    return { name, count: Math.max(0, count - own), all: own === 0 && had.has(name) && spot !== true };
  });
  const some = sum(lacking.map(({ count, all }) => (all ? 0 : count)));
  return sum(lacking.map(({ count, all }) => (all ? count : 0))) + Math.min(taken.length, some);
}

/** The reason why the nodes of a pool do not count; undefined when they count. */
function excludedWhy(pool: PoolModel): string | undefined {
  if (isWindows(pool)) return 'Windows node pools do not get custom CAs';
  if (pool.managedSystem) return `the pool is AKS' own; AKS alone decides what its nodes trust`;
  if (isStopped(pool)) return 'the pool is stopped; its nodes are created again when it is started';
  return undefined;
}

function excludedPool(pool: PoolModel): NodePoolStatus | undefined {
  const { name, osType, count } = pool;
  const message = excludedWhy(pool);
  return message === undefined ? undefined : { name, osType, nodes: count, phase: 'Excluded', message };
}

/**
 * False when none of the nodes is of a pool although the pools have nodes in ARM, or had some. Then they are another cluster's nodes,
 * not all nodes are visible, or all are away.
 */
function areNodesOf(pools: readonly PoolModel[], had: ReadonlySet<string>, nodes: readonly NodeView[]): boolean {
  const names = new Set(pools.filter(({ name, count }) => count > 0 || had.has(name)).map(({ name }) => name));
  return names.size === 0 || nodes.some((node) => node.kind === 'Pool' && names.has(node.pool));
}

/** The progress of a completed operation: a node that is not Ready, or not registered yet, is as new as the others. */
export function completed(progress: Progress): Progress {
  if (progress.old === undefined) return progress;
  const { total } = progress.nodes;
  return {
    ...progress,
    nodes: { ...progress.nodes, reimaged: total, reimaging: 0, waiting: 0, summary: `${total}/${total}` },
    pools: progress.pools.map((pool) =>
      pool.phase === 'Excluded' ? pool : { ...pool, reimaged: pool.nodes, reimaging: 0, waiting: 0, phase: 'Done' },
    ),
  };
}

function countPool(pool: PoolModel, members: readonly Member[], busy: ReadonlySet<string>): NodePoolStatus {
  const old = members.filter(({ state }) => state === 'Old');
  const unconfirmed = members.filter((member) => needsReimage(member) && member.state !== 'Old');
  const fresh = members.filter((member) => !needsReimage(member) && member.state !== 'Surge');
  const ready = fresh.filter(({ node }) => node.ready).length;
  // Surge nodes come on top of the pool's count and are removed again. They must never make the pool larger than it is, even
  // before an event reports them as surge nodes.
  const joined = Math.min(unconfirmed.length, Math.max(0, pool.count - old.length - fresh.length));
  // ARM's count may be older than a machine that has joined: while one is unconfirmed, the pool is not done.
  const left = Math.max(old.length + joined, Math.min(1, unconfirmed.length));
  // ARM reports a count of zero for a pool of type VirtualMachines, whatever it has.
  const total = Math.max(pool.count > 0 ? pool.count : fresh.length + left, left);
  const reimaged = Math.min(ready, total - left);
  const isIdle = ({ node }: Member) => (node.schedulable && !busy.has(node.name)) || node.quarantined;
  const idle = old.filter(isIdle).length + Math.min(left - old.length, unconfirmed.filter(isIdle).length);
  const reimaging = total - reimaged - idle;
  return {
    name: pool.name,
    osType: pool.osType,
    nodes: total,
    reimaged,
    reimaging,
    waiting: idle,
    phase: phaseOf(pool, total, reimaged, reimaging > 0 || members.some(({ state }) => state !== 'Old')),
  };
}

/** An old node whose last event is one of these steps is being replaced. */
const BEGUN: ReadonlySet<UpgraderStep> = new Set([
  'Cordoned',
  'Draining',
  'EvictionRefused',
  'Soaking',
  'Deleted',
  'Reimaging',
]);

/** A missing node whose last event is one of these steps is away to be replaced. */
const TAKEN: ReadonlySet<UpgraderStep> = new Set(['Deleted', 'Reimaging', 'Failed']);

function phaseOf(pool: PoolModel, total: number, reimaged: number, begun: boolean): NodePoolStatus['phase'] {
  if (reimaged === total) return 'Done';
  if (isState(pool.provisioningState, 'Failed') || isState(pool.provisioningState, 'Canceled')) return 'Failed';
  return begun ? 'Reimaging' : 'Waiting';
}

function coarsePool(
  pool: PoolModel,
  cluster: Pick<ClusterModel, 'provisioningState'>,
  recorded: readonly NodePoolStatus[] | undefined,
): NodePoolStatus {
  const { name, osType, count } = pool;
  const hadTurn =
    recorded === undefined || (recorded.find((one) => one.name === name)?.phase ?? 'Waiting') !== 'Waiting';
  const phase = coarsePhase(pool, cluster, hadTurn);
  return { name, osType, nodes: count, reimaged: phase === 'Done' ? count : 0, phase };
}

/** `hadTurn`: whether an earlier reconcile saw AKS begin with the pool. */
function coarsePhase(
  { provisioningState: own }: PoolModel,
  { provisioningState: cluster }: Pick<ClusterModel, 'provisioningState'>,
  hadTurn: boolean,
): NodePoolStatus['phase'] {
  // An operation on a pool while the cluster itself is idle is not the cluster's operation.
  if (!isTerminal(own)) return isTerminal(cluster) ? 'Waiting' : 'Reimaging';
  if (!isState(own, 'Succeeded')) return 'Failed';
  return hadTurn || isState(cluster, 'Succeeded') ? 'Done' : 'Waiting';
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
