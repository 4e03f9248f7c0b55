import type { ObjectMeta } from '../api/object-meta.ts';

/** The members of every API object, custom resource or built-in kind, as plain JSON: timestamps are strings. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta & { managedFields?: unknown };
}

/** Key of an object in caches and work queues: `namespace/name`, or `name` for cluster-scoped objects. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}
