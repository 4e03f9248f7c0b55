import { type Connection, KubernetesError } from './connection.ts';
import type { KubernetesObject } from './object.ts';

/** `path` is always the path of one object, `/apis/…/namespaces/…/customcatrusts/name`, unless it says otherwise. */
export interface StatusPatch {
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string | undefined;
  /** Only, and all of, what `fieldManager` owns: what it owned before and is not in here is removed. */
  readonly status: unknown;
  readonly fieldManager: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a status by server-side apply, taking over fields that others own.
 *
 * @returns the object as it now is
 * @throws KubernetesError 404 when the object is gone: a status never creates one
 */
export async function applyStatus(connection: Connection, patch: StatusPatch): Promise<KubernetesObject> {
  const { path, apiVersion, kind, name, namespace, status, fieldManager, signal } = patch;
  const answer = await connection.request({
    method: 'PATCH',
    path: `${path}/status`,
    query: { fieldManager, force: 'true' },
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion,
      kind,
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
      status,
    },
    signal,
  });
  return answer as KubernetesObject;
}

/** The object as it was read when the finalisers were decided on. */
export interface FinalizerChange {
  readonly uid: string;
  readonly resourceVersion: string;
  /** The whole new list. */
  readonly finalizers: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * Replaces an object's finalisers, if nothing about it has changed since it was read.
 *
 * @throws KubernetesError 409 when it has changed or was re-created, 404 when it is gone
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
  // Without a version the API server would overwrite whatever is there.
  if (!object.metadata.resourceVersion) throw new TypeError(`${path}: replace needs a resourceVersion`);
  return (await connection.request({ method: 'PUT', path, body: object, signal })) as T;
}

/**
 * Deletes this very object; one that is already gone is fine.
 *
 * @throws KubernetesError 409 `Conflict` when another one (uid) or, where asked, another version is there
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
