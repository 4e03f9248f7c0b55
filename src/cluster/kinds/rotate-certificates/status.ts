import { nextConditions, type ConditionValue } from '../../../api/conditions.ts';
import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import { reconcileRequestOf } from '../../../api/names.ts';
import { recordName } from '../../../api/resource-id.ts';
import { judge } from '../../../cluster-certificates/judge.ts';
import type { RotationIntent } from '../../model/rotation.ts';
import type { ReportInput } from '../../operation/kind.ts';

/** The whole status of one object. */
export function statusOf({
  intent,
  observation,
  followUps,
  now,
}: ReportInput & { readonly intent: RotationIntent }): CertificateRotationStatus {
  const previous: CertificateRotationStatus = intent.object.status ?? {};
  const generation = intent.object.metadata.generation;
  const request = reconcileRequestOf(intent.object);
  const before = { certificates: previous.certificates ?? [], autoRotation: previous.autoRotation ?? [] };
  const judged = judge(followUps?.certificates?.get(intent.name)?.evidence, before, now);
  const ready: ConditionValue = { status: 'True', reason: 'Watched', message: 'The certificates are watched.' };
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(request === undefined ? {} : { lastHandledReconcileAt: request }),
    cluster: { name: observation.id.name, record: recordName(observation.id) },
    conditions: nextConditions(previous.conditions, { Ready: ready }, now, generation),
    certificates: [...judged.certificates],
    autoRotation: [...judged.autoRotation],
    ...(judged.earliestNotAfter === undefined ? {} : { earliestNotAfter: judged.earliestNotAfter }),
  };
}
