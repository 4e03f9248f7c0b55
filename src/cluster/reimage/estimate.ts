import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import { runningOperation } from '../model/provisioning-state.ts';
import { timestamp, type RecordStatus } from '../model/record.ts';
import type { Member } from './node-state.ts';
import { drainAndSoakMinutes, PROVISIONING_MINUTES } from './pool-times.ts';
import type { Progress } from './progress.ts';
import type { Baseline } from './baseline.ts';

const MINUTE = 60_000;

/**
 * When the replacement ends at the pace so far. Undefined before the first node is done and while no operation runs. The earliest end
 * assumes that pools are rolled side by side, the likely end that they are rolled one after the other: AKS documents neither. It is
 * computed from when the last node returned, not from now, so that it changes only when a node returns.
 */
export function estimateOf(
  model: ClusterModel,
  progress: Progress | undefined,
  baseline: Baseline | undefined,
): RecordStatus['estimate'] {
  if (!progress || !baseline || progress.members.size === 0 || runningOperation(model) === undefined) return undefined;
  const nodesLeft = progress.nodes.total - progress.nodes.reimaged;
  const rounds = progress.pools.flatMap(({ name, nodes, reimaged = 0, phase }) => {
    const pool = model.pools.find((one) => one.name === name);
    if (!pool || phase === 'Excluded') return [];
    const atOnce = nodesAtOnce(pool, nodes);
    const came = returnTimesOf(progress.members.get(name) ?? []);
    return [{ came, done: Math.ceil(came.length / atOnce), left: Math.ceil((nodes - reimaged) / atOnce) }];
  });
  const came = rounds.flatMap((round) => round.came).sort((a, b) => a - b);
  const last = came.at(-1);
  const spent = timeSpent(came, baseline.countedAt, Math.max(0, ...model.pools.map(longestRound)));
  if (nodesLeft === 0 || last === undefined || spent === 0) return undefined;
  const pace = spent / rounds.reduce((total, { done }) => total + done, 0);
  const end = (count: number) => timestamp(Math.ceil((last + count * pace) / MINUTE) * MINUTE);
  return {
    nodesLeft,
    earliest: end(rounds.reduce((most, { left }) => Math.max(most, left), 0)),
    likely: end(rounds.reduce((total, { left }) => total + left, 0)),
  };
}

/** When the machines of the baseline returned, in ms. */
function returnTimesOf(members: readonly Member[]): number[] {
  return members.filter(({ node, state }) => state === 'Replaced' && node.ready).map(({ node }) => node.createdAt);
}

/** The sum of the times from one node to the next. A longer time than a round can take was a stall, such as a failure, and is cut. */
function timeSpent(came: readonly number[], from: number, atMost: number): number {
  let [spent, before] = [0, from];
  for (const at of came) {
    spent += Math.min(Math.max(0, at - before), atMost);
    before = at;
  }
  return spent;
}

/** The longest time that AKS takes for a node without giving up: drain, soak, and a reimage. */
function longestRound(pool: PoolModel): number {
  return (drainAndSoakMinutes(pool) + PROVISIONING_MINUTES) * MINUTE;
}

/** Nodes of a pool that AKS replaces at the same time: maxSurge, or maxUnavailable where that is zero. Percentages round up. */
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
