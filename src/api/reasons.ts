import type { AppliedReason } from './conditions.ts';

/** Reasons of conditions other than `Applied` that hold an object back. */
export type OtherReason =
  | 'Invalid'
  | 'PartiallyInvalid'
  | 'SourceNotFound'
  | 'SourceUnreadable'
  | 'LimitExceeded'
  | 'ChangeNotSent'
  | 'ReimageInProgress'
  | 'ReimageBlocked'
  | 'ReimageFailed'
  | 'NotTrusted'
  | 'NotProven'
  | 'NoNodeAccess'
  | 'PodsRefused'
  | 'TargetUnreachable'
  | 'NamespaceNotFound'
  | 'NotConfigured';

/** Reasons of `CertificatesHealthy`. They hold nothing back: a CertificateRotation is Ready while it watches, whatever it sees. */
export type HealthReason =
  'Expired' | 'Intercepted' | 'Late' | 'Expiring' | 'AutoRotationDisabled' | 'NotKnown' | 'NotReadYet';

/** Reasons for which the Secret of spec.kubeconfig is not written. */
export type KubeconfigReason =
  | 'KubeconfigNotAllowed'
  | 'KubeconfigUnreadable'
  | 'KubeconfigUnusable'
  | 'KubeconfigNotAccepted'
  | 'SecretNotOurs'
  | 'SecretNotWritten';

export type HoldingReason = AppliedReason | OtherReason | HealthReason | KubeconfigReason;

/** The actor who ends a reason, and its consequences. Conditions, events, exit codes and the docs are derived from it. */
export interface ReasonPolicy {
  /** `Person`: it stays until a person changes something. `Time`: it ends by itself. `Controller`: the controller is working on it. */
  readonly endedBy: 'Person' | 'Time' | 'Controller';
  /** Type of the event that reports it. */
  readonly severity: 'Normal' | 'Warning';
  /** When the object becomes Stalled: at once, after `--stalled-after`, or never. */
  readonly stalls: 'AtOnce' | 'AfterPatience' | 'Never';
}

const WAITS: ReasonPolicy = { endedBy: 'Time', severity: 'Normal', stalls: 'Never' };
const WORKS: ReasonPolicy = { endedBy: 'Controller', severity: 'Normal', stalls: 'Never' };
const CHOSEN: ReasonPolicy = { endedBy: 'Person', severity: 'Normal', stalls: 'Never' };
/** Retried, but only a person can make the next attempt succeed. */
const NEEDS_HELP: ReasonPolicy = { endedBy: 'Person', severity: 'Warning', stalls: 'AfterPatience' };
/** Waiting has no effect. */
const STUCK: ReasonPolicy = { endedBy: 'Person', severity: 'Warning', stalls: 'AtOnce' };
/** A person has to act, and nothing waits for it. */
const NOTICE: ReasonPolicy = { endedBy: 'Person', severity: 'Warning', stalls: 'Never' };
/** May end by itself, but a person should know of it. */
const SLOW: ReasonPolicy = { endedBy: 'Time', severity: 'Warning', stalls: 'AfterPatience' };

export const REASONS: Readonly<Record<HoldingReason, ReasonPolicy>> = {
  Settling: WAITS,
  Updating: WORKS,
  ClusterBusy: WAITS,
  Throttled: WAITS,
  WaitingForMaintenanceWindow: WAITS,
  WaitingForWindow: WAITS,
  WaitingForOthers: WAITS,
  Suspended: CHOSEN,
  ClusterFailed: NEEDS_HELP,
  ClusterStopped: NEEDS_HELP,
  ClusterNotFound: NEEDS_HELP,
  AccessDenied: NEEDS_HELP,
  UpdateFailed: NEEDS_HELP,
  NodesUnreadable: NEEDS_HELP,
  Unreachable: SLOW,
  ReadsTooSlow: SLOW,
  NotKept: STUCK,
  RecordConflict: STUCK,
  Held: STUCK,
  Contended: STUCK,
  ScopeLocked: STUCK,
  DisallowedByPolicy: STUCK,
  BlockedByNodeDisruptionPolicy: STUCK,
  CertificateRejected: STUCK,
  UpdateCanceled: STUCK,
  RotationNotAllowed: STUCK,
  ConflictingObjects: STUCK,
  RequestExpired: STUCK,
  RequestedLater: WAITS,
  BeforeExpiryTooLong: STUCK,
  RotationBroughtNothing: STUCK,
  PreflightFailed: NEEDS_HELP,
  RotationSlow: { endedBy: 'Controller', severity: 'Warning', stalls: 'Never' },
  RotationHangs: STUCK,
  // It is tried again by itself; the hold says when that is over.
  RotationFailed: { endedBy: 'Controller', severity: 'Warning', stalls: 'Never' },
  RotationCanceled: STUCK,
  ClusterCertificatesExpired: STUCK,
  ApiVersionUnavailable: STUCK,
  TargetNotAllowed: STUCK,
  WouldRemoveAll: STUCK,
  InvalidWindow: STUCK,
  Invalid: STUCK,
  PartiallyInvalid: NOTICE,
  SourceNotFound: NEEDS_HELP,
  SourceUnreadable: NEEDS_HELP,
  LimitExceeded: STUCK,
  ChangeNotSent: WAITS,
  ReimageInProgress: WORKS,
  // A refused eviction ends by itself when the pod's other replicas are ready.
  ReimageBlocked: { endedBy: 'Time', severity: 'Warning', stalls: 'Never' },
  ReimageFailed: NEEDS_HELP,
  NotTrusted: STUCK,
  NotProven: STUCK,
  NoNodeAccess: STUCK,
  PodsRefused: NEEDS_HELP,
  NamespaceNotFound: NEEDS_HELP,
  TargetUnreachable: SLOW,
  NotConfigured: STUCK,
  Expired: NOTICE,
  Intercepted: NOTICE,
  Late: NOTICE,
  Expiring: NOTICE,
  AutoRotationDisabled: NOTICE,
  NotKnown: CHOSEN,
  NotReadYet: WORKS,
  KubeconfigNotAllowed: NEEDS_HELP,
  KubeconfigUnreadable: NEEDS_HELP,
  KubeconfigUnusable: NEEDS_HELP,
  KubeconfigNotAccepted: NEEDS_HELP,
  SecretNotOurs: NEEDS_HELP,
  SecretNotWritten: NEEDS_HELP,
};

/** The policy of a reason; a reason that holds nothing back, such as `Verified`, needs no action. */
export function reasonPolicy(reason: string): ReasonPolicy {
  return Object.hasOwn(REASONS, reason) ? REASONS[reason as HoldingReason] : WORKS;
}
