/** The parts of a managed cluster's id. */
export interface ClusterId {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** Equal for two ids that differ in case only. */
export function clusterKey(id: ClusterId): string {
  return resourceIdOf(id).toLowerCase();
}

export function groupIdOf({ subscriptionId, resourceGroup }: Omit<ClusterId, 'name'>): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}

export function resourceIdOf(id: ClusterId): string {
  return `${groupIdOf(id)}/providers/Microsoft.ContainerService/managedClusters/${id.name}`;
}

/** The `id` member as AKS writes it: with `resourcegroups` in lower case, unlike most of ARM. */
export function servedIdOf(id: ClusterId): string {
  return resourceIdOf(id).replace('/resourceGroups/', '/resourcegroups/');
}
