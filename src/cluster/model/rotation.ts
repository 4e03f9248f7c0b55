import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import type { ClusterObject } from '../../api/cluster-object.ts';
import type { Grants } from '../../policy/policy.ts';
import { intentName, tokenOf, withoutDefaultStatus, type Intent } from './intent.ts';

export const ROTATION_KIND = 'CertificateRotation';

/** What one CertificateRotation object wants. */
export interface RotationIntent extends Intent {
  readonly object: CertificateRotation;
}

/** The CertificateRotation objects among the intents of a cluster. */
export function rotationsOf(intents: readonly Intent[]): readonly RotationIntent[] {
  return intents.filter((intent): intent is RotationIntent => intent.object.kind === ROTATION_KIND);
}

/** Reads an object; `grants` are its rights by the policy. */
export function readRotationIntent(stored: ClusterObject, grants: Grants): RotationIntent {
  const object = withoutDefaultStatus(stored as CertificateRotation);
  const { metadata, spec } = object;
  return {
    name: intentName(ROTATION_KIND, metadata.namespace ?? '', metadata.name),
    object,
    token: tokenOf(object),
    createdAt: Date.parse(metadata.creationTimestamp ?? '') || 0,
    frozen: !grants.target ? 'NotAllowed' : spec.suspend ? 'Suspended' : undefined,
    deletion: metadata.deletionTimestamp === undefined ? undefined : 'Retain',
    settleMs: 0,
    grants,
    unguarded: true,
  };
}
