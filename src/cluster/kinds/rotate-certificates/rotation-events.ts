import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import type { Decision } from '../../model/decision.ts';
import type { RecordStatus } from '../../model/record.ts';
import { rotationsOf, type RotationIntent } from '../../model/rotation.ts';
import type { Intent } from '../../model/intent.ts';
import type { TrustEvent } from '../../model/trust-event.ts';

/** The event for each object whose rotation ARM accepted; `record` is the record as written for it. */
export function rotationStarted(
  intents: readonly Intent[],
  { step }: Decision,
  record: RecordStatus,
): readonly (readonly [RotationIntent, TrustEvent])[] {
  if (step.kind !== 'Send' || !step.operation.rotateCertificates) return [];
  const { attempts, rotateCertificates } = step.operation;
  const { oldCA, reason: cause, requestedBy = [] } = rotateCertificates;
  const total = record.nodes?.total;
  const nodes = total === undefined ? 'every node' : total === 1 ? '1 node' : `${total} nodes`;
  const again = attempts > 1 ? ` This is attempt ${attempts}.` : '';
  const why = cause === 'Requested' ? '' : ` for spec.${cause === 'Every' ? 'every' : 'beforeExpiry'}`;
  const message = `ARM rotates the certificates of the cluster${why}, and replaces its CA ${oldCA}. AKS recreates ${nodes}, and the API server is unavailable meanwhile.${again}`;
  const event: TrustEvent = { type: 'Normal', reason: 'RotationStarted', message };
  return rotationsOf(intents)
    .filter(({ name }) => requestedBy.includes(name))
    .map((intent) => [intent, event] as const);
}

/** The event for a rotation that the policy of the object asks for, once when it is announced, and again when its time changes. */
export function rotationAnnounced(
  before: CertificateRotationStatus | undefined,
  after: CertificateRotationStatus,
): TrustEvent[] {
  const { phase, nextRotation: next } = after;
  if (phase !== 'Noticed' || next?.announcedAt === undefined) return [];
  const earlier = before?.nextRotation;
  if (earlier?.announcedAt === next.announcedAt && earlier.at === next.at) return [];
  return [{ type: 'Normal', reason: 'RotationAnnounced', message: announcementOf(next) }];
}

/** An announced rotation in whole sentences, with how to prevent it. */
export function announcementOf({ at, reason }: NonNullable<CertificateRotationStatus['nextRotation']>): string {
  const [field, why] =
    reason === 'Every'
      ? ['spec.every', 'the cluster CA reaches the age of spec.every']
      : ['spec.beforeExpiry', 'a certificate is about to expire (spec.beforeExpiry)'];
  return `A rotation of the certificates of the cluster is announced for ${at} or later, because ${why}. AKS recreates every node for it, the API server and all workloads may be unavailable for up to 30 minutes, and the present kubeconfigs do not work any more after it. To prevent it, suspend the object or edit ${field}.`;
}

/** The event for a rotation that the object asked for and that was completed; a reason for which it is not is an event of `Ready`. */
export function rotationCompleted(
  before: CertificateRotationStatus | undefined,
  after: CertificateRotationStatus,
): TrustEvent[] {
  const conditionOf = (status: CertificateRotationStatus | undefined) =>
    status?.conditions?.find(({ type }) => type === 'RotationSucceeded');
  const [previous, present] = [conditionOf(before), conditionOf(after)];
  if (present?.status !== 'True' || present.reason !== 'Rotated' || previous?.message === present.message) return [];
  return [{ type: 'Normal', reason: 'RotationCompleted', message: present.message }];
}
