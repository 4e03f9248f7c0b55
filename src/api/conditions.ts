import { withCapital } from './sentences.ts';

/** A condition as Kubernetes and kstatus know it. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  lastTransitionTime: string;
  observedGeneration?: number;
}

export type ConditionType =
  | 'CertificatesValid'
  | 'WithinCertificateLimit'
  | 'Applied'
  | 'NodesReimaged'
  | 'NodesTrust'
  | 'FullyCovered'
  | 'Reconciling'
  | 'Stalled'
  | 'Suspended'
  | 'Ready';

/** Why `Applied` is not True. */
export type AppliedReason =
  | 'Settling'
  | 'Updating'
  | 'ClusterBusy'
  | 'ClusterFailed'
  | 'ClusterStopped'
  | 'ClusterNotFound'
  | 'Suspended'
  | 'Held'
  | 'Contended'
  | 'Throttled'
  | 'AccessDenied'
  | 'ScopeLocked'
  | 'DisallowedByPolicy'
  | 'BlockedByNodeDisruptionPolicy'
  | 'WaitingForMaintenanceWindow'
  | 'CertificateRejected'
  | 'UpdateFailed'
  | 'UpdateCanceled'
  | 'ClusterCertificatesExpired'
  | 'ApiVersionUnavailable'
  | 'TargetNotAllowed'
  | 'WouldRemoveAll'
  | 'WaitingForOthers'
  | 'Unreachable'
  | 'NodesUnreadable'
  | 'ReadsTooSlow'
  | 'NotKept'
  | 'RecordConflict';

/** What a condition says, before it is compared with what it said so far. */
export interface ConditionValue {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/**
 * Next conditions from the previous ones: `lastTransitionTime` moves only with `status`; an undefined finding takes the
 * condition away. Conditions that are not in `findings` are dropped.
 */
export function nextConditions(
  previous: readonly Condition[] | undefined,
  findings: Readonly<Record<string, ConditionValue | undefined>>,
  now: number,
  observedGeneration?: number,
): Condition[] {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return Object.entries(findings).flatMap(([type, finding]) => {
    if (!finding) return [];
    const before = previous?.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : time;
    const { status, reason } = finding;
    const message = withCapital(finding.message);
    return [
      {
        type,
        status,
        reason,
        message: message.slice(0, 32_768),
        lastTransitionTime,
        ...(observedGeneration === undefined ? {} : { observedGeneration }),
      },
    ];
  });
}
