import { type Connection, KubernetesError } from './connection.ts';
import type { KubernetesObject } from '../object.ts';

/** `path` is always the path of one object, `/apis/…/namespaces/…/customcatrusts/name`, unless noted otherwise. */
export interface StatusChange {
  readonly path: string;
  readonly uid: string;
  /** The whole status. */
  readonly status: unknown;
  readonly fieldManager: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Replaces the status of exactly this object, whichever client wrote the present one and whatever else of the object has changed
 * since it was read. A server-side apply cannot require a uid.
 *
 * @returns the object as it now is
 * @throws KubernetesError 404 when it is deleted, 409 `Conflict` when another object has its name
 */
export async function replaceStatus(connection: Connection, change: StatusChange): Promise<KubernetesObject> {
  const { path, uid, status, fieldManager, signal } = change;
  const body = [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'add', path: '/status', value: status },
  ];
  const contentType = 'application/json-patch+json';
  const request = {
    method: 'PATCH',
    path: `${path}/status`,
    query: { fieldManager },
    contentType,
    body,
    signal,
  } as const;
  try {
    return (await connection.request(request)) as KubernetesObject;
  } catch (error) {
    // The API server answers a failed test like an invalid patch.
    if (!(error instanceof KubernetesError) || error.status !== 422) throw error;
    const now = await get(connection, path, signal);
    if (now?.metadata.uid === uid) throw error;
    const [code, reason] = now ? ([409, 'Conflict'] as const) : ([404, 'NotFound'] as const);
    throw new KubernetesError(code, reason, `PATCH ${path}/status: the object of uid ${uid} is gone`, { cause: error });
  }
}

/** The object from which the finalizers were decided. */
export interface FinalizerChange {
  readonly uid: string;
  readonly resourceVersion: string;
  /** The whole new list. */
  readonly finalizers: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Replaces an object's finalizers, if nothing about it has changed since it was read.
 *
 * @throws KubernetesError 409 when it has changed or was created again, 404 when it is deleted
 */
export async function setFinalizers(
  connection: Connection,
  path: string,
  change: FinalizerChange,
): Promise<KubernetesObject> {
  const { uid, resourceVersion, finalizers, signal } = change;
  const answer = await connection.request({
    method: 'PATCH',
    path,
    contentType: 'application/merge-patch+json',
    body: { metadata: { uid, resourceVersion, finalizers } },
    signal,
  });
  return answer as KubernetesObject;
}

/** @returns undefined when there is no such object */
export async function get<T extends KubernetesObject>(
  connection: Pick<Connection, 'request'>,
  path: string,
  signal?: AbortSignal,
): Promise<T | undefined> {
  try {
    return (await connection.request({ path, signal })) as T;
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return undefined;
    throw error;
  }
}

/**
 * @param collectionPath path of the collection, without the object's name
 * @throws KubernetesError 409 `AlreadyExists`
 */
export async function create<T extends KubernetesObject>(
  connection: Pick<Connection, 'request'>,
  collectionPath: string,
  object: T,
  signal?: AbortSignal,
): Promise<T> {
  return (await connection.request({ method: 'POST', path: collectionPath, body: object, signal })) as T;
}

/**
 * Replaces an object, if nothing about it has changed since it was read (`metadata.resourceVersion`).
 *
 * @throws KubernetesError 409 `Conflict` when it has changed
 */
export async function replace<T extends KubernetesObject>(
  connection: Connection,
  path: string,
  object: T,
  signal?: AbortSignal,
): Promise<T> {
  // Without a version the API server would overwrite any change.
  if (!object.metadata.resourceVersion) throw new TypeError(`${path}: replace needs a resourceVersion`);
  // The API server keeps managedFields by itself. Sent back, they would only be parsed.
  const { managedFields: _, ...metadata } = object.metadata;
  return (await connection.request({ method: 'PUT', path, body: { ...object, metadata }, signal })) as T;
}

/**
 * Deletes exactly this object; an object that is deleted already is no error.
 *
 * @throws KubernetesError 409 `Conflict` when another object (uid) or, where required, another version has the name
 */
export async function remove(
  connection: Connection,
  path: string,
  preconditions: { readonly uid: string; readonly resourceVersion?: string },
  signal?: AbortSignal,
): Promise<void> {
  try {
    await connection.request({
      method: 'DELETE',
      path,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions },
      signal,
    });
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return;
    throw error;
  }
}
