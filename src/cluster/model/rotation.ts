import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import type { ClusterObject } from '../../api/cluster-object.ts';
import { DAY } from '../../api/long-duration.ts';
import type { Grants } from '../../policy/policy.ts';
import { intentName, tokenOf, withoutDefaultStatus, type Intent } from './intent.ts';
import { readRotationPolicy, type RotationPolicy } from './rotation-policy.ts';

export const ROTATION_KIND = 'CertificateRotation';

/** What one CertificateRotation object wants. */
export interface RotationIntent extends Intent {
  readonly object: CertificateRotation;
  /** The rotations that it asks for without a request. */
  readonly policy?: RotationPolicy;
}

/** The CertificateRotation objects among the intents of a cluster. */
export function rotationsOf(intents: readonly Intent[]): readonly RotationIntent[] {
  return intents.filter((intent): intent is RotationIntent => intent.object.kind === ROTATION_KIND);
}

/** True for an object that may ask for a rotation: its namespace has the right, and it accepts the downtime. */
export function mayRotate({ object: { spec }, frozen, deletion, grants }: RotationIntent): boolean {
  return spec.mode === 'Rotate' && spec.acceptDowntime === true && !frozen && !deletion && grants.rotate;
}

/** Reads an object; `grants` are its rights by the policy, `dayMs` is the length of a day in its durations. */
export function readRotationIntent(stored: ClusterObject, grants: Grants, dayMs = DAY): RotationIntent {
  const object = withoutDefaultStatus(stored as CertificateRotation);
  const { metadata, spec } = object;
  const policy = readRotationPolicy(spec, dayMs);
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
    ...(policy ? { policy } : {}),
  };
}
