import { beginDrift } from './auto-provisioning.ts';
import { changePool } from './change.ts';
import type { Cluster } from './cluster.ts';
import { isCounted, isOf, nodesBehind, surgeNodes } from './pool-nodes.ts';
import { poolProfiles } from './pool-profile.ts';
import type { PoolProfile } from './pool-profile.ts';
import { refuseUndrained, removeSurge } from './remove-node.ts';
import { rollPool } from './roll.ts';
import { scalePool } from './scaling.ts';
import { NodesQuarantined, releaseUnlabelled } from './undrainable.ts';
import type { Work } from './work.ts';

/**
 * Brings the nodes to the model, pool after pool: those born on another list or another version are replaced. After a change of
 * the list that is every Linux node; after an operation that ended half-way, those it left. Nodes that come meanwhile are replaced too
 * where they have the list of before.
 */
export async function reconcile(work: Work): Promise<void> {
  const { cluster, provider } = work;
  // Karpenter sees that its nodes have drifted, however the pools end.
  beginDrift(cluster, provider, work.operation.done);
  await work.takes(provider.overheadSeconds);
  await releaseUnlabelled(work);
  try {
    await reconcilePools(work);
  } catch (error) {
    if (provider.surgeAfterFailure === 'removed') {
      for (const profile of poolProfiles(cluster.model)) await removeSurge(work, profile);
    }
    throw error;
  }
}

async function reconcilePools(work: Work): Promise<void> {
  const { cluster, provider } = work;
  const quarantined = new Map<string, NodesQuarantined>();
  for (let due = poolProfiles(cluster.model); due.length > 0; due = duePools(cluster, quarantined)) {
    for (const profile of due) {
      try {
        await reconcilePool(work, profile);
      } catch (error) {
        if (!(error instanceof NodesQuarantined)) throw error;
        quarantined.set(profile.name, error);
        changePool(cluster, provider.random, profile.name, { provisioningState: 'Failed' });
      }
    }
  }
  for (const failure of quarantined.values()) throw failure;
}

/** Pools that have got nodes of before since they were done. */
function duePools(cluster: Cluster, failed: ReadonlyMap<string, unknown>): PoolProfile[] {
  return poolProfiles(cluster.model).filter(
    (profile) => isOn(cluster, profile) && !failed.has(profile.name) && nodesBehind(cluster, profile).length > 0,
  );
}

function isOn(cluster: Cluster, { name }: PoolProfile): boolean {
  return cluster.pools.get(name.toLowerCase())?.powerState === 'Running';
}

async function reconcilePool(work: Work, profile: PoolProfile): Promise<void> {
  const { cluster, provider, operation } = work;
  if (!isOn(cluster, profile)) return;
  await scalePool(work, profile);
  if (nodesBehind(cluster, profile).length > 0) {
    changePool(cluster, provider.random, profile.name, { provisioningState: operation.doing });
    await rollPool(work, profile);
  } else if (surgeNodes(cluster, profile).length > 0) refuseUndrained(await removeSurge(work, profile), profile);
  changePool(cluster, provider.random, profile.name, {
    provisioningState: 'Succeeded',
    currentOrchestratorVersion: profile.orchestratorVersion,
  });
}

/** Names of the pools that a reconciliation would change. */
export function poolsBehind(cluster: Cluster): string[] {
  return poolProfiles(cluster.model)
    .filter((profile) => {
      if (!isOn(cluster, profile)) return false;
      const nodes = cluster.nodes.filter((node) => isOf(node, profile) && isCounted(node));
      return (
        nodes.length !== profile.count || nodes.some((node) => node.surge) || nodesBehind(cluster, profile).length > 0
      );
    })
    .map(({ name }) => name);
}
