import { nextConditions, type ConditionValue } from '../../../api/conditions.ts';
import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import { reconcileRequestOf } from '../../../api/names.ts';
import type { RotationIntent } from '../../model/rotation.ts';

const MESSAGE =
  'The policy of the controller does not allow objects of this namespace to name this cluster, so nothing of it is read for the object. Ask for a rule in the policy file, or delete the object.';

const UNKNOWN: ConditionValue = { status: 'Unknown', reason: 'TargetNotAllowed', message: MESSAGE };
const REFUSED: ConditionValue = { status: 'False', reason: 'TargetNotAllowed', message: MESSAGE };
const STALLED: ConditionValue = { status: 'True', reason: 'TargetNotAllowed', message: MESSAGE };

/** Status of an object that the policy does not allow. What was read for it before is dropped: it may not see that any more. */
export function notAllowedStatus({ object }: RotationIntent, now: number): CertificateRotationStatus {
  const { generation } = object.metadata;
  const request = reconcileRequestOf(object);
  const findings = { CertificatesHealthy: UNKNOWN, Stalled: STALLED, Ready: REFUSED };
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(request === undefined ? {} : { lastHandledReconcileAt: request }),
    conditions: nextConditions(object.status?.conditions, findings, now, generation),
  };
}
