import type { ClusterObject } from '../api/cluster-object.ts';
import type { Condition } from '../api/conditions.ts';
import type { CertificateRotation } from '../api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../api/generated/customcatrusts.ts';
import { objectPath, FINALIZER, RECONCILE_REQUESTED_AT, reconcileRequestOf } from '../api/names.ts';
import type { WriteKind } from '../cluster/act/object-writes.ts';
import { DEFAULT_KIND } from '../cluster/model/intent.ts';
import type { NotedObject } from '../cluster/model/noted-objects.ts';
import { ROTATION_KIND } from '../cluster/model/rotation.ts';

/** True for a CustomCATrust. */
export function isTrust(object: ClusterObject): object is CustomCATrust {
  return object.kind === DEFAULT_KIND;
}

/** True for a CertificateRotation. */
export function isRotation(object: ClusterObject): object is CertificateRotation {
  return object.kind === ROTATION_KIND;
}

/** The API path of an object that a record has noted. */
export function pathOf({ kind = DEFAULT_KIND, name: namespaced }: NotedObject): string {
  const [namespace = '', name = ''] = namespaced.split('/');
  return objectPath({ kind, metadata: { namespace, name } });
}

/** The event for a write that the API server refuses. */
export function refusedWrite(kind: WriteKind, message: string): string {
  switch (kind) {
    case 'finalizer':
      return `The API server refuses the finalizer of this object, so its change is not sent. ${message}`;
    case 'status':
      return `The API server refuses the status of this object, so the status is out of date. ${message}`;
    case 'release':
      return `The API server refuses to remove the finalizer of this object, so its deletion does not end. ${message}`;
  }
}

/** True for an object that is Ready in its present generation, and without a new reconcile request. */
export function isSettled(object: ClusterObject): boolean {
  const { metadata } = object;
  const { conditions, lastHandledReconcileAt } = (object.status ?? {}) as {
    conditions?: readonly Condition[];
    lastHandledReconcileAt?: string;
  };
  const ready = conditions?.find(({ type }) => type === 'Ready');
  return (
    ready?.status === 'True' &&
    ready.observedGeneration === metadata.generation &&
    metadata.deletionTimestamp === undefined &&
    (object.kind === ROTATION_KIND || metadata.finalizers?.includes(FINALIZER) === true) &&
    reconcileRequestOf(object) === lastHandledReconcileAt
  );
}

/** True where the spec was edited, or the deletion asked for. */
export function isEdited(before: ClusterObject, after: ClusterObject): boolean {
  return (
    before.metadata.generation !== after.metadata.generation ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp
  );
}

/** The reconcile request of an object, in full. */
export function requestOf({ metadata }: ClusterObject): string | undefined {
  return metadata.annotations?.[RECONCILE_REQUESTED_AT];
}
