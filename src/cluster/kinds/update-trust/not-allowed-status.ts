import { nextConditions, type ConditionValue } from '../../../api/conditions.ts';
import type { CustomCATrustStatus } from '../../../api/generated/customcatrusts.ts';
import { reconcileRequestOf } from '../../../api/names.ts';
import type { Decision } from '../../model/decision.ts';
import type { TrustIntent } from '../../model/intent.ts';
import { validCondition } from './conditions.ts';
import { ROW_LIMIT, rowsOf } from './certificate-rows.ts';

const MESSAGE =
  'The policy of the controller does not allow objects of this namespace to name this cluster. Nothing is read or changed for the object; certificates that it added to the cluster stay there. Ask for a rule in the policy file, or delete the object.';

const UNKNOWN: ConditionValue = { status: 'Unknown', reason: 'TargetNotAllowed', message: MESSAGE };
const REFUSED: ConditionValue = { status: 'False', reason: 'TargetNotAllowed', message: MESSAGE };
const STALLED: ConditionValue = { status: 'True', reason: 'TargetNotAllowed', message: MESSAGE };

/** The decision of a reconcile that read nothing of the cluster. */
const NOTHING_READ: Decision = {
  record: undefined,
  step: { kind: 'Observe' },
  releases: [],
  again: { afterMs: 0, jitter: false },
  outlook: { settled: false, nodesReimaged: UNKNOWN, fullyCovered: UNKNOWN, seenThrough: new Set() },
};

/** Status of an object that the policy does not allow. It shows the content of the object itself, and nothing of the cluster. */
export function notAllowedStatus(intent: TrustIntent, now: number): CustomCATrustStatus {
  const { status: previous, ...object } = intent.object;
  const { generation } = object.metadata;
  const request = reconcileRequestOf(object);
  const rows = rowsOf({ ...intent, object }, NOTHING_READ, {}, now);
  const wanted = rows.filter(({ state }) => state !== 'Duplicate').length;
  const earliest = rows.flatMap(({ notAfter }) => notAfter ?? []).sort()[0];
  const findings = {
    CertificatesValid: validCondition(intent),
    WithinCertificateLimit: UNKNOWN,
    Applied: REFUSED,
    NodesReimaged: UNKNOWN,
    FullyCovered: UNKNOWN,
    Stalled: STALLED,
    Ready: REFUSED,
  };
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(request === undefined ? {} : { lastHandledReconcileAt: request }),
    conditions: nextConditions(previous?.conditions, findings, now, generation),
    certificates: rows.slice(0, ROW_LIMIT),
    certificateCount: { wanted, trusted: 0, summary: `0/${wanted}` },
    ...(rows.length > ROW_LIMIT ? { certificatesNotShown: rows.length - ROW_LIMIT } : {}),
    ...(earliest === undefined ? {} : { earliestNotAfter: earliest }),
  };
}
