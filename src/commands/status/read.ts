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
import { NothingThere, refusal } from './errors.ts';

/** What is asked about, with nothing left open. */
export type ResolvedScope =
  | { readonly kind: 'Object'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'Namespace'; readonly namespace: string }
  | { readonly kind: 'Everywhere' }
  | { readonly kind: 'Cluster'; readonly cluster: string };

/** Objects as the API server had them when it was asked. */
export interface Snapshot {
  readonly trusts: readonly CustomCATrust[];
  /** Of the clusters of these objects, or of the one that was asked for. */
  readonly records: readonly TargetCluster[];
  /** There is no such object, and that is no error: a sentence for a person. */
  readonly empty?: string;
  /** What was left out because we may not read it. */
  readonly unread: readonly Unread[];
}

export type Unread = 'records' | 'trusts';

const GAPS: Readonly<Record<Unread, string>> = {
  records: 'TargetCluster objects may not be read: operations and nodes outside of pools are not shown',
  trusts: 'CustomCATrust objects of all namespaces may not be listed: they are not shown',
};

/** What is missing from a view, for a person. */
export function gapsOf({ empty, unread }: Snapshot): string[] {
  return [...(empty === undefined ? [] : [empty]), ...unread.map((what) => GAPS[what])];
}

/** Clusters that a message names. */
const MOST_IDS = 10;
/** More records than so many are read by a list. */
const ONE_BY_ONE = 8;

const TRUSTS = apiPath(`/apis/${API_VERSION}`, 'customcatrusts');

export function trustsPath(scope: ResolvedScope): string {
  return scope.kind === 'Object' || scope.kind === 'Namespace'
    ? apiPath(`/apis/${API_VERSION}`, 'namespaces', scope.namespace, 'customcatrusts')
    : TRUSTS;
}

/**
 * Reads what a view needs. What may not be read and is not the point is left out.
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
  throw new NothingThere(`there is no CustomCATrust ${name} in namespace ${namespace} of ${connection.server}`);
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
    throw new Error(`${meant.length} clusters are called ${cluster}; say which by resource id: ${ids}`);
  }
  const key = meant[0] && clusterKey(meant[0].resourceId);
  const snapshot: Snapshot = {
    trusts: trusts.filter(({ spec }) => clusterKey(spec.target.resourceId) === key),
    records: records.filter(({ spec }) => clusterKey(spec.resourceId) === key),
    unread,
  };
  if (snapshot.trusts.length + snapshot.records.length > 0) return snapshot;
  throw new NothingThere(`no cluster ${cluster} is known at ${connection.server}${hint(known)}`);
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
    // Of a kind that is not installed, the server does not say which object it has not found.
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
