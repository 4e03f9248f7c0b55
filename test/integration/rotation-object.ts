import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION, objectPath } from '../../src/api/names.ts';
import { KubernetesError } from '../../src/kubernetes/client/connection.ts';
import type { Rig } from './rig.ts';

const KIND = 'CertificateRotation';

/** API path of one CertificateRotation. */
export function rotationPath(namespace: string, name: string): string {
  return objectPath({ kind: KIND, metadata: { namespace, name } });
}

/** Makes or changes a CertificateRotation of the rig's namespace, as `kubectl apply` does. */
export async function applyRotation(
  { admin, namespace }: Pick<Rig, 'admin' | 'namespace'>,
  name: string,
  { resourceId }: Pick<SimulatedCluster, 'resourceId'>,
  spec: Partial<CertificateRotation['spec']> = {},
): Promise<CertificateRotation> {
  const metadata = { name, namespace };
  const body = { apiVersion: API_VERSION, kind: KIND, metadata, spec: { target: { resourceId }, ...spec } };
  const query = { fieldManager: 'kubectl', force: 'true' };
  const how = { method: 'PATCH', contentType: 'application/apply-patch+yaml' } as const;
  return (await admin.request({ ...how, path: rotationPath(namespace, name), query, body })) as CertificateRotation;
}

/** The object as it is now; undefined where there is none. */
export async function getRotation(
  { admin, namespace }: Pick<Rig, 'admin' | 'namespace'>,
  name: string,
): Promise<CertificateRotation | undefined> {
  try {
    return (await admin.request({ path: rotationPath(namespace, name) })) as CertificateRotation;
  } catch (error) {
    if (error instanceof KubernetesError && error.status === 404) return undefined;
    throw error;
  }
}

/** Deletes the object. It goes at once, because it has no finalizer. */
export async function removeRotation(
  { admin, namespace }: Pick<Rig, 'admin' | 'namespace'>,
  name: string,
): Promise<void> {
  await admin.request({ method: 'DELETE', path: rotationPath(namespace, name) });
}
