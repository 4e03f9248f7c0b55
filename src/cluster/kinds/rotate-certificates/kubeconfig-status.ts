import type { Condition, ConditionValue } from '../../../api/conditions.ts';
import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import type { KubeconfigReport } from '../../model/follow-up.ts';
import type { RotationIntent } from '../../model/rotation.ts';
import { timestamp, wholeSeconds } from '../../model/record.ts';

type KubeconfigStatus = NonNullable<CertificateRotationStatus['kubeconfig']>;

/** What a status says of the Secret that the object asks for. Both are undefined where it asks for none. */
export interface SecretStatus {
  readonly kubeconfig?: KubeconfigStatus;
  readonly condition?: ConditionValue;
}

/** @param report of the step of this reconcile; undefined where none was taken, and the status stays as it is */
export function secretStatus(
  { object }: RotationIntent,
  report: KubeconfigReport | undefined,
  now: number,
): SecretStatus {
  const wanted = object.spec.kubeconfig;
  if (!wanted) return {};
  const { secretName, key = 'value' } = wanted;
  const { kubeconfig: before, conditions } = object.status ?? {};
  const known = before?.secretName === secretName && before.key === key ? before : undefined;
  if (!report) {
    const condition = previousOf(conditions) ?? NOT_COMPARED;
    return known ? { kubeconfig: known, condition } : { condition };
  }
  const { outcome, content } = report;
  if (outcome.kind === 'Refused') {
    const condition: ConditionValue = { status: 'False', reason: outcome.reason, message: outcome.message };
    return known ? { kubeconfig: known, condition } : { condition };
  }
  const writtenAt = outcome.kind === 'Written' ? wholeSeconds(timestamp(now)) : known?.writtenAt;
  const kubeconfig: KubeconfigStatus = {
    secretName,
    key,
    ...(content ? { signIn: content.signIn } : {}),
    ...(content?.clusterCA === undefined ? {} : { clusterCASHA256: content.clusterCA }),
    ...(content?.clientNotAfter === undefined ? {} : { clientNotAfter: content.clientNotAfter }),
    ...(writtenAt === undefined ? {} : { writtenAt }),
  };
  const message = `Secret ${secretName} has the kubeconfig that ARM returns for the cluster, and the API server accepts it.`;
  return { kubeconfig, condition: { status: 'True', reason: 'Written', message } };
}

const NOT_COMPARED: ConditionValue = {
  status: 'Unknown',
  reason: 'NotWritten',
  message: 'The Secret of spec.kubeconfig was not compared with the kubeconfig from ARM yet.',
};

function previousOf(conditions: readonly Condition[] | undefined): ConditionValue | undefined {
  return conditions?.find(({ type }) => type === 'KubeconfigWritten');
}
