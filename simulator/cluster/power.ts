import { changeCluster, changeNode, changePool, removeNode } from './change.ts';
import type { Cluster } from './cluster.ts';
import { isThere, makeReady } from './nodes.ts';
import type { Operation } from './operation-state.ts';
import type { Provider } from './provider.ts';
import { startOperation } from './run-operation.ts';
import { profileOf, scalePool } from './scaling.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { Work } from './work.ts';

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
      for (const node of cluster.nodes.filter(({ kind }) => kind === 'pool')) await giveBack(cluster, node);
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
      await bringBack(work, provider);
      for (const pool of pools) await scalePool(work, profileOf(cluster, pool));
    },
  });
}

async function giveBack(cluster: Cluster, node: SimulatedNode): Promise<void> {
  if (cluster.seed.whenStopped === 'kept') {
    changeNode(cluster, node.name, { phase: 'NotReady' });
    return cluster.registry.notReady(node);
  }
  removeNode(cluster, node.name);
  await cluster.registry.remove(node.name);
}

/** A kubelet whose certificate has ended cannot sign in to the API server, not even to ask for another. */
async function bringBack(work: Work, { nodeSeconds, realNow }: Provider): Promise<void> {
  const { cluster } = work;
  if (cluster.seed.whenStopped !== 'kept') return;
  await work.takes(nodeSeconds);
  for (const node of cluster.nodes.filter(({ kind }) => kind === 'pool')) {
    const isExpired = (cluster.kubeletEnds.get(node.name) ?? Infinity) < realNow();
    if (!isExpired && isThere(cluster, node)) await makeReady(cluster, node);
  }
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
