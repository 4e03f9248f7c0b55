import { clusterKey, groupIdOf, type ClusterId } from './arm/resource-id.ts';
import type { Cluster } from './cluster/cluster.ts';
import type { ClusterSeed } from './cluster/cluster-seed.ts';
import { nodeGroupOf } from './cluster/locks.ts';
import { makeCluster } from './cluster/make-cluster.ts';
import type { Operation } from './cluster/operation-state.ts';
import type { Provider } from './cluster/provider.ts';
import { DEFAULT_LOCATION } from './cluster/seed-model.ts';

/** Everything there is: subscriptions, resource groups, clusters and their operations. */
export interface World {
  readonly provider: Provider;
  readonly tenantId: string;
  readonly defaultSubscription: string;
  subscriptions(): string[];
  hasSubscription(subscriptionId: string): boolean;
  /** The name and location of a group as first written. */
  group(subscriptionId: string, name: string): ResourceGroup | undefined;
  addGroup(subscriptionId: string, name: string, location: string): void;
  /** Throws when there is one of this id. */
  addCluster(seed: ClusterSeed): Cluster;
  cluster(id: ClusterId): Cluster | undefined;
  clusters(): Cluster[];
  /** Those of a subscription, or of a group of it, in the order they were made. */
  clustersIn(subscriptionId: string, resourceGroup?: string): Cluster[];
  /** Where the resource provider is: the location of the oldest cluster; empty without one. */
  location(): string;
  /** Removes the cluster and its nodes. The group stays. */
  removeCluster(id: ClusterId): Promise<void>;
  keepOperation(operation: Operation): void;
  operation(id: string): Operation | undefined;
  /** Ends everything that is under way. */
  stop(): Promise<void>;
}

export interface ResourceGroup {
  readonly name: string;
  readonly location: string;
}

export function makeWorld(provider: Provider, tenantId: string): World {
  const subscriptions = new Map<string, string>();
  const groups = new Map<string, ResourceGroup>();
  const clusters = new Map<string, Cluster>();
  const operations = new Map<string, Operation>();
  const defaultSubscription = provider.random.guid();

  function addGroup(subscriptionId: string, name: string, location: string): void {
    const key = groupIdOf({ subscriptionId, resourceGroup: name }).toLowerCase();
    if (!subscriptions.has(subscriptionId.toLowerCase()))
      subscriptions.set(subscriptionId.toLowerCase(), subscriptionId);
    if (!groups.has(key)) groups.set(key, { name, location });
  }

  /** The group of a cluster's machines: AKS makes it, and deletes it with the cluster. */
  function nodeGroup(subscriptionId: string, name: string): ResourceGroup | undefined {
    const isIts = (cluster: Cluster) =>
      cluster.id.subscriptionId.toLowerCase() === subscriptionId.toLowerCase() &&
      nodeGroupOf(cluster).toLowerCase() === name.toLowerCase();
    const owner = [...clusters.values()].find(isIts);
    return owner && { name: nodeGroupOf(owner), location: owner.location };
  }

  async function end(cluster: Cluster): Promise<void> {
    cluster.end.abort(new Error('The cluster is gone'));
    await cluster.operation?.done;
    await cluster.drift?.catch(() => {}); // those that wait for it get the error
    await Promise.allSettled(cluster.background);
    await cluster.ready.catch(() => {}); // cut short by the line above
  }

  subscriptions.set(defaultSubscription, defaultSubscription);
  return {
    provider,
    tenantId,
    defaultSubscription,
    subscriptions: () => [...subscriptions.values()],
    hasSubscription: (subscriptionId) => subscriptions.has(subscriptionId.toLowerCase()),
    group: (subscriptionId, resourceGroup) =>
      groups.get(groupIdOf({ subscriptionId, resourceGroup }).toLowerCase()) ??
      nodeGroup(subscriptionId, resourceGroup),
    addGroup,
    addCluster(seed) {
      const id: ClusterId = {
        subscriptionId: seed.subscriptionId ?? defaultSubscription,
        resourceGroup: seed.resourceGroup ?? 'rg',
        name: seed.name,
      };
      const key = clusterKey(id);
      if (clusters.has(key)) throw new Error(`There is a cluster ${key} already`);
      addGroup(id.subscriptionId, id.resourceGroup, seed.location ?? DEFAULT_LOCATION);
      const cluster = makeCluster(id, seed, provider, tenantId);
      clusters.set(key, cluster);
      return cluster;
    },
    cluster: (id) => clusters.get(clusterKey(id)),
    clusters: () => [...clusters.values()],
    clustersIn(subscriptionId, resourceGroup) {
      const scope =
        resourceGroup === undefined ? `/subscriptions/${subscriptionId}` : groupIdOf({ subscriptionId, resourceGroup });
      const prefix = `${scope}/`.toLowerCase();
      return [...clusters].flatMap(([key, cluster]) => (key.startsWith(prefix) ? [cluster] : []));
    },
    location: () => clusters.values().next().value?.location ?? '',
    async removeCluster(id) {
      const cluster = clusters.get(clusterKey(id));
      if (cluster === undefined) return;
      clusters.delete(clusterKey(id));
      await end(cluster);
      for (const { name } of cluster.nodes) {
        await cluster.registry.remove(name).catch((error: unknown) => {
          // An API server that a rotation has taken away does not answer, and is not waited for.
          if (cluster.controlPlane === undefined) throw error;
        });
      }
      cluster.nodes = [];
      await cluster.registry.close();
      await cluster.stopControlPlane();
    },
    keepOperation: (operation) => void operations.set(operation.id, operation),
    operation: (id) => operations.get(id.toLowerCase()),
    async stop() {
      for (const cluster of clusters.values()) {
        await end(cluster);
        await cluster.registry.close();
        await cluster.stopControlPlane();
      }
    },
  };
}
