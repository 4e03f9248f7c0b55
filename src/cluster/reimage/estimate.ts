import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import { timestamp, type RecordStatus } from '../record.ts';
import type { Progress } from './progress.ts';
import type { Since } from './since.ts';

const MINUTE = 60_000;

/**
 * When the replacement ends at the pace so far. Nothing before the first node is done. The earliest end takes the pools to be
 * rolled side by side, the likely one to be rolled one after the other: AKS documents neither. Reckoned from when the last node
 * came, not from now: while nothing happens, nothing changes.
 */
export function estimateOf(
  model: ClusterModel,
  progress: Progress | undefined,
  since: Since | undefined,
): RecordStatus['estimate'] {
  if (!progress || !since || progress.members.size === 0) return undefined;
  const nodesLeft = progress.nodes.total - progress.nodes.reimaged;
  const replaced = [...progress.members.values()].flatMap((members) =>
    members.filter(({ node, fate }) => fate === 'Replaced' && node.ready).map(({ node }) => node.createdAt),
  );
  if (nodesLeft === 0 || replaced.length === 0) return undefined;
  const rounds = progress.pools.flatMap(({ name, nodes, reimaged = 0, phase }) => {
    const pool = model.pools.find((one) => one.name === name);
    if (!pool || phase === 'Excluded') return [];
    const atOnce = nodesAtOnce(pool, nodes);
    return [{ done: Math.ceil(reimaged / atOnce), left: Math.ceil((nodes - reimaged) / atOnce) }];
  });
  const last = replaced.reduce((latest, at) => Math.max(latest, at), 0);
  const done = rounds.reduce((total, round) => total + round.done, 0);
  const pace = (last - since.countedAt) / Math.max(1, done);
  const end = (count: number) => timestamp(Math.ceil((last + count * pace) / MINUTE) * MINUTE);
  return {
    nodesLeft,
    earliest: end(Math.max(...rounds.map(({ left }) => left))),
    likely: end(rounds.reduce((total, { left }) => total + left, 0)),
  };
}

/** As many as there are extra nodes; where there are none, as many as may be missing. Percentages of the pool round up. */
export function nodesAtOnce({ maxSurge, maxUnavailable, spot }: PoolModel, nodes: number): number {
  const surge = spot ? 0 : amountOf(maxSurge ?? DEFAULT_SURGE, nodes);
  return Math.max(1, surge > 0 ? surge : amountOf(maxUnavailable ?? '0', nodes));
}

/** learn.microsoft.com/azure/aks/upgrade-aks-node-pools-rolling */
const DEFAULT_SURGE = '10%';

function amountOf(text: string, nodes: number): number {
  const number = Number.parseInt(text, 10);
  if (Number.isNaN(number)) return 0;
  return text.trim().endsWith('%') ? Math.ceil((number * nodes) / 100) : number;
}
