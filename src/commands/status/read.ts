import type { ClusterObject } from '../../api/cluster-object.ts';
import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import { API_VERSION, collectionOf, objectPath, TARGET_CLUSTERS, targetClusterPath } from '../../api/names.ts';
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
  | { readonly kind: 'Rotation'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'Namespace'; readonly namespace: string }
  | { readonly kind: 'Everywhere' }
  | { readonly kind: 'Cluster'; readonly cluster: string };

/** Objects at the time of the read. */
export interface Snapshot {
  readonly trusts: readonly CustomCATrust[];
  readonly rotations: readonly CertificateRotation[];
  /** Records of the clusters of these objects, or of the requested cluster. */
  readonly records: readonly TargetCluster[];
  /** Says in a sentence that the scope has no object; that is no error. */
  readonly empty?: string;
  /** What was left out, because reading it is forbidden or the API server does not have it. */
  readonly unread: readonly Unread[];
}

export type Unread = 'records' | 'trusts' | 'rotations' | 'rotationsOfNoCRD';

const GAPS: Readonly<Record<Unread, string>> = {
  records: 'Reading TargetCluster objects is forbidden, so operations and nodes outside of pools are not shown.',
  trusts: 'Listing CustomCATrust objects of all namespaces is forbidden, so they are not shown.',
  rotations: 'Listing CertificateRotation objects is forbidden, so they are not shown.',
  rotationsOfNoCRD:
    'The API server does not have the kind CertificateRotation (its CRD is older), so only CustomCATrust objects are shown.',
};

/** Sentences that say what is missing from a view. */
export function gapsOf({ empty, unread }: Snapshot): string[] {
  return [...(empty === undefined ? [] : [empty]), ...unread.map((what) => GAPS[what])];
}

/** Most clusters in one message. */
const MOST_IDS = 10;
/** Up to so many records are read one by one; more are read by a LIST. */
const ONE_BY_ONE = 8;

/** The kinds of objects that ask for something. */
export type AskingKind = 'CustomCATrust' | 'CertificateRotation';

/** Path of the objects of a kind in the scope: of its namespace, or of all. */
export function collectionPath(kind: AskingKind, scope: ResolvedScope): string {
  const base = `/apis/${API_VERSION}`;
  return 'namespace' in scope
    ? apiPath(base, 'namespaces', scope.namespace, collectionOf(kind))
    : apiPath(base, collectionOf(kind));
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
  const [trusts, { rotations, unread }] = await Promise.all([
    readTrusts(connection, scope, signal),
    readRotations(connection, scope, signal),
  ]);
  const objects = [...trusts, ...rotations];
  if (objects.length === 0) return { trusts, rotations, records: [], unread, empty: emptyText(connection, scope) };
  const { records, unread: others } = await readRecords(connection, objects, signal);
  return { trusts, rotations, records, unread: [...unread, ...others] };
}

function emptyText({ server }: Connection, scope: ResolvedScope): string {
  return scope.kind === 'Namespace'
    ? `No CustomCATrust or CertificateRotation objects in namespace ${scope.namespace} of ${server}; --all-namespaces shows those of all namespaces.`
    : `No CustomCATrust or CertificateRotation objects in any namespace of ${server}.`;
}

async function readTrusts(connection: Connection, scope: ResolvedScope, signal: AbortSignal) {
  switch (scope.kind) {
    case 'Object':
      return [await readOne<CustomCATrust>('CustomCATrust', connection, scope, signal)];
    case 'Rotation':
      return [];
    default:
      return list<CustomCATrust>(connection, collectionPath('CustomCATrust', scope), signal);
  }
}

type Rotations = Pick<Snapshot, 'rotations' | 'unread'>;

/** Rotations that may not be listed, or whose kind the API server does not have, are left out. */
async function readRotations(connection: Connection, scope: ResolvedScope, signal: AbortSignal): Promise<Rotations> {
  if (scope.kind === 'Object') return { rotations: [], unread: [] };
  if (scope.kind === 'Rotation')
    return { rotations: [await readOne('CertificateRotation', connection, scope, signal)], unread: [] };
  try {
    const path = collectionPath('CertificateRotation', scope);
    return { rotations: await list<CertificateRotation>(connection, path, signal), unread: [] };
  } catch (error) {
    if (isAnswer(error, 403)) return { rotations: [], unread: ['rotations'] };
    if (isAnswer(error, 404)) return { rotations: [], unread: ['rotationsOfNoCRD'] };
    throw error;
  }
}

async function readOne<T extends KubernetesObject>(
  kind: AskingKind,
  connection: Connection,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<T> {
  const found = await find<T>(connection, objectPath({ kind, metadata: { namespace, name } }), signal);
  if (found !== undefined) return found;
  throw new NothingThere(`There is no ${kind} ${name} in namespace ${namespace} of ${connection.server}`);
}

async function readRecords(connection: Connection, objects: readonly ClusterObject[], signal: AbortSignal) {
  const names = new Set(objects.flatMap(recordNameOf));
  const keys = new Set(objects.map(({ spec }) => clusterKey(spec.target.resourceId)));
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
    if (!isAnswer(error, 403)) throw error;
    return { records: [], unread: ['records' as const] };
  }
}

const EVERYWHERE: ResolvedScope = { kind: 'Everywhere' };

async function readCluster(connection: Connection, cluster: string, signal: AbortSignal): Promise<Snapshot> {
  const id = parseClusterId(cluster);
  const records = id
    ? [await find<TargetCluster>(connection, targetClusterPath(recordName(id)), signal)].filter(
        (one) => one !== undefined,
      )
    : await list<TargetCluster>(connection, TARGET_CLUSTERS, signal);
  const [{ trusts, unread }, ofCertificates] = await Promise.all([
    readAllTrusts(connection, signal),
    readRotations(connection, EVERYWHERE, signal),
  ]);
  const objects = [...trusts, ...ofCertificates.rotations];
  const known = knownClusters(objects, records);
  const meant = id ? [id] : clustersCalled(cluster, known);
  if (meant.length > 1) {
    const ids = spelledOut(
      meant.map(({ resourceId }) => escapeForDisplay(resourceId, 512)),
      MOST_IDS,
    );
    throw new Error(`${meant.length} clusters have the name ${cluster}; name one by its resource id: ${ids}`);
  }
  const key = meant[0] && clusterKey(meant[0].resourceId);
  const isOfCluster = ({ spec }: ClusterObject) => clusterKey(spec.target.resourceId) === key;
  const snapshot: Snapshot = {
    trusts: trusts.filter(isOfCluster),
    rotations: ofCertificates.rotations.filter(isOfCluster),
    records: records.filter(({ spec }) => clusterKey(spec.resourceId) === key),
    unread: [...unread, ...ofCertificates.unread],
  };
  const { trusts: some, rotations: others, records: kept } = snapshot;
  if (some.length + others.length + kept.length > 0) return snapshot;
  throw new NothingThere(`No cluster ${cluster} is known at ${connection.server}${hint(known)}`);
}

async function readAllTrusts(connection: Connection, signal: AbortSignal) {
  try {
    return {
      trusts: await list<CustomCATrust>(connection, collectionPath('CustomCATrust', EVERYWHERE), signal),
      unread: [],
    };
  } catch (error) {
    if (!isAnswer(error, 403)) throw error;
    return { trusts: [], unread: ['trusts' as const] };
  }
}

export function recordNameOf({ spec }: ClusterObject): string[] {
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

/** True for an error that stands for this answer of the API server. */
function isAnswer(error: unknown, status: number): boolean {
  return error instanceof Error && error.cause instanceof KubernetesError && error.cause.status === status;
}
