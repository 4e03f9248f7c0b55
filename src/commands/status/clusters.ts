import type { ClusterObject } from '../../api/cluster-object.ts';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import { escapeForDisplay } from '../../api/display.ts';
import { clusterKey, parseClusterId } from '../../api/resource-id.ts';
import { spelledOut } from '../../api/spelled-out.ts';

/** A cluster that an object or a record names. */
export interface KnownCluster {
  readonly resourceId: string;
  /** In lower case; the name of the AKS cluster first. */
  readonly names: readonly string[];
}

/** Every cluster once, by its lower-cased id. Objects count too: the cluster of a new object has no record yet. */
export function knownClusters(
  objects: readonly ClusterObject[],
  records: readonly TargetCluster[],
): ReadonlyMap<string, KnownCluster> {
  const clusters = new Map<string, KnownCluster>();
  const add = (resourceId: string, ...others: (string | undefined)[]) => {
    const names = [parseClusterId(resourceId)?.name, ...others].filter((name) => name !== undefined);
    clusters.set(clusterKey(resourceId), { resourceId, names: names.map((name) => name.toLowerCase()) });
  };
  for (const { spec } of objects) add(spec.target.resourceId);
  for (const { metadata, spec, status } of records) add(spec.resourceId, status?.clusterName, metadata.name);
  return clusters;
}

/** The clusters with this name, in any case. */
export function clustersCalled(name: string, clusters: ReadonlyMap<string, KnownCluster>): KnownCluster[] {
  return [...clusters.values()].filter(({ names }) => names.includes(name.toLowerCase()));
}

/** Most names in one message. */
const MOST_NAMES = 10;

/** Lists the known names after a name that matches none: `; there are prod-neu, prod-weu`. */
export function hint(clusters: ReadonlyMap<string, KnownCluster>): string {
  const names = [...new Set([...clusters.values()].map(({ resourceId, names: [name = resourceId] }) => name))].sort();
  if (names.length === 0) return '';
  return `; there are ${spelledOut(
    names.map((name) => escapeForDisplay(name)),
    MOST_NAMES,
  )}`;
}
