import { servedIdOf } from '../arm/resource-id.ts';
import {
  at,
  fromPlain,
  itemsOf,
  member,
  stringOf,
  withItems,
  withMember,
  withPath,
  withPlain,
  withoutMember,
} from '../json/access.ts';
import { printJson } from '../json/print.ts';
import type { JsonNode, JsonObject } from '../json/syntax.ts';
import type { Cluster, PoolState } from './cluster.ts';

export interface ViewSettings {
  /** Whether eTags are served at all: AKS has left them out for a while. */
  readonly eTags: boolean;
}

const rendered = new WeakMap<Cluster, { state: unknown; model: unknown; pools: string; text: string }>();

/** The text of a GET of the cluster. */
export function clusterText(cluster: Cluster, settings: ViewSettings): string {
  const pools = JSON.stringify([...cluster.pools.values()]);
  const known = rendered.get(cluster);
  if (known?.state === cluster.state && known.model === cluster.model && known.pools === pools) return known.text;
  const text = printJson(clusterView(cluster, settings));
  rendered.set(cluster, { state: cluster.state, model: cluster.model, pools, text });
  return text;
}

/** The model with everything laid over it that changes by itself. Members whose value is what it was keep their text. */
export function clusterView(cluster: Cluster, { eTags }: ViewSettings): JsonObject {
  const { state } = cluster;
  let view = withPlain(cluster.model, ['id'], servedIdOf(cluster.id));
  view = withPlain(view, ['name'], cluster.id.name);
  view = withPlain(view, ['properties', 'provisioningState'], state.provisioningState);
  view = withPlain(view, ['properties', 'powerState', 'code'], state.powerState);
  view = withPlain(view, ['properties', 'resourceUID'], cluster.resourceUid);
  view = withProvisioningError(view, state.provisioningError);
  view = eTags ? withPlain(view, ['eTag'], state.eTag) : withoutMember(view, 'eTag');
  const pools = at(view, 'properties', 'agentPoolProfiles');
  if (pools?.kind !== 'array') return view;
  const served = itemsOf(pools).map((pool) => poolView(cluster, pool, eTags));
  return withPath(view, ['properties', 'agentPoolProfiles'], withItems(pools, served));
}

function withProvisioningError(view: JsonObject, error: Cluster['state']['provisioningError']): JsonObject {
  if (error !== undefined) return withPlain(view, ['properties', 'status', 'provisioningError'], error);
  const status = at(view, 'properties', 'status');
  if (status?.kind !== 'object') return view;
  return withPath(view, ['properties', 'status'], withoutMember(status, 'provisioningError'));
}

function poolView(cluster: Cluster, pool: JsonNode, eTags: boolean): JsonNode {
  const state = pool.kind === 'object' ? poolState(cluster, pool) : undefined;
  if (pool.kind !== 'object' || state === undefined) return pool;
  let view = withPlain(pool, ['provisioningState'], state.provisioningState);
  view = withPlain(view, ['powerState', 'code'], state.powerState);
  view = withPlain(view, ['currentOrchestratorVersion'], state.currentOrchestratorVersion);
  return eTags ? withPlain(view, ['eTag'], state.eTag) : withoutMember(view, 'eTag');
}

function poolState(cluster: Cluster, pool: JsonObject): PoolState | undefined {
  return cluster.pools.get(stringOf(member(pool, 'name'))?.toLowerCase() ?? '');
}

/** The bodies of the cluster's pools as resources of their own, read from the text of the cluster. */
export function agentPools(id: string, view: JsonObject): { name: string; resource: JsonObject }[] {
  return itemsOf(at(view, 'properties', 'agentPoolProfiles')).flatMap((pool) => {
    const name = stringOf(member(pool, 'name'));
    if (pool.kind !== 'object' || name === undefined) return [];
    const resource = fromPlain({
      id: `${id}/agentPools/${name}`,
      name,
      type: 'Microsoft.ContainerService/managedClusters/agentPools',
    }) as JsonObject;
    return [{ name, resource: withMember(resource, 'properties', withoutMember(pool, 'name')) }];
  });
}
