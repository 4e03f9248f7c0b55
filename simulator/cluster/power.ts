import { changeCluster, changePool, removeNode } from './change.ts';
import type { Cluster } from './cluster.ts';
import type { Operation } from './operation-state.ts';
import type { Provider } from './provider.ts';
import { startOperation } from './run-operation.ts';
import { profileOf, scalePool } from './scaling.ts';

/**
 * Starts an operation that stops a cluster: its machines are given back without a drain, and the pools that ran are remembered
 * (learn.microsoft.com/azure/aks/start-stop-cluster).
 */
export function stopCluster(cluster: Cluster, provider: Provider): Operation {
  const running = runningPools(cluster);
  return startOperation(cluster, provider, {
    doing: 'Stopping',
    pools: running,
    async work(work) {
      await work.takes(provider.overheadSeconds);
      for (const { name, kind } of cluster.nodes) {
        if (kind !== 'pool') continue;
        removeNode(cluster, name);
        await cluster.registry.remove(name);
      }
      setPower(cluster, provider, running, 'Stopped');
      cluster.poolsToStart = running;
    },
  });
}

/** Starts an operation that starts a stopped cluster: pools get new machines, with the model of now. */
export function startCluster(cluster: Cluster, provider: Provider): Operation {
  const pools = cluster.poolsToStart ?? runningPools(cluster);
  return startOperation(cluster, provider, {
    doing: 'Starting',
    pools,
    async work(work) {
      await work.takes(provider.overheadSeconds);
      setPower(cluster, provider, pools, 'Running');
      cluster.poolsToStart = undefined;
      for (const pool of pools) await scalePool(work, profileOf(cluster, pool));
    },
  });
}

function runningPools({ pools }: Cluster): string[] {
  return [...pools].flatMap(([name, { powerState }]) => (powerState === 'Running' ? [name] : []));
}

function setPower(
  cluster: Cluster,
  { random }: Provider,
  pools: readonly string[],
  powerState: 'Running' | 'Stopped',
): void {
  for (const pool of pools) changePool(cluster, random, pool, { powerState });
  changeCluster(cluster, random, { powerState });
}
