import type { ArmCall, ArmFailure } from '../../src/azure/failures.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const CLUSTER =
  '/subscriptions/8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod-weu';
const SUBNET =
  '/subscriptions/8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub/subnets/nodes';
const CLIENT =
  "The client 'a2cc6c1b-3c5b-4b6a-9b8f-0a1a5b1f6f10' with object id '5b1f6f10-3c5b-4b6a-9b8f-0a1aa2cc6c1b'";

/** One answer in ARM's or AKS' own words, and what is to become of it. */
export interface AnswerRow {
  /** Reads as "what becomes of …". */
  readonly what: string;
  /** The row of FAILURES that is to decide. */
  readonly row: string;
  readonly call?: ArmCall;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs?: number;
  readonly reason: ArmFailure['reason'];
  readonly stalled?: true;
  readonly backoff: readonly [fromMs: number, toMs: number];
  /** True where nobody can tell whether the request took effect. */
  readonly ambiguous?: true;
  readonly quiet?: ArmFailure['quiet'];
  /** What the mend has to name. */
  readonly mend?: readonly string[];
}

const CONFLICT = { reason: 'Conflict', backoff: [0, 5 * MINUTE] } as const;
const THROTTLED = { reason: 'Throttled', backoff: [30 * SECOND, 5 * MINUTE] } as const;
const BUSY = { reason: 'ClusterBusy', backoff: [30 * SECOND, 5 * MINUTE] } as const;
const LOCKED = { reason: 'ScopeLocked', stalled: true, backoff: [30 * MINUTE, 30 * MINUTE] } as const;
const DENIED = { reason: 'AccessDenied', backoff: [5 * MINUTE, 5 * MINUTE] } as const;
const UNREACHABLE = { reason: 'Unreachable', backoff: [SECOND, 5 * MINUTE], ambiguous: true } as const;
const FAILED = { reason: 'UpdateFailed', stalled: true, backoff: [HOUR, HOUR] } as const;

