import { changePool } from './change.ts';
import type { Cluster, SimulatedNode } from './cluster.ts';
import { poolProfiles } from './pool-profile.ts';
import type { PoolProfile } from './pool-profile.ts';
import { isOf, removeSurge, rollPool, scalePool, surgeNodes } from './roll.ts';
import type { Work } from './work.ts';

/**
 * Brings the nodes to the model, pool after pool: those born on another list or another version are replaced. After a change of
 * the list that is every Linux node; after an operation that ended half-way, those it left.
 */
export async function reconcile(work: Work): Promise<void> {
  await work.takes(work.provider.overheadSeconds);
  try {
    for (const profile of poolProfiles(work.cluster.model)) await reconcilePool(work, profile);
  } catch (error) {
    if (work.provider.surgeAfterFailure === 'removed') {
      for (const profile of poolProfiles(work.cluster.model)) await removeSurge(work, profile);
    }
    throw error;
  }
}

async function reconcilePool(work: Work, profile: PoolProfile): Promise<void> {
  const { cluster, provider } = work;
  if (cluster.pools.get(profile.name.toLowerCase())?.powerState !== 'Running') return;
  const old = cluster.nodes.filter((node) => isOf(node, profile) && !node.surge && isBehind(cluster, profile, node));
  await scalePool(work, profile);
  const remaining = old.filter((node) => cluster.nodes.some(({ name }) => name === node.name));
  if (remaining.length > 0) await rollPool(work, profile, remaining);
  else if (surgeNodes(work, profile).length > 0) await removeSurge(work, profile);
  changePool(cluster, provider.random, profile.name, {
    provisioningState: 'Succeeded',
    currentOrchestratorVersion: profile.orchestratorVersion,
  });
}

/** Names of the pools that a reconciliation would change. */
export function poolsBehind(cluster: Cluster): string[] {
  return poolProfiles(cluster.model)
    .filter((profile) => {
      const nodes = cluster.nodes.filter((node) => isOf(node, profile));
      return nodes.length !== profile.count || nodes.some((node) => node.surge || isBehind(cluster, profile, node));
    })
    .map(({ name }) => name);
}

function isBehind(cluster: Cluster, profile: PoolProfile, node: SimulatedNode): boolean {
  if (node.kubeletVersion !== `v${profile.orchestratorVersion}`) return true;
  return node.osType === 'Linux' && node.listGeneration !== cluster.listGeneration;
}
