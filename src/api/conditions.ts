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

/** The types of the conditions of a CustomCATrust. */
export const CONDITION_TYPES = [
  'CertificatesValid',
  'WithinCertificateLimit',
  'Applied',
  'NodesReimaged',
  'NodesTrust',
  'FullyCovered',
  'Reconciling',
  'Stalled',
  'Suspended',
  'Ready',
] as const;

/** The types of the conditions of a CertificateRotation. */
export const ROTATION_CONDITION_TYPES = [
  'CertificatesHealthy',
  'PreflightPassed',
  'RotationSucceeded',
  'OldCertificatesRejected',
  'KubeconfigWritten',
  'Reconciling',
  'Stalled',
  'Suspended',
  'Ready',
] as const;

export type ConditionType = (typeof CONDITION_TYPES | typeof ROTATION_CONDITION_TYPES)[number];

/** The next values of an object's conditions; of a type without a value, the object has no condition. */
export type ConditionValues = Partial<Record<ConditionType, ConditionValue | undefined>>;

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
  | 'WaitingForWindow'
  | 'InvalidWindow'
  | 'CertificateRejected'
  | 'UpdateFailed'
  | 'UpdateCanceled'
  | 'RotationNotAllowed'
  | 'ConflictingObjects'
  | 'RequestExpired'
  | 'RequestedLater'
  | 'BeforeExpiryTooLong'
  | 'RotationBroughtNothing'
  | 'PreflightFailed'
  | 'RotationSlow'
  | 'RotationHangs'
  | 'RotationFailed'
  | 'RotationCanceled'
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

/** The new value of a condition, before it is compared with the stored condition. */
export interface ConditionValue {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/**
 * Next conditions from the previous ones: `lastTransitionTime` changes only with `status`; an undefined value removes the
 * condition. Conditions that are not in `values` are dropped.
 */
export function nextConditions(
  previous: readonly Condition[] | undefined,
  values: Readonly<Record<string, ConditionValue | undefined>>,
  now: number,
  observedGeneration?: number,
): Condition[] {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return Object.entries(values).flatMap(([type, value]) => {
    if (!value) return [];
    const before = previous?.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === value.status ? before.lastTransitionTime : time;
    const { status, reason } = value;
    const message = withCapital(value.message);
    return [
      {
        type,
        status,
        reason,
        // The API server replaces half of a surrogate pair. The message would differ from the stored one for ever.
        message: message.slice(0, 32_768).toWellFormed(),
        lastTransitionTime,
        ...(observedGeneration === undefined ? {} : { observedGeneration }),
      },
    ];
  });
}
