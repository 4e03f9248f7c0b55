import type { AppliedReason } from '../api/conditions.ts';
import type { ArmAnswer } from './arm-answer.ts';
import { codeWithoutBody } from './error-body.ts';
import {
  chooseApiVersion,
  exemptFromPolicy,
  forbiddenFix,
  grantLinkedRight,
  grantRight,
  liftDenyAssignment,
  liftLock,
  refusedWriteFix,
} from './fixes.ts';
import {
  missingResource,
  namesAnotherOperation,
  namesCustomCertificates,
  saysAnotherOperation,
  saysApiVersionUnavailable,
  saysClusterCertificatesExpired,
  saysDeletionIssued,
  saysDisruptionPolicy,
  saysDisruptionWindow,
  saysLocked,
  saysPolicy,
  saysRegionIsClosed,
  saysStopped,
  saysTooManyRequests,
} from './refusal-words.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** How an answer of ARM other than success is handled. */
export interface ArmFailure extends ArmAnswer {
  /** `Conflict`: the cluster changed between read and write; read again and decide again. */
  readonly reason: AppliedReason | 'Conflict';
  /** True: it does not end by waiting alone. */
  readonly stalled: boolean;
  /** First and longest wait before the next attempt. A Retry-After is never undercut. */
  readonly backoff: { readonly fromMs: number; readonly toMs: number };
  /** True: the request certainly changed nothing. False for a lost answer. */
  readonly refused: boolean;
  /** The action that a person can take, in whole sentences; empty where none is needed. */
  readonly fix: string;
  /** Calls of this cluster or subscription pause until the Retry-After is over. */
  readonly quiet?: 'Cluster' | 'Subscription';
}

/** Code of a write that the controller did not send: it was ready to leave when the cluster had been read too long ago. */
export const READ_TOO_OLD = 'ReadTooOld';

interface Row {
  readonly name: string;
  readonly matches: (answer: ArmAnswer, code: string, call: ArmCall, resourceId?: string) => boolean;
  readonly reason: ArmFailure['reason'];
  readonly stalled?: true;
  readonly backoff: readonly [fromMs: number, toMs: number];
  readonly ambiguous?: true;
  readonly quiet?: ArmFailure['quiet'];
  readonly fix?: (answer: ArmAnswer, resourceId?: string) => string;
}

export type ArmCall =
  | 'GetManagedCluster'
  | 'PutManagedCluster'
  | 'RotateClusterCertificates'
  | 'ListManagedClusters'
  | 'ListManagedClustersByResourceGroup'
  | 'GetResourceGroup'
  | 'GetOperation'
  | 'GetMaintenanceConfiguration'
  | 'ListPermissions'
  | 'ListLocks'
  | 'ListKubernetesVersions'
  | 'ListClusterUserCredential';

