import type { Connection } from '../../src/kubernetes/client/connection.ts';
import type { Manifest } from './kustomize.ts';

/** Where the API server has the objects of its kind. */
export function collectionPath({ apiVersion, kind, metadata }: Manifest): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const namespace = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies');
  return `${group}${namespace}/${plural}`;
}

/** Where the API server has an object. */
export function pathOf(manifest: Manifest): string {
  return `${collectionPath(manifest)}/${manifest.metadata.name}`;
}

/** Makes each of them, or changes it, as `kubectl apply --server-side` does. */
export async function applyAll(admin: Connection, manifests: readonly Manifest[]): Promise<Manifest[]> {
  const applied: Manifest[] = [];
  for (const manifest of manifests) {
    const answer = await admin.request({
      method: 'PATCH',
      path: pathOf(manifest),
      query: { fieldManager: 'kubectl', fieldValidation: 'Strict' },
      contentType: 'application/apply-patch+yaml',
      body: manifest,
    });
    applied.push(answer as Manifest);
  }
  return applied;
}
