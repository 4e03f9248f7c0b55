import { changeCluster, changePool } from './change.ts';
import type { Cluster } from './cluster.ts';
import { newOperation } from './operation.ts';
import type { Operation } from './operation-state.ts';
import type { World } from '../world.ts';

/** Starts to delete a cluster, or goes on doing so. It is served as Deleting for the overhead of an operation, then it is gone. */
export function startDeletion(cluster: Cluster, world: World): Operation {
  if (cluster.deletion !== undefined) return cluster.deletion;
  const { provider } = world;
  const deletion = newOperation(cluster, provider, { doing: 'Deleting', poolsOnly: false });
  cluster.deletion = deletion;
  cluster.operation?.preemption.abort(new Error('The cluster is being deleted'));
  for (const name of cluster.pools.keys())
    changePool(cluster, provider.random, name, { provisioningState: 'Deleting' });
  changeCluster(cluster, provider.random, { provisioningState: 'Deleting' });
  deletion.done = finishDeletion(cluster, world, deletion);
  return deletion;
}

async function finishDeletion(cluster: Cluster, world: World, deletion: Operation): Promise<void> {
  const { clock, overheadSeconds } = world.provider;
  // Cut short where the simulator stops, or the cluster is removed at once.
  await clock.sleep(overheadSeconds * 1000, cluster.end.signal).catch(() => {});
  if (world.cluster(cluster.id) === cluster && !cluster.end.signal.aborted) await world.removeCluster(cluster.id);
  deletion.status = 'Succeeded';
  deletion.endTime = new Date(clock.now()).toISOString();
}