/** The rows of the failure table, with the wordings of learn.microsoft.com and of public bug reports. */
export const ANSWERS: readonly AnswerRow[] = [
  {
    what: 'a write that met an agent pool changed meanwhile',
    row: 'the eTag moved on',
    status: 409,
    code: 'EtagMismatch',
    message: 'Operation is not allowed: Another operation is in progress',
    ...CONFLICT,
  },
  {
    what: 'an If-Match that does not match, as documented',
    row: 'the eTag moved on',
    status: 412,
    code: 'PreConditionFailed',
    message: 'The ETag header does not match the ETag of the resource.',
    ...CONFLICT,
  },
  {
    what: 'an If-Match for a cluster that is gone',
    row: 'the eTag moved on',
    status: 412,
    code: 'PreconditionFailed',
    message:
      'Resource not found but ETag header is provided. If this is a request to create, please do not provide ETag.',
    ...CONFLICT,
  },
  {
    what: "an empty bucket of the cluster's PUTs",
    row: 'throttled',
    status: 429,
    code: 'Throttled',
    message:
      "The PutManagedClusterHandler.PUT request limit has been exceeded for SubID='8ecadfc9', please retry again in 60 seconds. For more information, please visit aka.ms/aks/throttling",
    retryAfterMs: 60 * SECOND,
    ...THROTTLED,
    quiet: 'Cluster',
  },
  {
    what: "an empty bucket of the subscription's reads",
    row: 'throttled',
    call: 'GetManagedCluster',
    status: 429,
    code: 'SubscriptionRequestsThrottled',
    message:
      "Number of requests for subscription '8ecadfc9' and operation 'GET/SUBSCRIPTIONS' exceeded the backend storage limit. Please try again after '6' seconds.",
    retryAfterMs: 6 * SECOND,
    ...THROTTLED,
    quiet: 'Subscription',
  },
  {
    what: 'a 429 without Retry-After and without a body that reads',
    row: 'throttled',
    status: 429,
    code: 'HTTP429',
    message: 'HTTP 429 with an HTML or XML page',
    ...THROTTLED,
    quiet: 'Cluster',
  },
  {
    what: 'a 503 that says when to come back',
    row: 'throttled',
    status: 503,
    code: 'ServerTimeout',
    message: 'The request for subscription could not be processed due to an excessive volume of traffic.',
    retryAfterMs: 17 * SECOND,
    ...THROTTLED,
    ambiguous: true,
    quiet: 'Cluster',
  },
  {
    what: "somebody's update in progress",
    row: 'another operation is in progress',
    status: 409,
    code: 'OperationNotAllowed',
    message:
      'Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details',
    ...BUSY,
  },
  {
    what: "a pool's update in progress",
    row: 'another operation is in progress',
    status: 409,
    code: 'OperationNotAllowed',
    message:
      'Operation is not allowed: Another operation (nodepool1 - Updating) is in progress, please wait for it to finish before starting a new operation.',
    ...BUSY,
  },
  {
    what: 'an operation preempted by another',
    row: 'preempted by another operation',
    status: 409,
    code: 'AKSOperationPreempted',
    message: 'This operation has been preempted by another operation with ID 5f0f',
    ...BUSY,
  },
  {
    what: "an operation preempted by the cluster's deletion",
    row: 'preempted by another operation',
    status: 409,
    code: 'AKSOperationPreemptedByDelete',
    message: 'This operation has been preempted by Deleting operation.',
    ...BUSY,
  },
  {
    what: 'a node disruption policy of Block',
    row: 'a node disruption policy blocks it',
    status: 400,
    code: 'OperationBlockedByNodeDisruptionPolicy',
    message: 'The operation is blocked by the node disruption policy of the cluster.',
    reason: 'BlockedByNodeDisruptionPolicy',
    stalled: true,
    backoff: [HOUR, HOUR],
    mend: ['nodeDisruptionProfile.nodeDisruptionPolicy', 'AllowDuringMaintenanceWindow'],
  },
  {
    what: 'a closed node disruption window',
    row: 'outside the node disruption window',
    status: 400,
    code: 'OperationOutsideNodeDisruptionWindow',
    message: 'The operation is only allowed during the maintenance window of the cluster.',
    reason: 'WaitingForMaintenanceWindow',
    backoff: [15 * MINUTE, HOUR],
  },
  {
    what: 'an element that AKS cannot decode',
    row: 'the certificates are refused',
    status: 400,
    code: 'InvalidParameter',
    message: 'failed to decode one of SecurityProfile.CustomCATrustCertificates to PEM after base64 decoding',
    reason: 'CertificateRejected',
    stalled: true,
    backoff: [HOUR, HOUR],
    mend: ['Correct or take out the certificates'],
  },
  {
    what: 'a ReadOnly lock',
    row: 'a lock refuses writes',
    status: 409,
    code: 'ScopeLocked',
    message: `The scope '${CLUSTER}' cannot perform write operation because following scope(s) are locked: '/subscriptions/8ecadfc9/resourceGroups/rg'. Please remove the lock and try again.`,
    ...LOCKED,
    mend: ['Remove the ReadOnly lock at /subscriptions/8ecadfc9/resourceGroups/rg,', 'leave this cluster out'],
  },
  {
    what: 'a lock whose scope ARM does not name',
    row: 'a lock refuses writes',
    status: 409,
    code: 'ScopeLocked',
    message: 'The scope is locked.',
    ...LOCKED,
    mend: ['Remove the ReadOnly lock, or leave'],
  },
  {
    what: 'a policy that denies the write',
    row: 'a policy refuses it',
    status: 403,
    code: 'RequestDisallowedByPolicy',
    message: `Resource 'prod-weu' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Freeze in December","id":"/providers/Microsoft.Management/managementGroups/mg/providers/Microsoft.Authorization/policyAssignments/freeze"}}]'.`,
    reason: 'DisallowedByPolicy',
    stalled: true,
    backoff: [HOUR, HOUR],
    mend: ['Exempt the cluster from the policy assignment that ARM names'],
  },
  {
    what: 'a missing role',
    row: 'access to the cluster is missing',
    status: 403,
    code: 'AuthorizationFailed',
    message: `${CLIENT} does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/write' over scope '${CLUSTER}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    ...DENIED,
    mend: [
      'Grant Microsoft.ContainerService/managedClusters/write ',
      'az role assignment create',
      `--scope ${CLUSTER}.`,
      'Azure Kubernetes Service Contributor Role',
    ],
  },
  {
    what: 'a missing role for the kubeconfig of a cluster',
    row: 'access to the cluster is missing',
    call: 'ListClusterUserCredential',
    status: 403,
    code: 'AuthorizationFailed',
    message: `${CLIENT} does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action' over scope '${CLUSTER}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    ...DENIED,
    mend: [
      'Grant Microsoft.ContainerService/managedClusters/listClusterUserCredential/action ',
      `--role "Azure Kubernetes Service Cluster User Role" --scope ${CLUSTER}.`,
    ],
  },
  {
    what: 'the kubeconfig of a cluster without local accounts and without Entra',
    row: 'no kubeconfig is handed out, because local accounts are off and Entra is not on',
    call: 'ListClusterUserCredential',
    status: 400,
    code: 'BadRequest',
    message: 'Getting static credential is not allowed because this cluster is set to disable local accounts.',
    ...DENIED,
    mend: ['az aks update --enable-aad', 'kubeconfigSecretRef'],
  },
  {
    what: 'a missing role on a subnet that the model names',
    row: 'access to the cluster is missing',
    status: 403,
    code: 'LinkedAuthorizationFailed',
    message: `${CLIENT} has permission to perform action 'Microsoft.ContainerService/managedClusters/write' on scope '${CLUSTER}'; however, it does not have permission to perform action(s) 'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '${SUBNET}' (respectively) or the linked scope(s) are invalid.`,
    ...DENIED,
    mend: [`Grant Microsoft.Network/virtualNetworks/subnets/join/action on ${SUBNET} `],
  },
  {
    what: 'a token that ARM does not take',
    row: 'access to the cluster is missing',
    status: 401,
    code: 'ExpiredAuthenticationToken',
    message: 'The access token expiry UTC time is earlier than current UTC time.',
    ...DENIED,
    mend: ["Check the controller's credentials"],
  },
  {
    what: 'no token at all',
    row: 'access to the cluster is missing',
    status: 0,
    code: 'NoToken',
    message: 'AADSTS7000215: Invalid client secret provided.',
    ...DENIED,
    mend: ["Check the controller's credentials", 'secret or federated credential'],
  },
  {
    what: 'a deny assignment, which no role overcomes',
    row: 'a deny assignment refuses it',
    status: 403,
    code: 'DenyAssignmentAuthorizationFailed',
    message: `${CLIENT} has permission to perform action 'Microsoft.ContainerService/managedClusters/write' on scope '${CLUSTER}'; however, the access is denied because of the deny assignment with name 'Managed app' and Id '9a1b' at scope '/subscriptions/8ecadfc9/resourceGroups/rg'.`,
    ...DENIED,
    mend: [
      'Microsoft.ContainerService/managedClusters/write',
      "deny assignment 'Managed app' at /subscriptions/8ecadfc9/resourceGroups/rg",
    ],
  },
  {
    what: 'a cluster that is not there',
    row: 'the cluster does not exist',
    call: 'GetManagedCluster',
    status: 404,
    code: 'ResourceNotFound',
    message:
      "The Resource 'Microsoft.ContainerService/managedClusters/prod-weu' under resource group 'rg' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    reason: 'ClusterNotFound',
    backoff: [MINUTE, 10 * MINUTE],
    mend: ['spec.target.resourceId'],
  },
  {
    what: 'a subscription that cannot be seen',
    row: 'the subscription or the group cannot be seen',
    call: 'GetManagedCluster',
    status: 404,
    code: 'SubscriptionNotFound',
    message: "The subscription '8ecadfc9' could not be found.",
    ...DENIED,
    mend: ['does not exist or the controller may not read it'],
  },
  {
    what: 'a group that cannot be seen',
    row: 'the subscription or the group cannot be seen',
    status: 404,
    code: 'ResourceGroupNotFound',
    message: "Resource group 'rg' could not be found.",
    ...DENIED,
    mend: ['does not exist or the controller may not read it'],
  },
  {
    what: 'a 403 of another code',
    row: 'any other 403',
    status: 403,
    code: 'Forbidden',
    message: 'Access is not allowed from this network.',
    ...DENIED,
    mend: ['managedClusters/read and /write', '--scope <resource id of the cluster>'],
  },
  {
    what: "a proxy's page in place of ARM's refusal of a write",
    row: 'a refusal that is not in the words of ARM',
    status: 403,
    code: 'HTTP403',
    message: 'HTTP 403 with an HTML or XML page',
    ...UNREACHABLE,
  },
  {
    what: 'a proxy that wants a password',
    row: 'a refusal that is not in the words of ARM',
    call: 'GetManagedCluster',
    status: 407,
    code: 'HTTP407',
    message: 'HTTP 407 with an empty body',
    ...UNREACHABLE,
  },
  {
    what: 'a request that the server waited for too long',
    row: 'the request timed out at the server, or was too early',
    status: 408,
    code: 'RequestTimeout',
    message: 'The request timed out.',
    ...UNREACHABLE,
  },
  {
    what: 'a request that came too early',
    row: 'the request timed out at the server, or was too early',
    status: 425,
    code: 'TooEarly',
    message: 'Too early.',
    ...UNREACHABLE,
  },
  {
    what: 'a write that is not allowed for good',
    row: 'any other refusal of a write',
    status: 409,
    code: 'OperationNotAllowed',
    message: 'Upgrading Kubernetes version 1.9.9 to 1.11.2 is not allowed.',
    ...FAILED,
    mend: ['aks-ca-trust.dev/reconcile-requested-at'],
  },
  {
    what: 'a quota that is exhausted',
    row: 'any other refusal of a write',
    status: 400,
    code: 'ErrCode_InsufficientVCPUQuota',
    message: 'Insufficient vcpu quota requested 4, remaining 0 for family standardDSv5Family.',
    ...FAILED,
    mend: ['Mend what ARM names'],
  },
  {
    what: 'the same refusal of a read',
    row: 'no answer, a server error, or an answer that makes no sense',
    call: 'GetManagedCluster',
    status: 400,
    code: 'InvalidApiVersionParameter',
    message: "The api-version '2026-06-01' is invalid.",
    ...UNREACHABLE,
  },
  {
    what: 'a group that is not there, when the group was asked for',
    row: 'no answer, a server error, or an answer that makes no sense',
    call: 'GetResourceGroup',
    status: 404,
    code: 'ResourceNotFound',
    message: 'not found',
    ...UNREACHABLE,
  },
  {
    what: 'a server error',
    row: 'no answer, a server error, or an answer that makes no sense',
    status: 500,
    code: 'InternalOperationError',
    message: 'Internal server error',
    ...UNREACHABLE,
  },
  {
    what: 'a 503 that does not say when to come back',
    row: 'no answer, a server error, or an answer that makes no sense',
    status: 503,
    code: 'ServiceUnavailable',
    message: 'Service unavailable',
    ...UNREACHABLE,
  },
  {
    what: 'silence',
    row: 'no answer, a server error, or an answer that makes no sense',
    status: 0,
    code: 'NoAnswer',
    message: 'read ECONNRESET',
    ...UNREACHABLE,
  },
];
