import { clusterText } from '../cluster/view.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { jsonText } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { pathCluster, pathClusterId, value } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { resourceIdOf } from './resource-id.ts';

export function getManagedCluster(request: ArmRequest): Answer {
  const stale = request.faults.staleText(resourceIdOf(pathClusterId(request)));
  return jsonText(200, stale ?? clusterText(pathCluster(request), request.settings));
}

/** The clusters of a subscription, or of a group, page by page. */
export function listManagedClusters(request: ArmRequest): Answer {
  const { incoming, world, settings, url } = request;
  const found = world.clustersIn(value(request, 'subscription'), request.route.values['group']);
  const from = Number.parseInt(incoming.url.searchParams.get('$skiptoken') ?? '0', 10) || 0;
  const page = found.slice(from, from + settings.pageSize).map((cluster) => listedText(cluster, request));
  const next = from + settings.pageSize < found.length ? nextLink(incoming.url, url, from + settings.pageSize) : '';
  return jsonText(200, `{"value":[${page.join(',')}]${next}}`);
}

function listedText(cluster: Cluster, { faults, settings }: ArmRequest): string {
  return faults.staleText(resourceIdOf(cluster.id)) ?? clusterText(cluster, settings);
}

function nextLink(asked: URL, url: string, from: number): string {
  const link = new URL(`${url}${asked.pathname}${asked.search}`);
  link.searchParams.set('$skiptoken', String(from));
  return `,"nextLink":${JSON.stringify(link.href)}`;
}