/** The first row that matches decides, so their order matters. Sources: ARM's and AKS' error references. */
export const FAILURES: readonly Row[] = [
  {
    name: 'the eTag moved on',
    matches: ({ status }, code) =>
      status === 412 || code === 'etagmismatch' || code === 'originaletagnotexpect' || code === 'preconditionfailed',
    reason: 'Conflict',
    backoff: [0, 5 * MINUTE],
  },
  {
    name: 'throttled',
    matches: ({ status, retryAfterMs }) => status === 429 || (status === 503 && retryAfterMs !== undefined),
    reason: 'Throttled',
    backoff: [30 * SECOND, 5 * MINUTE],
    quiet: 'Cluster',
  },
  {
    // A proxy or a gateway answered; it is unknown whether the request reached ARM.
    name: 'a refusal that does not come from ARM',
    matches: ({ status }, code) =>
      status >= 400 && status < 500 && status !== 412 && code === codeWithoutBody(status).toLowerCase(),
    reason: 'Unreachable',
    backoff: [SECOND, 5 * MINUTE],
    ambiguous: true,
  },
  {
    name: 'a service behind AKS is throttled',
    matches: (answer, _code, call) => isWrite(call) && isRefusal(answer) && saysTooManyRequests(answer),
    reason: 'Throttled',
    backoff: [MINUTE, 5 * MINUTE],
  },
  {
    name: 'outside the node disruption window',
    matches: (answer) => isRefusal(answer) && saysDisruptionWindow(answer),
    reason: 'WaitingForMaintenanceWindow',
    backoff: [15 * MINUTE, HOUR],
  },
  {
    name: 'a node disruption policy blocks it',
    matches: (answer) => isRefusal(answer) && saysDisruptionPolicy(answer),
    reason: 'BlockedByNodeDisruptionPolicy',
    stalled: true,
    backoff: [HOUR, HOUR],
    fix: () =>
      'Set nodeDisruptionProfile.nodeDisruptionPolicy of the cluster to Allow or AllowDuringMaintenanceWindow.',
  },
  {
    name: 'the api-version is not served',
    matches: (answer) => isRefusal(answer) && saysApiVersionUnavailable(answer),
    reason: 'ApiVersionUnavailable',
    stalled: true,
    backoff: [HOUR, HOUR],
    fix: chooseApiVersion,
  },
  {
    name: 'the certificates are refused',
    matches: (answer, _code, call) =>
      call === 'PutManagedCluster' && answer.status === 400 && namesCustomCertificates(answer),
    reason: 'CertificateRejected',
    stalled: true,
    backoff: [HOUR, HOUR],
    fix: () => 'Correct or remove the certificates that were sent.',
  },
  {
    // Azure/AKS#3404
    name: "the cluster's own certificates are expired",
    matches: (answer, _code, call) =>
      call === 'PutManagedCluster' && answer.status === 400 && saysClusterCertificatesExpired(answer),
    reason: 'ClusterCertificatesExpired',
    stalled: true,
    backoff: [HOUR, HOUR],
    fix: () =>
      'Rotate the certificates of the cluster (az aks rotate-certs, or a CertificateRotation with mode Rotate). This recreates its nodes, and the API server is unavailable meanwhile.',
  },
  {
    name: 'a lock refuses writes',
    matches: (answer) => isRefusal(answer) && saysLocked(answer),
    reason: 'ScopeLocked',
    stalled: true,
    backoff: [30 * MINUTE, 30 * MINUTE],
    fix: liftLock,
  },
  {
    name: 'a policy refuses it',
    matches: (answer) => isRefusal(answer) && saysPolicy(answer),
    reason: 'DisallowedByPolicy',
    stalled: true,
    backoff: [HOUR, HOUR],
    fix: exemptFromPolicy,
  },
  {
    // learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-region-access-policy
    name: 'the region is not open to the subscription',
    matches: (answer) => isRefusal(answer) && saysRegionIsClosed(answer),
    reason: 'DisallowedByPolicy',
    stalled: true,
    backoff: [HOUR, HOUR],
    fix: () =>
      'Azure does not allow this subscription to deploy in the region of the cluster, and no role changes that. Ask Azure support to open the region to the subscription, or exclude this cluster.',
  },
  {
    name: 'a deny assignment refuses it',
    matches: (_answer, code) => code === 'denyassignmentauthorizationfailed',
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    fix: liftDenyAssignment,
  },
  {
    name: 'the cluster is stopped',
    matches: (answer, _code, call) => isWrite(call) && isRefusal(answer) && saysStopped(answer),
    reason: 'ClusterStopped',
    backoff: [10 * MINUTE, 10 * MINUTE],
    fix: () => 'Start it (az aks start) to go on.',
  },
  {
    // Azure/AKS#3404
    name: 'the cluster whose certificates shall be rotated is being deleted',
    matches: (answer, _code, call) =>
      call === 'RotateClusterCertificates' && isRefusal(answer) && saysDeletionIssued(answer),
    reason: 'UpdateFailed',
    stalled: true,
    backoff: [HOUR, HOUR],
    fix: () => 'The cluster is being deleted, so its certificates are not rotated any more. Delete the object as well.',
  },
  {
    name: 'another operation runs',
    matches: (answer, _code, call) =>
      (answer.status === 409 && call !== 'GetResourceGroup' && saysAnotherOperation(answer)) ||
      (isRefusal(answer) && namesAnotherOperation(answer)),
    reason: 'ClusterBusy',
    backoff: [30 * SECOND, 5 * MINUTE],
  },
  {
    name: 'a right to a resource that the cluster names is missing',
    matches: (_answer, code) => code === 'linkedauthorizationfailed',
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    fix: grantLinkedRight,
  },
  {
    name: 'signing in is refused',
    matches: ({ status }, code) => status === 401 || code === 'notoken',
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    fix: () => "Check the controller's credentials: tenant, client id, and the secret or federated credential.",
  },
  {
    name: 'access to the cluster is missing',
    matches: ({ status }, code) => status === 403 && code.includes('authorizationfailed'),
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    fix: grantRight,
  },
  {
    name: 'the cluster does not exist',
    matches: (answer, code, call, resourceId) =>
      answer.status === 404 &&
      code === 'resourcenotfound' &&
      call !== 'GetResourceGroup' &&
      isAboutCluster(answer, resourceId),
    reason: 'ClusterNotFound',
    backoff: [MINUTE, 10 * MINUTE],
    fix: () =>
      'Create the cluster. If the resource id is wrong, delete the object and create another with the right one: spec.target.resourceId cannot be changed.',
  },
  {
    name: 'the subscription or the group cannot be seen',
    matches: (answer, code) =>
      isRefusal(answer) &&
      (code === 'subscriptionnotfound' || code === 'invalidsubscriptionid' || code === 'resourcegroupnotfound'),
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    fix: () =>
      'Either it does not exist or the controller may not read it: check the resource id and the role assignments.',
  },
  {
    name: 'the subscription does not have the resource provider',
    matches: (answer, code, call) =>
      isRefusal(answer) && !isWrite(call) && /^(?:missingsubscription|subscriptionnot)regist/.test(code),
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    fix: refusedWriteFix,
  },
  {
    name: 'any other 403',
    matches: ({ status }) => status === 403,
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    fix: forbiddenFix,
  },
  {
    name: 'the request timed out at the server, or was too early',
    matches: ({ status }) => status === 408 || status === 425,
    reason: 'Unreachable',
    backoff: [SECOND, 5 * MINUTE],
    ambiguous: true,
  },
  {
    // learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad
    name: 'no kubeconfig is handed out, because local accounts are off and Entra is not on',
    matches: ({ message }, _code, call) =>
      call === 'ListClusterUserCredential' && /disable local accounts/i.test(message),
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    fix: () =>
      'Turn Microsoft Entra ID on for the cluster (az aks update --enable-aad), or name a kubeconfig in spec.target.nodeAccess.kubeconfigSecretRef.',
  },
  {
    // Another refusal costs nothing; an hour of waiting would delay the change.
    name: 'a conflict without an explanation',
    matches: ({ status, message }, code, call) =>
      status === 409 && isWrite(call) && code !== 'operationnotallowed' && !/\bquota\b/i.test(message),
    reason: 'UpdateFailed',
    backoff: [MINUTE, HOUR],
    fix: refusedWriteFix,
  },
  {
    name: 'any other refusal of a write',
    matches: (answer, _code, call) => isRefusal(answer) && isWrite(call),
    reason: 'UpdateFailed',
    stalled: true,
    backoff: [HOUR, HOUR],
    fix: (answer) =>
      `${refusedWriteFix(answer)} Then edit the object, or annotate it with aks-ca-trust.dev/reconcile-requested-at.`,
  },
  {
    name: 'no answer, a server error, or an answer that makes no sense',
    matches: () => true,
    reason: 'Unreachable',
    backoff: [SECOND, 5 * MINUTE],
    ambiguous: true,
  },
];

