import type { Condition, ConditionValue, ConditionValues } from '../../../api/conditions.ts';
import { sentences } from '../../../api/sentences.ts';
import type { Judgement } from '../../../cluster-certificates/judgement.ts';
import type { RotationIntent } from '../../model/rotation.ts';
import type { ReportInput } from '../../operation/kind.ts';
import { isStalled } from '../../operation/patience.ts';
import { healthCondition } from './health.ts';
import { announcementOf } from './rotation-events.ts';
import type { RotationPart } from './rotation-status.ts';

/** What the conditions of an object follow from. */
export type ConditionsInput = Pick<ReportInput, 'observation' | 'decision' | 'record' | 'now' | 'stalledAfter'> & {
  readonly intent: RotationIntent;
};

/** The conditions of an object that is not suspended; `secret` is KubeconfigWritten, where it asks for a Secret. */
export function conditionsOf(
  judged: Judgement,
  rotation: RotationPart,
  secret: ConditionValue | undefined,
  input: ConditionsInput,
): ConditionValues {
  const health = healthCondition(judged);
  const ready = readyCondition(health, rotation, secret, input);
  const stalled = ready.status === 'False' && isStalled(ready, input.intent.object.status?.conditions, input);
  const { reason, message } = ready;
  return {
    CertificatesHealthy: health,
    PreflightPassed: rotation.checked,
    RotationSucceeded: rotation.condition,
    KubeconfigWritten: secret,
    Reconciling: ready.status !== 'True' && !stalled ? { status: 'True', reason, message } : undefined,
    Stalled: stalled ? { status: 'True', reason, message } : undefined,
    Ready: ready,
  };
}

/** The conditions of a suspended object: what it said of the certificates and of rotations stays. */
export function suspendedConditions({ object }: RotationIntent): ConditionValues {
  const before = (type: string) => object.status?.conditions?.find((one) => one.type === type);
  const secret = object.spec.kubeconfig && before('KubeconfigWritten');
  const { status, reason, message } =
    before('CertificatesHealthy') ?? healthCondition({ certificates: [], autoRotation: [] });
  return {
    CertificatesHealthy: { status, reason, message },
    PreflightPassed: valueOf(before('PreflightPassed')),
    RotationSucceeded: valueOf(before('RotationSucceeded')),
    KubeconfigWritten: secret,
    Suspended: SUSPENDED,
    Ready: { ...SUSPENDED, status: before('Ready')?.status ?? 'Unknown' },
  };
}

function valueOf(before: Condition | undefined): ConditionValue | undefined {
  return before && { status: before.status, reason: before.reason, message: before.message };
}

const SUSPENDED: ConditionValue = {
  status: 'True',
  reason: 'Suspended',
  message:
    'The object is suspended (spec.suspend): the certificates are not watched, and the status stays as it is. Set spec.suspend to false to continue.',
};

/**
 * `Ready` is True while the certificates are watched, also when one of them needs an action: GitOps tools wait for Ready, and no edit
 * of the object helps. The reason and the message say it all the same. It is False while a rotation that the object asks for is not
 * complete, and while the Secret that it asks for cannot be written.
 */
function readyCondition(
  health: ConditionValue,
  rotation: RotationPart,
  secret: ConditionValue | undefined,
  { observation, decision }: ConditionsInput,
): ConditionValue {
  const { hold } = decision.outlook;
  if (!observation.arm.ok || observation.recordConflict) {
    const { reason, message } = hold ?? { reason: 'Unreachable', message: 'The cluster could not be read.' };
    return { status: 'False', reason, message: sentences(message, UNREAD) };
  }
  if (rotation.hold) return { status: 'False', reason: rotation.hold.reason, message: rotation.hold.message };
  if (secret?.status === 'False') return secret;
  const announced = rotation.phase === 'Noticed' && rotation.nextRotation ? announcementOf(rotation.nextRotation) : '';
  switch (health.reason) {
    case 'NotReadYet':
      return health;
    case 'Healthy':
      return { ...health, reason: 'Watched', message: sentences(health.message, announced) };
    default: {
      const message = sentences(`The certificates are watched. ${health.message}`, announced);
      return { status: 'True', reason: health.reason, message };
    }
  }
}

const UNREAD = 'The certificates are not read meanwhile, and those that are known count by their dates.';
