import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import { escapeForDisplay } from '../../api/display.ts';
import { clusterKey, parseClusterId } from '../../api/resource-id.ts';
import { spelledOut } from '../../api/spelled-out.ts';

/** A cluster that is named by an object or a record, and what it is called. */
export interface KnownCluster {
  readonly resourceId: string;
  /** In lower case; first what people call it. */
  readonly names: readonly string[];
}

/** Every cluster once, by its lower-cased id. An object that was made just now has no record yet. */
export function knownClusters(
  trusts: readonly CustomCATrust[],
  records: readonly TargetCluster[],
): ReadonlyMap<string, KnownCluster> {
  const clusters = new Map<string, KnownCluster>();
  const know = (resourceId: string, ...others: (string | undefined)[]) => {
    const names = [parseClusterId(resourceId)?.name, ...others].filter((name) => name !== undefined);
    clusters.set(clusterKey(resourceId), { resourceId, names: names.map((name) => name.toLowerCase()) });
  };
  for (const { spec } of trusts) know(spec.target.resourceId);
  for (const { metadata, spec, status } of records) know(spec.resourceId, status?.clusterName, metadata.name);
  return clusters;
}

/** Those that somebody may mean. */
export function clustersCalled(name: string, clusters: ReadonlyMap<string, KnownCluster>): KnownCluster[] {
  return [...clusters.values()].filter(({ names }) => names.includes(name.toLowerCase()));
}

/** Most names that a message has. */
const MOST = 10;

/** `; there are prod-neu, prod-weu`, for whoever has mistyped one. */
export function hint(clusters: ReadonlyMap<string, KnownCluster>): string {
  const names = [...new Set([...clusters.values()].map(({ resourceId, names: [name = resourceId] }) => name))].sort();
  if (names.length === 0) return '';
  return `; there are ${spelledOut(
    names.map((name) => escapeForDisplay(name)),
    MOST,
  )}`;
}
