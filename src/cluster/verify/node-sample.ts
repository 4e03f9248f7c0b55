import type { PoolModel } from '../../azure/cluster-model.ts';
import type { NodeView } from '../model/observation.ts';
import type { VerifySpec } from './types.ts';

/** Nodes of one kind, and which of them are to be asked. */
export interface Target {
  readonly pool: string;
  /** True where there has to be a node. */
  readonly expectsNodes: boolean;
  readonly nodes: readonly NodeView[];
}

/**
 * What is to be asked: the node pools of AKS, as ARM has them, and the NodePools of Karpenter, as the labels of their nodes have
 * them. A NodePool comes and goes with its nodes, so one without any is no gap.
 *
 * @param asked uids of nodes that were asked already: one of a pool stays the one that is asked, for as long as it is there
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

/** A cordoned node may be about to go; its pods run all the same, because no scheduler is asked. */
function byFitness(a: NodeView, b: NodeView): number {
  return byReadiness(a, b) || Number(b.schedulable) - Number(a.schedulable) || byName(a, b);
}

/** Nodes of a NodePool are replaced one by one, whenever it suits Karpenter: of them, the oldest is the last to have the list. */
function byAge(a: NodeView, b: NodeView): number {
  return a.createdAt - b.createdAt || byName(a, b);
}

function byReadiness(a: NodeView, b: NodeView): number {
  return Number(b.ready) - Number(a.ready);
}

function byName(a: NodeView, b: NodeView): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
