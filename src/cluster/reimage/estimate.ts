import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import { runningOperation } from '../model/provisioning-state.ts';
import { timestamp, type RecordStatus } from '../model/record.ts';
import type { Member } from './node-state.ts';
import { drainAndSoakMinutes, PROVISIONING_MINUTES } from './pool-times.ts';
import type { Progress } from './progress.ts';
import type { Baseline } from './baseline.ts';

const MINUTE = 60_000;

/**
 * When the replacement ends at the pace so far. Nothing before the first node is done, and while nothing goes on. The earliest end
 * takes the pools to be rolled side by side, the likely one to be rolled one after the other: AKS documents neither. Reckoned from
 * when the last node came, not from now: while nothing happens, nothing changes.
 */
export function estimateOf(
  model: ClusterModel,
  progress: Progress | undefined,
  since: Baseline | undefined,
): RecordStatus['estimate'] {
  if (!progress || !since || progress.members.size === 0 || runningOperation(model) === undefined) return undefined;
  const nodesLeft = progress.nodes.total - progress.nodes.reimaged;
  const rounds = progress.pools.flatMap(({ name, nodes, reimaged = 0, phase }) => {
    const pool = model.pools.find((one) => one.name === name);
    if (!pool || phase === 'Excluded') return [];
    const atOnce = nodesAtOnce(pool, nodes);
    const came = cameTo(progress.members.get(name) ?? []);
    return [{ came, done: Math.ceil(came.length / atOnce), left: Math.ceil((nodes - reimaged) / atOnce) }];
  });
  const came = rounds.flatMap((round) => round.came).sort((a, b) => a - b);
  const last = came.at(-1);
  const spent = spentOn(came, since.countedAt, Math.max(0, ...model.pools.map(longestRound)));
  if (nodesLeft === 0 || last === undefined || spent === 0) return undefined;
  const pace = spent / rounds.reduce((total, { done }) => total + done, 0);
  const end = (count: number) => timestamp(Math.ceil((last + count * pace) / MINUTE) * MINUTE);
  return {
    nodesLeft,
    earliest: end(rounds.reduce((most, { left }) => Math.max(most, left), 0)),
    likely: end(rounds.reduce((total, { left }) => total + left, 0)),
  };
}

/** When the machines that were there came back, in ms. */
function cameTo(members: readonly Member[]): number[] {
  return members.filter(({ node, fate }) => fate === 'Replaced' && node.ready).map(({ node }) => node.createdAt);
}

/** The time from one node to the next, summed up. What took longer than a round can was a standstill, such as a failure, and no pace. */
function spentOn(came: readonly number[], from: number, atMost: number): number {
  let [spent, before] = [0, from];
  for (const at of came) {
    spent += Math.min(Math.max(0, at - before), atMost);
    before = at;
  }
  return spent;
}

/** The longest that AKS may take for a node without giving up: drain, soak, and a reimage. */
function longestRound(pool: PoolModel): number {
  return (drainAndSoakMinutes(pool) + PROVISIONING_MINUTES) * MINUTE;
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
