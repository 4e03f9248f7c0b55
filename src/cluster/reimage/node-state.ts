import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import { isState } from '../model/provisioning-state.ts';
import type { NodeView, UpgraderEvent } from '../model/observation.ts';
import { PROVISIONING_MINUTES } from './pool-times.ts';
import { existedBefore, type Baseline } from './baseline.ts';

/** The state of a node with respect to the change. */
export type NodeState =
  /** The node existed before the change. */
  | 'Old'
  /** The node joined after the change, but its machine may have been made before, with the old list. */
  | 'Unconfirmed'
  /** The machine existed before the change and was reimaged since. */
  | 'Replaced'
  /** Another machine, made after the change was sent. */
  | 'Added'
  /** Another machine, which exists only while others are replaced. */
  | 'Surge';

export interface Member {
  readonly node: NodeView;
  readonly state: NodeState;
  /** True for an added node whose pool has not been reimaged yet: its machine may have been made with the old list. */
  readonly mayHaveOldList?: true;
}

/** The reports of AKS' events about the nodes. */
export interface UpgraderReports {
  /** {@link surgeNodes}. */
  readonly surge: ReadonlySet<string>;
  /** The last event of each node since the change. */
  readonly lastEvents: ReadonlyMap<string, Pick<UpgraderEvent, 'step' | 'at'>>;
}

/** In ms. */
const PROVISIONING = PROVISIONING_MINUTES * 60_000;

/** The nodes of a pool, without virtual and auto-provisioned ones. */
export function membersOf(
  model: Pick<ClusterModel, 'provisioningState'>,
  pool: PoolModel,
  nodes: readonly NodeView[],
  reports: UpgraderReports,
  baseline: Baseline,
): Member[] {
  const own = nodes.filter((node) => node.kind === 'Pool' && node.pool === pool.name);
  const observed = own.map((node) => nodeStateOf(node, reports, baseline));
  const states = withReplacementSurges(own, observed, pool);
  // AKS does not document when a pool's new machines get the new list. Once one was reimaged, those made from then on have it.
  const firstReimage = firstReimageOf(own, observed);
  // A pool that AKS has not begun with is Succeeded as well.
  const rolled = isState(pool.provisioningState, 'Succeeded') && !states.includes('Old') && states.includes('Replaced');
  const done = isState(model.provisioningState, 'Succeeded');
  return own.map((node, index): Member => {
    const state = states[index]!;
    // A surge node that AKS has not removed by then stays as the replacement of another.
    if ((state === 'Unconfirmed' && (done || rolled)) || (state === 'Surge' && done)) return { node, state: 'Added' };
    const mayHaveOldList =
      observed[index] === 'Added' && !done && !rolled && node.createdAt <= firstReimage + PROVISIONING;
    return { node, state, ...(mayHaveOldList ? { mayHaveOldList } : {}) };
  });
}

function nodeStateOf(node: NodeView, { surge, lastEvents }: UpgraderReports, baseline: Baseline): NodeState {
  if (node.createdAt <= baseline.newestNode) return 'Old';
  if (existedBefore(baseline, node)) {
    const last = lastEvents.get(node.name);
    // AKS deleted the node but failed to reimage its machine: it may be back with the old list.
    return last?.step === 'Failed' && last.at < node.createdAt ? 'Unconfirmed' : 'Replaced';
  }
  if (surge.has(node.name)) return 'Surge';
  return node.createdAt > baseline.countedAt + PROVISIONING ? 'Added' : 'Unconfirmed';
}

/** When the first of the pool's machines was back after its reimage, in ms. */
function firstReimageOf(nodes: readonly NodeView[], states: readonly NodeState[]): number {
  return nodes.reduce(
    (first, { createdAt }, place) => (states[place] === 'Replaced' ? Math.min(first, createdAt) : first),
    Infinity,
  );
}

/**
 * For each node that AKS quarantines, a surge node stays as its replacement, and the pool's count grows by one: `Cordon` of
 * KnownUndrainableNodeBehavior in the REST API. A surge node does not replace a node that is away to be reimaged.
 */
function withReplacementSurges(
  nodes: readonly NodeView[],
  states: readonly NodeState[],
  { count }: PoolModel,
): NodeState[] {
  const quarantined = nodes.filter((node) => node.quarantined).length;
  const others = states.filter((state) => state !== 'Surge').length;
  let places = Math.min(quarantined, count - others);
  return states.map((state, place) => {
    if (state !== 'Surge' || places <= 0 || !nodes[place]?.ready) return state;
    places -= 1;
    return 'Added';
  });
}

/** Names of the nodes that AKS' events report as surge nodes. */
export function surgeNodes(events: readonly UpgraderEvent[]): ReadonlySet<string> {
  return new Set(events.filter(({ step }) => step === 'SurgeCreated').map(({ about }) => about));
}

/** True for a node that still has to be replaced, or may have to be. */
export function needsReimage({ state, mayHaveOldList }: Member): boolean {
  return state === 'Old' || state === 'Unconfirmed' || mayHaveOldList === true;
}
