import type { PoolModel } from '../../azure/cluster-model.ts';
import type { NodeView } from '../model/observation.ts';
import type { VerifySpec } from './types.ts';

/** The nodes of one pool that are to be verified. */
export interface Target {
  readonly pool: string;
  /** True where the pool has nodes according to ARM. */
  readonly expectsNodes: boolean;
  readonly nodes: readonly NodeView[];
}

/**
 * The nodes to verify, by pool: node pools of AKS come from ARM, NodePools of Karpenter from the labels of their nodes. A
 * NodePool without nodes is left out, because Karpenter creates nodes only on demand.
 *
 * @param asked uids of nodes that were verified already: the chosen node of a pool stays while it exists
 */
export function targetsOf(
  pools: readonly PoolModel[],
  nodes: readonly NodeView[],
  { nodes: which }: VerifySpec,
  asked: ReadonlySet<string>,
): Target[] {
  const choose = (own: readonly NodeView[]) => {
    if (which === 'Every') return own;
    const one = own.find(({ uid }) => asked.has(uid)) ?? own[0];
    return one ? [one] : [];
  };
  const provisioned = nodes.filter(({ kind }) => kind === 'AutoProvisioned');
  const byNodePool = Map.groupBy(provisioned, ({ nodePool = '' }) => nodePool);
  const names = [...byNodePool.keys()].sort();
  return [
    ...pools.map(({ name, count }) => ({
      pool: name,
      // ARM may list the machines of Karpenter as a pool of their own.
      expectsNodes: count > 0 && !provisioned.some(({ pool }) => pool === name),
      nodes: choose(nodes.filter(({ kind, pool }) => kind === 'Pool' && pool === name).sort(byFitness)),
    })),
    ...names.map((name) => ({
      pool: name,
      expectsNodes: false,
      nodes: choose((byNodePool.get(name) ?? []).sort((a, b) => byReadiness(a, b) || byAge(a, b))),
    })),
  ];
}

/** Prefers ready and schedulable nodes: a cordoned one may be about to go. Pods do run on it, because they bypass the scheduler. */
function byFitness(a: NodeView, b: NodeView): number {
  return byReadiness(a, b) || Number(b.schedulable) - Number(a.schedulable) || byName(a, b);
}

/** Prefers the oldest node: Karpenter replaces nodes one by one in its own time, so the oldest gets the list last. */
function byAge(a: NodeView, b: NodeView): number {
  return a.createdAt - b.createdAt || byName(a, b);
}

function byReadiness(a: NodeView, b: NodeView): number {
  return Number(b.ready) - Number(a.ready);
}

function byName(a: NodeView, b: NodeView): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
