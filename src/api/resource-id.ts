import { createHash } from 'node:crypto';
import { foldCase } from './fold-case.ts';

/** An ARM resource id of a managed cluster, as written, with its parts. */
export interface ClusterId {
  /** As first written. ARM compares ids without case; compare with {@link key}. */
  readonly resourceId: string;
  /** {@link clusterKey} of the resource id. */
  readonly key: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** The name of a group or a cluster never ends in a period; `.` and `..` would be another path. */
const FORM =
  /^\/subscriptions\/([^/]*[^/.])\/resourcegroups\/([^/]*[^/.])\/providers\/microsoft\.containerservice\/managedclusters\/([^/]*[^/.])$/i;

/** Splits a resource id; undefined when it does not name a managed cluster. */
export function parseClusterId(resourceId: string): ClusterId | undefined {
  const [, subscriptionId, resourceGroup, name] = FORM.exec(resourceId) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { resourceId, key: clusterKey(resourceId), subscriptionId, resourceGroup, name };
}

/**
 * Equal for ids of the same cluster, and different for ids that ARM distinguishes: the letters of a group's name must not lead to
 * another cluster.
 */
export function clusterKey(resourceId: string): string {
  return foldCase(resourceId);
}

/** The resource id as a path of a URL: a resource group may have letters of any script. */
export function wirePath({ resourceId }: Pick<ClusterId, 'resourceId'>): string {
  return resourceId
    .split('/')
    .map((part) => encodeURIComponent(part.toWellFormed()))
    .join('/');
}

/**
 * Name of the TargetCluster object of a cluster: its name and 80 bits of a hash of the lower-cased id. People who name clusters
 * choose what is hashed; a record is therefore compared by its id as well.
 * At most 63 + 1 + 20 characters, each allowed in an object's name.
 */
export function recordName(id: ClusterId): string {
  const known = recordNames.get(id);
  if (known !== undefined) return known;
  const hash = createHash('sha256').update(id.key).digest('hex').slice(0, 20);
  const name = `${id.name.toLowerCase().replaceAll('_', '-')}-${hash}`;
  recordNames.set(id, name);
  return name;
}

/** A reconcile asks for the name a dozen times. */
const recordNames = new WeakMap<ClusterId, string>();
