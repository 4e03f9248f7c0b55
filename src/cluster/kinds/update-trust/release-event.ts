import { subjectsSpelledOut } from '../../../api/spelled-out.ts';
import { CERTIFICATE_LIMIT } from '../../../api/names.ts';
import type { Release, RetainedCertificate } from '../../model/decision.ts';
import { trustsOf } from '../../model/intent.ts';
import type { TrustEvent } from '../../model/trust-event.ts';
import type { StayingCertificate } from '../../model/trust.ts';

/** The event of a released object about its certificates. It claims only what is known to have happened. */
export function releaseEvent({ intent, why, stays }: Release): TrustEvent {
  const retained = (type: TrustEvent['type'], message: string): TrustEvent => ({ type, reason: 'Retained', message });
  const released = (message: string): TrustEvent => ({ type: 'Normal', reason: 'Released', message });
  if (why === 'ClusterGone')
    return {
      type: 'Warning',
      reason: 'ClusterGone',
      message:
        'The cluster no longer exists: two reads did not find it, and its resource group is readable. Nothing is left to clean up.',
    };
  if (!stays)
    return released(
      "The cluster's list was never read for this object, so nothing is known of its certificates there.",
    );
  if (stays.length === 0) {
    const [trust] = trustsOf([intent]);
    const was = trust?.object.status?.certificates?.some(({ state }) => IN_LIST.has(state)) ?? false;
    return why === 'Removed' && was
      ? {
          type: 'Normal',
          reason: 'Removed',
          message: "The certificates of the object were removed from the cluster's list.",
        }
      : released("None of the certificates of the object is in the cluster's list.");
  }
  switch (why) {
    case 'Retained':
      return retained('Normal', `${staying(stays)} Certificates that no other object names are unmanaged now.`);
    case 'SuspendedRetained':
      return retained('Warning', `A suspended object causes no change. ${staying(stays)}`);
    case 'NotAllowedRetained':
      return retained(
        'Warning',
        `The policy of the controller does not allow this object to name the cluster, so nothing was changed for it. ${staying(stays)}`,
      );
    case 'Removed':
      return retained(
        'Warning',
        `${staying(stays)} ${[...new Set(stays.map(({ because }) => WHY[because]))].join(' ')}`,
      );
  }
}

/** The event of an object that dropped certificates which stay in the cluster. */
export function retainedEvent({ certificates }: RetainedCertificate): TrustEvent {
  const message = `${staying(certificates)} ${WHY.NotOurs}`;
  return { type: 'Warning', reason: 'Retained', message };
}

const IN_LIST: ReadonlySet<string> = new Set(['Trusted', 'Adopted', 'Applying', 'Removing']);

const WHY: Readonly<Record<StayingCertificate['because'], string>> = {
  NamedByOthers: 'Other objects still name some of these certificates.',
  NotOurs:
    'Certificates that were in the cluster before any object named them stay, unless the object sets spec.adopt to true and the policy of the controller allows that.',
};

function staying(certificates: readonly { readonly subject: string }[]): string {
  const subjects = subjectsSpelledOut(
    certificates.map(({ subject }) => subject),
    CERTIFICATE_LIMIT,
  );
  const verb = certificates.length === 1 ? '1 certificate stays' : `${certificates.length} certificates stay`;
  return `${verb} in the cluster's list: ${subjects}.`;
}
