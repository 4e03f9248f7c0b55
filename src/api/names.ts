import type { ClusterObject } from './cluster-object.ts';
import { apiPath } from './paths.ts';

export const API_VERSION = 'aks-ca-trust.dev/v1alpha1';
/** Finalizer of an object: it stays until its deletion policy is carried out. */
export const FINALIZER = 'aks-ca-trust.dev/trust';
/** Annotation: a change of its value starts a fresh reconcile and releases every stalled state. */
export const RECONCILE_REQUESTED_AT = 'aks-ca-trust.dev/reconcile-requested-at';
/** A longer value of that annotation is cut where a status repeats it. */
const LONGEST_REQUEST = 64;

/** The reconcile request of an object as its status repeats it. */
export function reconcileRequestOf({ metadata }: Pick<ClusterObject, 'metadata'>): string | undefined {
  return metadata.annotations?.[RECONCILE_REQUESTED_AT]?.slice(0, LONGEST_REQUEST).toWellFormed();
}

/** Field manager of the controller's server-side apply, and component of its events. */
export const CONTROLLER_NAME = 'aks-ca-trust';
/** Slots in `securityProfile.customCATrustCertificates`: AKS takes at most 10. learn.microsoft.com/azure/aks/custom-certificate-authority */
export const CERTIFICATE_LIMIT = 10;

/** API path of one object of our kinds in a namespace. The API server names the collection of a kind by its plural in lower case. */
export function objectPath({
  kind,
  metadata: { namespace = '', name },
}: Pick<ClusterObject, 'kind' | 'metadata'>): string {
  return apiPath(`/apis/${API_VERSION}`, 'namespaces', namespace, collectionOf(kind), name);
}

/** Name of the collection of a kind in paths: its plural. */
export function collectionOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

/** API path of one CustomCATrust. */
export function customCATrustPath(namespace: string, name: string): string {
  return apiPath(`/apis/${API_VERSION}`, 'namespaces', namespace, 'customcatrusts', name);
}

/** API path of the collection. */
export const TARGET_CLUSTERS = apiPath(`/apis/${API_VERSION}`, 'targetclusters');

export function targetClusterPath(name: string): string {
  return apiPath(`/apis/${API_VERSION}`, 'targetclusters', name);
}
