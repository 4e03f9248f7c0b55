import { changeNode, changePool } from './change.ts';
import { OperationFailure } from './operation.ts';
import { surgeNodes } from './pool-nodes.ts';
import { withPoolMember } from './pool-member.ts';
import { poolProfiles } from './pool-profile.ts';
import type { PoolProfile } from './pool-profile.ts';
import type { ClusterWork } from './work.ts';

/** Says of a node that it could not be drained, and is left to the user (KnownUndrainableNodeBehavior of the REST API). */
export const UPGRADE_STATUS = 'kubernetes.azure.com/upgrade-status';
const QUARANTINED = 'Quarantined';

/** Some nodes of a pool are quarantined, the others are replaced: the operation fails when the other pools are done. */
export class NodesQuarantined extends OperationFailure {}

/** With Schedule: the node takes pods again and stays as old as it is. */
export async function giveBack({ cluster }: ClusterWork, name: string): Promise<void> {
  await cluster.registry.change(name, { unschedulable: false });
  changeNode(cluster, name, { phase: 'Ready' });
}

/**
 * With Cordon: the node stays cordoned and labelled, and a surge node stays in its place, so that the pool's count grows by one.
 * False when no surge node is left to stay, or none `mayStay`.
 */
export async function quarantine(
  { cluster, provider }: ClusterWork,
  profile: PoolProfile,
  name: string,
  mayStay: boolean,
): Promise<boolean> {
  changeNode(cluster, name, { phase: QUARANTINED });
  const replacement = mayStay ? surgeNodes(cluster, profile).find(({ phase }) => phase === 'Ready') : undefined;
  if (replacement !== undefined) {
    changeNode(cluster, replacement.name, { surge: false });
    const count = poolProfiles(cluster.model).find((pool) => pool.name === profile.name)?.count ?? profile.count;
    cluster.model = withPoolMember(cluster.model, profile.name, 'count', count + 1);
    changePool(cluster, provider.random, profile.name, {});
  }
  await cluster.registry.change(name, { labels: { [UPGRADE_STATUS]: QUARANTINED } });
  return replacement !== undefined;
}

/**
 * Nodes are quarantined until a user takes the label away (learn.microsoft.com/azure/aks/upgrade-cluster). In memory that is impossible.
 */
export async function releaseUnlabelled({ cluster }: ClusterWork): Promise<void> {
  for (const { name, phase } of cluster.nodes) {
    if (phase !== QUARANTINED) continue;
    const labels = await cluster.registry.labels(name);
    if (labels !== undefined && labels[UPGRADE_STATUS] !== QUARANTINED)
      changeNode(cluster, name, { phase: 'Cordoned' });
  }
}
