import { changePool } from './change.ts';
import type { Cluster } from './cluster.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { addNode, becomeReady } from './nodes.ts';
import { isCounted, isOf } from './pool-nodes.ts';
import { withPoolMember } from './pool-member.ts';
import { poolProfiles, type PoolProfile } from './pool-profile.ts';
import type { Provider } from './provider.ts';
import { leave, refuseUndrained } from './remove-node.ts';
import { startOperation } from './run-operation.ts';
import type { ClusterWork } from './work.ts';

/** Starts an operation of a pool that brings it to another count of nodes. Throws when there is no such pool. */
export function startScaling(cluster: Cluster, provider: Provider, pool: string, count: number): void {
  cluster.model = withPoolMember(cluster.model, pool, 'count', count);
  startOperation(cluster, provider, {
    doing: 'Scaling',
    pools: [pool],
    poolsOnly: true,
    async work(work) {
      await work.takes(provider.overheadSeconds);
      await scalePool(work, profileOf(cluster, pool));
    },
  });
}

/** A pool of the present model. Throws when the pool does not exist. */
export function profileOf(cluster: Cluster, pool: string): PoolProfile {
  const found = poolProfiles(cluster.model).find(({ name }) => name.toLowerCase() === pool.toLowerCase());
  if (found === undefined) throw new Error(`There is no pool ${pool}`);
  return found;
}

/** Adds nodes, or removes some, until the pool has as many as its model says: quarantined ones first, then those of the highest index. */
export async function scalePool(work: ClusterWork, profile: PoolProfile): Promise<void> {
  const { cluster, provider } = work;
  const present = cluster.nodes.filter((node) => isOf(node, profile) && !node.surge && isCounted(node));
  const missing = profile.count - present.length;
  if (missing > 0) {
    const nodes = await Promise.all(
      Array.from({ length: missing }, () => addNode(cluster, profile, false, work.startedAt)),
    );
    await Promise.all(nodes.map((node) => becomeReady(work, node, provider.nodeSeconds)));
    return;
  }
  const leaving = present.toSorted((a, b) => blocked(a) - blocked(b) || a.index - b.index).slice(profile.count);
  for (const node of leaving) {
    const undrained = await leave(work, node, profile);
    refuseUndrained(undrained === undefined ? [] : [undrained], profile);
  }
}

function blocked({ phase }: SimulatedNode): number {
  return phase === 'Quarantined' ? 1 : 0;
}

/** Starts an operation that stops a pool, which takes its nodes away, or starts it again, with machines of the model of now. */
export function startPowerChange(
  cluster: Cluster,
  provider: Provider,
  pool: string,
  powerState: 'Running' | 'Stopped',
): void {
  profileOf(cluster, pool);
  const stopping = powerState === 'Stopped';
  if (!stopping) changePool(cluster, provider.random, pool, { powerState });
  startOperation(cluster, provider, {
    doing: stopping ? 'Stopping' : 'Starting',
    pools: [pool],
    poolsOnly: true,
    async work(work) {
      await work.takes(provider.overheadSeconds);
      await scalePool(work, { ...profileOf(cluster, pool), ...(stopping ? { count: 0 } : {}) });
      if (stopping) changePool(cluster, provider.random, pool, { powerState });
    },
  });
}
