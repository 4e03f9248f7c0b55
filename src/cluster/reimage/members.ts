import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import { isState } from '../cluster-state.ts';
import type { NodeView, UpgraderEvent } from '../observation.ts';
import { isLaterName, type Since } from './since.ts';

/** What a node of a pool is to the change. */
export type Fate =
  /** It was there before the change. */
  | 'Old'
  /** It came after the change, and its machine may have been made before: it may have the old list. */
  | 'Unproven'
  /** Its machine was there before, and it was born anew since. */
  | 'Replaced'
  /** Another machine, made after the change. */
  | 'Added'
  /** Another machine, there only while others are replaced. */
  | 'Surge';

export interface Member {
  readonly node: NodeView;
  readonly fate: Fate;
}

/**
 * How long after its machine was made a node may register, in ms: AKS gives the machine about that long to provision before it
 * calls it failed (github.com/Azure/AgentBaker, cse_main.sh, CSE timeout of 15 minutes).
 */
const PROVISIONING = 15 * 60_000;

/** The nodes of a pool, virtual and auto-provisioned ones left out; `surge` are the names of {@link surgeNodes}. */
export function membersOf(
  model: Pick<ClusterModel, 'provisioningState'>,
  pool: PoolModel,
  nodes: readonly NodeView[],
  surge: ReadonlySet<string>,
  since: Since,
): Member[] {
  const own = nodes.filter((node) => node.kind === 'Pool' && node.pool === pool.name);
  const fates = withStandIns(
    own,
    own.map((node) => fateOf(node, pool, since, surge)),
    pool,
  );
  // A pool that had no turn yet may say Succeeded as well.
  const rolled = isState(pool.provisioningState, 'Succeeded') && !fates.includes('Old') && fates.includes('Replaced');
  const done = isState(model.provisioningState, 'Succeeded');
  return own.map((node, place) => {
    const fate = fates[place]!;
    // A surge node that AKS has not taken away by then stays in the place of another.
    const stays = (fate === 'Unproven' && (done || rolled)) || (fate === 'Surge' && done);
    return { node, fate: stays ? 'Added' : fate };
  });
}

function fateOf(node: NodeView, pool: PoolModel, since: Since, surge: ReadonlySet<string>): Fate {
  if (node.createdAt <= since.baseline) return 'Old';
  const newest = since.newest?.get(pool.name);
  const known = since.newest === undefined || (newest !== undefined && !isLaterName(node.name, newest));
  if (known) return 'Replaced';
  if (surge.has(node.name)) return 'Surge';
  return node.createdAt > since.countedAt + PROVISIONING ? 'Added' : 'Unproven';
}

/**
 * A surge node stays in the place of each node that AKS quarantines, and the pool's count grows by it: KnownUndrainableNodeBehavior
 * `Cordon` of the REST API. While a node is away to be reimaged, a surge node is no stand-in for it.
 */
function withStandIns(nodes: readonly NodeView[], fates: readonly Fate[], { count }: PoolModel): Fate[] {
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
export function isLeft({ fate }: Member): boolean {
  return fate === 'Old' || fate === 'Unproven';
}
