import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import type { Decision } from '../../model/decision.ts';
import { mayRotate, type RotationIntent } from '../../model/rotation.ts';
import { isOpen } from './verification.ts';

/** The rotation of this controller that has to be verified, as the status of an object has it. */
export interface ToVerify {
  /** SHA-256 of the cluster CA that it replaced, and of the one that it brought. */
  readonly oldCA: string;
  readonly newCA: string;
  /** ms. */
  readonly completedAt: number;
}

/** The rotation whose verification is open; undefined where there is none. It follows from the status, so that a restart loses nothing. */
export function toVerify(intent: RotationIntent, now: number): ToVerify | undefined {
  // What is verified names namespaces and workloads of the whole cluster.
  if (!mayRotate(intent)) return undefined;
  const { lastRotation, verification }: CertificateRotationStatus = intent.object.status ?? {};
  if (lastRotation?.startedBy !== 'ThisController' || lastRotation.newCA === undefined) return undefined;
  if (lastRotation.completedAt === undefined) return undefined;
  const completedAt = Date.parse(lastRotation.completedAt);
  const found = { oldCA: lastRotation.oldCA, newCA: lastRotation.newCA, completedAt };
  if (verification?.clusterCASHA256 !== lastRotation.newCA) return found;
  return isOpen(verification.rows, now - completedAt) ? found : undefined;
}

/** True while a rotation is due and held, so that what is there before it has to be noted. Its checks hold it once at least. */
export function isAhead({ outlook }: Pick<Decision, 'outlook'>): boolean {
  return outlook.changeHolds?.has('RotateCertificates') === true;
}
