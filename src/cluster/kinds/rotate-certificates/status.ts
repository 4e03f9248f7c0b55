import { nextConditions } from '../../../api/conditions.ts';
import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import { reconcileRequestOf } from '../../../api/names.ts';
import { recordName } from '../../../api/resource-id.ts';
import { turningPoints } from '../../../cluster-certificates/health.ts';
import { judge } from '../../../cluster-certificates/judge.ts';
import type { Judgement } from '../../../cluster-certificates/judgement.ts';
import type { ProofReport } from '../../model/follow-up.ts';
import type { RotationIntent } from '../../model/rotation.ts';
import type { ReportInput } from '../../operation/kind.ts';
import { conditionsOf, suspendedConditions } from './conditions.ts';
import { consumersOf } from './consumers.ts';
import { secretStatus } from './kubeconfig-status.ts';
import { notAllowedStatus } from './not-allowed-status.ts';
import { oldCertificatesRejected } from './verification.ts';
import { rotationPart, type RotationPart } from './rotation-status.ts';

/** The whole status of one object. What could not be read keeps its last value. */
export function statusOf(input: ReportInput & { readonly intent: RotationIntent }): CertificateRotationStatus {
  const { intent, observation, followUps, now } = input;
  if (intent.frozen === 'NotAllowed') return notAllowedStatus(intent, now);
  const previous: CertificateRotationStatus = intent.object.status ?? {};
  const { generation } = intent.object.metadata;
  const request = reconcileRequestOf(intent.object);
  const before = judgementOf(previous);
  const isSuspended = intent.frozen === 'Suspended';
  const judged = isSuspended ? before : judge(followUps?.certificates?.get(intent.name)?.evidence, before, now);
  const report = isSuspended ? undefined : followUps?.kubeconfigs?.get(intent.name);
  const secret = secretStatus(intent, report, now);
  const rotation = isSuspended ? shownBefore(previous) : rotationPart(input);
  const consumers = isSuspended ? previous.consumers : consumersOf(intent, followUps?.consumers?.get(intent.name));
  const verification = verificationOf(followUps?.proof?.get(intent.name), previous, rotation);
  const conditions = {
    ...(isSuspended ? suspendedConditions(intent) : conditionsOf(judged, rotation, secret.condition, input)),
    OldCertificatesRejected: verification && oldCertificatesRejected(verification.rows),
  };
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(request === undefined ? {} : { lastHandledReconcileAt: request }),
    cluster: { name: observation.id.name, record: recordName(observation.id) },
    ...(rotation.phase ? { phase: rotation.phase } : {}),
    ...(rotation.preflight ? { preflight: [...rotation.preflight] } : {}),
    ...(rotation.lastRotation ? { lastRotation: rotation.lastRotation } : {}),
    ...(rotation.nextRotation ? { nextRotation: rotation.nextRotation } : {}),
    conditions: nextConditions(previous.conditions, conditions, now, generation),
    certificates: [...judged.certificates],
    autoRotation: [...judged.autoRotation],
    ...(verification ? { verification } : {}),
    ...(consumers ? { consumers } : {}),
    ...(secret.kubeconfig ? { kubeconfig: secret.kubeconfig } : {}),
    ...(judged.earliestNotAfter === undefined ? {} : { earliestNotAfter: judged.earliestNotAfter }),
  };
}

/** What was checked after the last rotation: nothing yet after another one. */
function verificationOf(
  report: ProofReport | undefined,
  { verification: before }: CertificateRotationStatus,
  { lastRotation }: RotationPart,
): CertificateRotationStatus['verification'] {
  const next = report?.verification ?? before;
  return next?.clusterCASHA256 === lastRotation?.newCA ? next : undefined;
}

/** The next time, in ms, at which a row changes by its dates alone. Undefined when none will. */
export function nextTurn(intents: readonly RotationIntent[], now: number): number | undefined {
  const watched = intents.filter(({ frozen }) => frozen !== 'Suspended' && frozen !== 'NotAllowed');
  const times = watched.flatMap(({ object: { status } }) => (status?.certificates ?? []).flatMap(turningPoints));
  const coming = times.filter((time) => time > now);
  return coming.length > 0 ? Math.min(...coming) : undefined;
}

/** Rotations as they stood before the object was suspended. An announcement is taken back. */
function shownBefore({ phase, preflight, lastRotation }: CertificateRotationStatus): RotationPart {
  return {
    ...(phase ? { phase: phase === 'Noticed' ? 'Idle' : phase } : {}),
    ...(preflight ? { preflight } : {}),
    ...(lastRotation ? { lastRotation } : {}),
  };
}

function judgementOf({ certificates = [], autoRotation = [], earliestNotAfter }: CertificateRotationStatus): Judgement {
  return { certificates, autoRotation, ...(earliestNotAfter === undefined ? {} : { earliestNotAfter }) };
}