/**
 * Classifies an answer to a call. Codes are compared without case. `resourceId` is the cluster's id as the object spells it:
 * commands in a fix quote it, and the resource that ARM reports as missing is compared with it.
 */
export function classifyFailure(answer: ArmAnswer, call: ArmCall, resourceId?: string): ArmFailure {
  const code = answer.code.toLowerCase();
  const row = FAILURES.find(({ matches }) => matches(answer, code, call, resourceId));
  if (!row) throw new Error('the last row matches everything');
  // A server that answers 5xx may have acted on the request; one that answers 4xx has not.
  const ambiguous = row.ambiguous === true || answer.status >= 500;
  const quiet = row.quiet && isOfSubscription(answer) ? 'Subscription' : row.quiet;
  return {
    ...answer,
    reason: row.reason,
    stalled: row.stalled ?? false,
    backoff: { fromMs: row.backoff[0], toMs: row.backoff[1] },
    refused: !ambiguous,
    fix: row.fix?.(answer, resourceId) ?? '',
    ...(quiet ? { quiet } : {}),
  };
}

/** True where ARM itself says that the right to the call is missing. A 403 of a proxy or a gateway does not say that. */
export function isRightMissing({ status, reason }: Pick<ArmFailure, 'status' | 'reason'>): boolean {
  return status === 403 && reason === 'AccessDenied';
}

/** True for a call that changes a cluster. */
function isWrite(call: ArmCall): boolean {
  return call === 'PutManagedCluster' || call === 'RotateClusterCertificates';
}

function isRefusal({ status }: ArmAnswer): boolean {
  return status >= 400 && status < 500;
}

/** ARM counts by subscription, AKS by cluster or by its own buckets of a subscription. */
function isOfSubscription({ code, message }: ArmAnswer): boolean {
  return /subscription/i.test(code) || /\brequests\b.{0,40}\bfor (?:this )?subscription\b/i.test(message);
}

/** False where a 404 names anything but the cluster. */
function isAboutCluster(answer: ArmAnswer, resourceId: string | undefined): boolean {
  const missing = missingResource(answer);
  if (!missing) return true;
  if (missing.type !== 'microsoft.containerservice/managedclusters') return false;
  const [, group, name] = /\/resourcegroups\/([^/]+)\/.*\/([^/]+)$/i.exec(resourceId?.toLowerCase() ?? '') ?? [];
  return (name === undefined || name === missing.name) && (!group || !missing.group || group === missing.group);
}
