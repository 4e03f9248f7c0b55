import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import type { Patience, ReadNodes, Blocker } from './blocker.ts';
import { needsReimage, type Member } from './node-state.ts';
import { drainAndSoakMinutes } from './pool-times.ts';
import type { Progress } from './progress.ts';
import type { Baseline } from './baseline.ts';

/**
 * Pools that AKS has in hand, of which no node moved for longer than a drain, a soak and a reimage may take. Pools may be rolled
 * side by side, so each is judged by itself; while AKS has none in hand, the next one is, by all that happened.
 */
export function stalledPools(
  model: ClusterModel,
  nodes: ReadNodes,
  progress: Progress,
  since: Baseline,
  found: readonly Blocker[],
  patience: Patience,
): Blocker[] {
  const { serverTime } = nodes;
  if (serverTime === undefined) return [];
  const open = model.pools.filter(({ name }) => progress.members.get(name)?.some(isOpen));
  const inHand = open.filter((pool) => isInHand(pool, nodes, progress, since));
  const judge = (pool: PoolModel, moved: number): Blocker[] => {
    const allowed = drainAndSoakMinutes(pool) * patience.poolMinute + patience.standstill;
    if (serverTime - moved <= allowed) return [];
    const minutes = Math.round(allowed / patience.poolMinute);
    return [
      {
        pool: pool.name,
        kind: 'NoProgress',
        by: `no node has moved for more than ${minutes} minutes, the pool's drain timeout and soak included`,
        mend: 'look at the events of its nodes and at the activity log; az aks operation-abort ends what hangs',
        since: moved,
      },
    ];
  };
  if (inHand.length > 0)
    return inHand
      .filter(({ name }) => !found.some(({ pool }) => pool === name))
      .flatMap((pool) => judge(pool, lastMove(nodes, progress, since, pool.name)));
  const [next] = open;
  return next && found.length === 0 ? judge(next, lastMove(nodes, progress, since)) : [];
}

/** As long as one is there, the pool is not done. */
function isOpen(member: Member): boolean {
  return needsReimage(member) || member.fate === 'Surge';
}

/** False for a pool that waits for its turn, also where somebody else has cordoned one of its nodes. */
function isInHand({ name }: PoolModel, { events = [] }: ReadNodes, progress: Progress, since: Baseline): boolean {
  const members = progress.members.get(name) ?? [];
  const names = new Set(members.map(({ node }) => node.name));
  const begun =
    members.some(({ fate }) => fate === 'Replaced' || fate === 'Surge') ||
    events.some(({ node, at }) => names.has(node) && at >= since.countedAt);
  const busy = (progress.pools.find((pool) => pool.name === name)?.reimaging ?? 0) > 0;
  return begun && (busy || !members.some(needsReimage));
}

/**
 * When a node of the pool, or of any, was last born, or AKS last said something about one. What an autoscaler adds is no move, and
 * neither is a refusal, which comes again and again. A node that is away is of no pool that could be told: it counts for each.
 */
function lastMove(
  { nodes, events = [] }: ReadNodes,
  { members }: Progress,
  { countedAt }: Baseline,
  pool?: string,
): number {
  const isOf = (name: string) => pool === undefined || name === pool;
  const others = new Set(nodes.filter((node) => !isOf(node.pool)).map(({ name }) => name));
  const born = [...members]
    .filter(([name]) => isOf(name))
    .flatMap(([, own]) => own.filter(({ fate }) => fate !== 'Added').map(({ node }) => node.createdAt));
  const said = events.filter(({ node, step }) => step !== 'EvictionRefused' && !others.has(node)).map(({ at }) => at);
  return [...born, ...said].reduce((latest, at) => Math.max(latest, at), countedAt);
}
