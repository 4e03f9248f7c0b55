import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import { API_VERSION, customCATrustPath, TARGET_CLUSTERS, targetClusterPath } from '../../api/names.ts';
import { escapeForDisplay } from '../../api/display.ts';
import { apiPath } from '../../api/paths.ts';
import { clusterKey, parseClusterId, recordName } from '../../api/resource-id.ts';
import { spelledOut } from '../../api/spelled-out.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';
import { listPages } from '../../kubernetes/client/list.ts';
import type { KubernetesObject } from '../../kubernetes/object.ts';
import { clustersCalled, hint, knownClusters } from './clusters.ts';
import { NothingThere, refusal } from '../client/errors.ts';

/** The scope of a request, with its namespace filled in. */
export type ResolvedScope =
  | { readonly kind: 'Object'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'Namespace'; readonly namespace: string }
  | { readonly kind: 'Everywhere' }
  | { readonly kind: 'Cluster'; readonly cluster: string };

/** Objects at the time of the read. */
export interface Snapshot {
  readonly trusts: readonly CustomCATrust[];
  /** Records of the clusters of these objects, or of the requested cluster. */
  readonly records: readonly TargetCluster[];
  /** Says in a sentence that the scope has no object; that is no error. */
  readonly empty?: string;
  /** Kinds that were left out because reading them is forbidden. */
  readonly unread: readonly Unread[];
}

export type Unread = 'records' | 'trusts';

const GAPS: Readonly<Record<Unread, string>> = {
  records: 'Reading TargetCluster objects is forbidden, so operations and nodes outside of pools are not shown.',
  trusts: 'Listing CustomCATrust objects of all namespaces is forbidden, so they are not shown.',
};

/** Sentences that say what is missing from a view. */
export function gapsOf({ empty, unread }: Snapshot): string[] {
  return [...(empty === undefined ? [] : [empty]), ...unread.map((what) => GAPS[what])];
}

/** Most clusters in one message. */
const MOST_IDS = 10;
/** Up to so many records are read one by one; more are read by a LIST. */
const ONE_BY_ONE = 8;

const TRUSTS = apiPath(`/apis/${API_VERSION}`, 'customcatrusts');

export function trustsPath(scope: ResolvedScope): string {
  return scope.kind === 'Object' || scope.kind === 'Namespace'
    ? apiPath(`/apis/${API_VERSION}`, 'namespaces', scope.namespace, 'customcatrusts')
    : TRUSTS;
}

/**
 * Reads the objects and records of a view. Kinds that may not be read are left out where the view can do without.
 *
 * @throws NothingThere, and Error with a message for a person
 */
export async function readSnapshot(
  connection: Connection,
  scope: ResolvedScope,
  signal: AbortSignal,
): Promise<Snapshot> {
  if (scope.kind === 'Cluster') return readCluster(connection, scope.cluster, signal);
  const trusts =
    scope.kind === 'Object'
      ? [await readTrust(connection, scope.namespace, scope.name, signal)]
      : await list<CustomCATrust>(connection, trustsPath(scope), signal);
  if (trusts.length === 0) {
    const { server } = connection;
    const empty =
      scope.kind === 'Namespace'
        ? `No CustomCATrust objects in namespace ${scope.namespace} of ${server}; --all-namespaces shows those of all namespaces.`
        : `No CustomCATrust objects in any namespace of ${server}.`;
    return { trusts, records: [], unread: [], empty };
  }
  return { trusts, ...(await readRecords(connection, trusts, signal)) };
}

async function readTrust(connection: Connection, namespace: string, name: string, signal: AbortSignal) {
  const trust = await find<CustomCATrust>(connection, customCATrustPath(namespace, name), signal);
  if (trust !== undefined) return trust;
  throw new NothingThere(`There is no CustomCATrust ${name} in namespace ${namespace} of ${connection.server}`);
}

async function readRecords(connection: Connection, trusts: readonly CustomCATrust[], signal: AbortSignal) {
  const names = new Set(trusts.flatMap(recordNameOf));
  const keys = new Set(trusts.map(({ spec }) => clusterKey(spec.target.resourceId)));
  const isOurs = ({ metadata, spec }: TargetCluster) =>
    names.has(metadata.name) && keys.has(clusterKey(spec.resourceId));
  try {
    if (names.size > ONE_BY_ONE) {
      const all = await list<TargetCluster>(connection, TARGET_CLUSTERS, signal);
      return { records: all.filter(isOurs), unread: [] };
    }
    const read = [...names].map((name) => find<TargetCluster>(connection, targetClusterPath(name), signal));
    const found = (await Promise.all(read)).filter((record) => record !== undefined);
    return { records: found.filter(isOurs), unread: [] };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return { records: [], unread: ['records' as const] };
  }
}

async function readCluster(connection: Connection, cluster: string, signal: AbortSignal): Promise<Snapshot> {
  const id = parseClusterId(cluster);
  const records = id
    ? [await find<TargetCluster>(connection, targetClusterPath(recordName(id)), signal)].filter(
        (one) => one !== undefined,
      )
    : await list<TargetCluster>(connection, TARGET_CLUSTERS, signal);
  const { trusts, unread } = await readAllTrusts(connection, signal);
  const known = knownClusters(trusts, records);
  const meant = id ? [id] : clustersCalled(cluster, known);
  if (meant.length > 1) {
    const ids = spelledOut(
      meant.map(({ resourceId }) => escapeForDisplay(resourceId, 512)),
      MOST_IDS,
    );
    throw new Error(`${meant.length} clusters have the name ${cluster}; name one by its resource id: ${ids}`);
  }
  const key = meant[0] && clusterKey(meant[0].resourceId);
  const snapshot: Snapshot = {
    trusts: trusts.filter(({ spec }) => clusterKey(spec.target.resourceId) === key),
    records: records.filter(({ spec }) => clusterKey(spec.resourceId) === key),
    unread,
  };
  if (snapshot.trusts.length + snapshot.records.length > 0) return snapshot;
  throw new NothingThere(`No cluster ${cluster} is known at ${connection.server}${hint(known)}`);
}

async function readAllTrusts(connection: Connection, signal: AbortSignal) {
  try {
    return { trusts: await list<CustomCATrust>(connection, TRUSTS, signal), unread: [] };
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return { trusts: [], unread: ['trusts' as const] };
  }
}

export function recordNameOf({ spec }: CustomCATrust): string[] {
  const id = parseClusterId(spec.target.resourceId);
  return id ? [recordName(id)] : [];
}

async function find<T>(connection: Connection, path: string, signal: AbortSignal): Promise<T | undefined> {
  try {
    return (await connection.request({ path, signal })) as T;
  } catch (error) {
    // The answer for a kind that is not installed is a 404 too, but its message does not name the object.
    if (error instanceof KubernetesError && error.status === 404 && /" not found/.test(error.message)) return undefined;
    throw refusal(error, connection.server);
  }
}

async function list<T extends KubernetesObject>(
  connection: Connection,
  path: string,
  signal: AbortSignal,
): Promise<T[]> {
  const items: T[] = [];
  try {
    for await (const page of listPages<T>(connection, path, { signal })) {
      if (page.first) items.length = 0;
      items.push(...page.items);
    }
  } catch (error) {
    throw refusal(error, connection.server);
  }
  return items;
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof KubernetesError && error.cause.status === 403;
}
