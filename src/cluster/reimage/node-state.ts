import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import { isState } from '../model/provisioning-state.ts';
import type { NodeView, UpgraderEvent } from '../model/observation.ts';
import { PROVISIONING_MINUTES } from './pool-times.ts';
import { existedBefore, type Baseline } from './baseline.ts';

/** What a node of a pool is to the change. */
export type NodeState =
  /** It was there before the change. */
  | 'Old'
  /** It came after the change, and its machine may have been made before: it may have the old list. */
  | 'Unproven'
  /** Its machine was there before, and it was born anew since. */
  | 'Replaced'
  /** Another machine, made after the change was sent. */
  | 'Added'
  /** Another machine, there only while others are replaced. */
  | 'Surge';

export interface Member {
  readonly node: NodeView;
  readonly fate: NodeState;
  /** Of one that was added: machines of its pool may still be made with the old list, which the pool gets when it has its turn. */
  readonly early?: true;
}

/** What AKS said of nodes. */
export interface Said {
  /** {@link surgeNodes}. */
  readonly surge: ReadonlySet<string>;
  /** The last word since the change on each node. */
  readonly words: ReadonlyMap<string, Pick<UpgraderEvent, 'step' | 'at'>>;
}

/** In ms. */
const PROVISIONING = PROVISIONING_MINUTES * 60_000;

/** The nodes of a pool, virtual and auto-provisioned ones left out. */
export function membersOf(
  model: Pick<ClusterModel, 'provisioningState'>,
  pool: PoolModel,
  nodes: readonly NodeView[],
  said: Said,
  since: Baseline,
): Member[] {
  const own = nodes.filter((node) => node.kind === 'Pool' && node.pool === pool.name);
  const came = own.map((node) => nodeStateOf(node, said, since));
  const fates = withStandIns(own, came, pool);
  // When a pool's machines get the new list is not documented. One that has it proves that those made from then on have it.
  const turn = turnOf(own, came);
  // A pool that had no turn yet may say Succeeded as well.
  const rolled = isState(pool.provisioningState, 'Succeeded') && !fates.includes('Old') && fates.includes('Replaced');
  const done = isState(model.provisioningState, 'Succeeded');
  return own.map((node, place): Member => {
    const fate = fates[place]!;
    // A surge node that AKS has not taken away by then stays in the place of another.
    if ((fate === 'Unproven' && (done || rolled)) || (fate === 'Surge' && done)) return { node, fate: 'Added' };
    const early = came[place] === 'Added' && !done && !rolled && node.createdAt <= turn + PROVISIONING;
    return { node, fate, ...(early ? { early } : {}) };
  });
}

function nodeStateOf(node: NodeView, { surge, words }: Said, since: Baseline): NodeState {
  if (node.createdAt <= since.baseline) return 'Old';
  if (existedBefore(since, node)) {
    const word = words.get(node.name);
    // Its node was deleted and its machine was not made anew: it may be back as it was.
    return word?.step === 'Failed' && word.at < node.createdAt ? 'Unproven' : 'Replaced';
  }
  if (surge.has(node.name)) return 'Surge';
  return node.createdAt > since.countedAt + PROVISIONING ? 'Added' : 'Unproven';
}

/** When the pool had its turn at the latest, in ms: when the first of its machines was back. */
function turnOf(nodes: readonly NodeView[], fates: readonly NodeState[]): number {
  return nodes.reduce(
    (first, { createdAt }, place) => (fates[place] === 'Replaced' ? Math.min(first, createdAt) : first),
    Infinity,
  );
}

/**
 * A surge node stays in the place of each node that AKS quarantines, and the pool's count grows by it: KnownUndrainableNodeBehavior
 * `Cordon` of the REST API. While a node is away to be reimaged, a surge node is no stand-in for it.
 */
function withStandIns(nodes: readonly NodeView[], fates: readonly NodeState[], { count }: PoolModel): NodeState[] {
  const quarantined = nodes.filter((node) => node.quarantined).length;
  const others = fates.filter((fate) => fate !== 'Surge').length;
  let places = Math.min(quarantined, count - others);
  return fates.map((fate, place) => {
    if (fate !== 'Surge' || places <= 0 || !nodes[place]?.ready) return fate;
    places -= 1;
    return 'Added';
  });
}

/** Names of the nodes that AKS said are there only for the time of a replacement. */
export function surgeNodes(events: readonly UpgraderEvent[]): ReadonlySet<string> {
  return new Set(events.filter(({ step }) => step === 'SurgeCreated').map(({ about }) => about));
}

/** True for a node that still has to be replaced, or may have to be. */
export function needsReimage({ fate, early }: Member): boolean {
  return fate === 'Old' || fate === 'Unproven' || early === true;
}
