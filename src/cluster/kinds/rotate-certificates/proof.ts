import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import type { RotationIntent } from '../../model/rotation.ts';
import { isOpen } from './verification.ts';

/** The rotation of this controller that has to be verified, as the status of an object has it. */
export interface ToVerify {
  /** SHA-256 of the cluster CA that it brought. */
  readonly newCA: string;
  /** ms. */
  readonly completedAt: number;
}

/** The rotation whose verification is open; undefined where there is none. It follows from the status, so that a restart loses nothing. */
export function toVerify({ object, frozen, deletion }: RotationIntent, now: number): ToVerify | undefined {
  const { lastRotation, verification }: CertificateRotationStatus = object.status ?? {};
  if (object.spec.mode !== 'Rotate' || frozen || deletion) return undefined;
  if (lastRotation?.startedBy !== 'ThisController' || lastRotation.newCA === undefined) return undefined;
  if (lastRotation.completedAt === undefined) return undefined;
  const completedAt = Date.parse(lastRotation.completedAt);
  const found = { newCA: lastRotation.newCA, completedAt };
  if (verification?.clusterCASHA256 !== lastRotation.newCA) return found;
  return isOpen(verification.rows, now - completedAt) ? found : undefined;
}

/** True while a rotation that the object asks for waits or runs, so that what is there before it has to be noted. */
export function isAhead({ object, frozen, deletion }: RotationIntent): boolean {
  return object.spec.mode === 'Rotate' && !frozen && !deletion && object.status?.phase === 'Preflight';
}
