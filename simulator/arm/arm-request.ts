import type { Cluster } from '../cluster/cluster.ts';
import type { ListValidation } from '../cluster/certificate-list.ts';
import type { Fault, Faults } from '../faults.ts';
import type { Incoming } from '../http/answer.ts';
import type { Caller } from '../sign-in/bearer.ts';
import type { Role } from '../sign-in/directory.ts';
import type { World } from '../world.ts';
import { clusterNotFound, spokenError } from './errors.ts';
import type { KubernetesVersionSeed } from '../kubernetes-versions.ts';
import type { ClusterId } from './resource-id.ts';
import type { Route } from './routes.ts';
import type { ThrottledRequest, Throttling } from './throttling.ts';

/** How the resource provider is set up: see the options of startSimulator. */
export interface ArmSettings {
  readonly apiVersions: readonly string[];
  readonly eTags: boolean;
  readonly pageSize: number;
  readonly pollSeconds: number;
  readonly list: ListValidation;
  readonly kubernetesVersions: readonly KubernetesVersionSeed[];
}

/** A request that has been let in. */
export interface ArmRequest {
  readonly incoming: Incoming;
  readonly route: Route;
  readonly caller: Caller;
  readonly roles: readonly Role[];
  readonly apiVersion: string;
  /** `https://host:port` that links of answers begin with. */
  readonly url: string;
  readonly world: World;
  readonly faults: Faults;
  /** The fault this request meets. */
  readonly fault: Fault | undefined;
  readonly throttling: Throttling;
  readonly settings: ArmSettings;
}

export function value({ route }: Pick<ArmRequest, 'route'>, name: string): string {
  return route.values[name] ?? '';
}

/** The cluster a path is about; undefined when it is about none. */
export function clusterIdOf({ values }: Route): ClusterId | undefined {
  const { subscription, group, cluster } = values;
  if (subscription === undefined || group === undefined || cluster === undefined) return undefined;
  return { subscriptionId: subscription, resourceGroup: group, name: cluster };
}

/** As clusterIdOf, for requests whose path has a cluster. */
export function pathClusterId({ route }: Pick<ArmRequest, 'route'>): ClusterId {
  return clusterIdOf(route) ?? { subscriptionId: '', resourceGroup: '', name: '' };
}

/** Throws 404 ResourceNotFound. */
export function pathCluster(request: ArmRequest): Cluster {
  const id = pathClusterId(request);
  const cluster = request.world.cluster(id);
  if (cluster === undefined) throw clusterNotFound(id.resourceGroup, id.name);
  return cluster;
}

/** Throws 404 SubscriptionNotFound or ResourceGroupNotFound. */
export function checkScope({ route, world }: Pick<ArmRequest, 'route' | 'world'>): void {
  const { subscription, group } = route.values;
  if (subscription === undefined) return;
  if (!world.hasSubscription(subscription)) {
    throw spokenError('subscription-not-found', { '8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8': subscription });
  }
  if (group !== undefined && world.group(subscription, group) === undefined) {
    throw spokenError('group-not-found', { "'rg'": `'${group}'` });
  }
}

export function throttledRequest(route: Route, method: string, clientId: string): ThrottledRequest {
  return {
    operation: route.operation,
    method,
    clientId,
    subscriptionId: route.values['subscription'] ?? '',
    resourceGroup: route.values['group'],
    cluster: route.values['cluster'],
  };
}
