import type { ArmCall, ArmFailure } from '../../src/azure/failures.ts';
import type { ArmAnswer } from '../../src/azure/arm-answer.ts';
import { readErrorBody } from '../../src/azure/error-body.ts';
import { corpusError } from '../corpus.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const SUBSCRIPTION = '8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8';
export const CLUSTER = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod-weu`;
const WORKSPACE = `/subscriptions/${SUBSCRIPTION}/resourcegroups/defaultresourcegroup-weu/providers/microsoft.operationalinsights/workspaces/defaultworkspace-weu`;

interface Outcome {
  /** The row of FAILURES that is to decide. */
  readonly row: string;
  readonly reason: ArmFailure['reason'];
  readonly stalled?: true;
  readonly backoff: readonly [fromMs: number, toMs: number];
  /** True where nobody can tell whether the request took effect. */
  readonly ambiguous?: true;
  readonly quiet?: ArmFailure['quiet'];
}

/** One answer, and what is to become of it. */
export interface AnswerRow extends Outcome {
  readonly what: string;
  readonly call: ArmCall;
  readonly answer: ArmAnswer;
  /** Words that the fix has; none where there is no fix. */
  readonly fix: readonly string[];
  /** Words that the fix must not have. */
  readonly never: readonly string[];
}

const CONFLICT = { row: 'the eTag moved on', reason: 'Conflict', backoff: [0, 5 * MINUTE] } as const;
const THROTTLED = {
  row: 'throttled',
  reason: 'Throttled',
  backoff: [30 * SECOND, 5 * MINUTE],
  quiet: 'Cluster',
} as const;
const BUSY = {
  row: 'another operation runs',
  reason: 'ClusterBusy',
  backoff: [30 * SECOND, 5 * MINUTE],
} as const;
const LOCKED = {
  row: 'a lock refuses writes',
  reason: 'ScopeLocked',
  stalled: true,
  backoff: [30 * MINUTE, 30 * MINUTE],
} as const;
const POLICY = {
  row: 'a policy refuses it',
  reason: 'DisallowedByPolicy',
  stalled: true,
  backoff: [HOUR, HOUR],
} as const;
const REGION = { ...POLICY, row: 'the region is not open to the subscription' } as const;
const DENIED = { reason: 'AccessDenied', backoff: [5 * MINUTE, 5 * MINUTE] } as const;
const ROLE = { row: 'access to the cluster is missing', ...DENIED } as const;
const LINKED = { row: 'a right to a resource that the cluster names is missing', ...DENIED } as const;
const FORBIDDEN = { row: 'any other 403', ...DENIED } as const;
const SIGN_IN = { row: 'signing in is refused', ...DENIED } as const;
const UNSEEN = { row: 'the subscription or the group cannot be seen', ...DENIED } as const;
const VERSION = {
  row: 'the api-version is not served',
  reason: 'ApiVersionUnavailable',
  stalled: true,
  backoff: [HOUR, HOUR],
} as const;
const REJECTED = {
  row: 'the certificates are refused',
  reason: 'CertificateRejected',
  stalled: true,
  backoff: [HOUR, HOUR],
} as const;
const EXPIRED = {
  row: "the cluster's own certificates are expired",
  reason: 'ClusterCertificatesExpired',
  stalled: true,
  backoff: [HOUR, HOUR],
} as const;
const FAILED = {
  row: 'any other refusal of a write',
  reason: 'UpdateFailed',
  stalled: true,
  backoff: [HOUR, HOUR],
} as const;
const UNEXPLAINED = {
  row: 'a conflict without an explanation',
  reason: 'UpdateFailed',
  backoff: [MINUTE, HOUR],
} as const;
const DOWNSTREAM = {
  row: 'a service behind AKS is throttled',
  reason: 'Throttled',
  backoff: [MINUTE, 5 * MINUTE],
} as const;
const STOPPED = {
  row: 'the cluster is stopped',
  reason: 'ClusterStopped',
  backoff: [10 * MINUTE, 10 * MINUTE],
} as const;
const BLOCKED = {
  row: 'a node disruption policy blocks it',
  reason: 'BlockedByNodeDisruptionPolicy',
  stalled: true,
  backoff: [HOUR, HOUR],
} as const;
const WINDOW = {
  row: 'outside the node disruption window',
  reason: 'WaitingForMaintenanceWindow',
  backoff: [15 * MINUTE, HOUR],
} as const;
const UNREGISTERED = { row: 'the subscription does not have the resource provider', ...DENIED } as const;
const TIMED_OUT = {
  row: 'the request timed out at the server, or was too early',
  reason: 'Unreachable',
  backoff: [SECOND, 5 * MINUTE],
  ambiguous: true,
} as const;
const PAGE = { ...TIMED_OUT, row: 'a refusal that does not come from ARM' } as const;
const NONSENSE = { ...TIMED_OUT, row: 'no answer, a server error, or an answer that makes no sense' } as const;

const BOTH_ROLES = ['"AKS custom CA trust operator"', 'Contributor Role'];
const GET = 'GetManagedCluster';
const ROTATE = 'RotateClusterCertificates';
const DELETING = {
  row: 'the cluster whose certificates shall be rotated is being deleted',
  reason: 'UpdateFailed',
  stalled: true,
  backoff: [HOUR, HOUR],
} as const;

type Row = readonly [
  id: string,
  outcome: Outcome,
  fix?: readonly string[],
  more?: { readonly call?: ArmCall; readonly never?: readonly string[] },
];

/** What becomes of the real words, by their id in the corpus. */
const REAL: readonly Row[] = [
  ['another-operation', BUSY],
  ['another-operation-of-a-pool', BUSY],
  ['another-agentpool-operation', BUSY],
  ['in-progress-update-cluster', BUSY],
  ['in-progress-update-pool', BUSY],
  ['in-progress-addon', BUSY],
  ['mutually-exclusive', BUSY],
  ['while-being-upgraded', BUSY],
  ['concurrent-request', BUSY],
  ['another-operation-in-progress', BUSY],
  ['superseded', BUSY],
  ['conflicting-concurrent-write', BUSY],
  ['conflicting-changes', BUSY],
  ['pending-on-the-resource', BUSY],
  ['pessimistic-concurrency', BUSY],
  ['deployment-active', BUSY],
  ['preempted', BUSY],
  ['preempted-by-delete', BUSY],
  ['retryable-another-operation', THROTTLED],
  ['mutually-exclusive-versions', BUSY],
  ['state-not-terminal', BUSY],
  ['preempted-by-etag', BUSY],

  ['etag-mismatch', CONFLICT],
  ['precondition-mismatch', CONFLICT],
  ['precondition-gone', CONFLICT],

  ['throttled-by-aks', THROTTLED],
  ['throttled-by-arm', { ...THROTTLED, quiet: 'Subscription' }, [], { call: GET }],
  ['throttled-by-compute', { ...THROTTLED, quiet: 'Subscription' }],
  ['throttled-reading-for-a-policy', THROTTLED],
  ['load-balancer-throttled', DOWNSTREAM],
  ['throttled-two-deep', DOWNSTREAM],
  ['throttled-for-a-while', { ...THROTTLED, ambiguous: true }],

  [
    'role-missing-write',
    ROLE,
    ['Grant Microsoft.ContainerService/managedClusters/write ', `--scope ${CLUSTER}.`, ...BOTH_ROLES],
  ],
  ['role-missing-read', ROLE, ['Grant Microsoft.ContainerService/managedClusters/read ', ...BOTH_ROLES], { call: GET }],
  [
    'role-missing-credential',
    ROLE,
    [
      'managedClusters/listClusterUserCredential/action ',
      `--role "Azure Kubernetes Service Cluster User Role" --scope ${CLUSTER}.`,
    ],
    { call: 'ListClusterUserCredential', never: ['Contributor Role', 'operator'] },
  ],
  ...['linked-singular', 'linked-singular-bare', 'linked-plural'].map((id): Row => [
    id,
    LINKED,
    [`Grant Microsoft.OperationalInsights/workspaces/sharedkeys/read on ${WORKSPACE} to`],
    { never: ['managedClusters/write', 'Contributor Role'] },
  ]),
  [
    'linked-several',
    LINKED,
    [
      'subnets/join/action and Microsoft.Network/routeTables/join/action on ',
      '/virtualNetworks/hub/subnets/nodes and ',
      '/routeTables/rt to',
    ],
  ],
  [
    'linked-identity',
    LINKED,
    ['Microsoft.ManagedIdentity/userAssignedIdentities/assign/action on', '/userAssignedIdentities/elephant'],
  ],
  [
    'linked-foreign-tenant',
    LINKED,
    [
      'subscription 109a5e88-712a-48ae-9078-9ca8b3c81345',
      'tenant',
      'Microsoft.Network/virtualNetworks/subnets/join/action',
    ],
    { never: ['role assignment', 'Contributor Role'] },
  ],
  ['linked-foreign-tenant-images', LINKED, ['109a5e88-712a-48ae-9078-9ca8b3c81345'], { never: ['role assignment'] }],
  [
    'linked-subscription-gone',
    LINKED,
    ['subscription 00000000-0000-0000-0000-000000000000, which ARM does not find'],
    { never: ['Grant', 'role'] },
  ],
  ['linked-subscription-misread', LINKED, ['a subscription, which ARM does not find'], { never: ['Grant', 'role'] }],
  ['role-with-condition', ROLE, ['Change that condition'], { never: ['az role assignment create'] }],
  [
    'deny-assignment',
    { row: 'a deny assignment refuses it', ...DENIED },
    ['managedClusters/write', `deny assignment 'Managed app' at /subscriptions/${SUBSCRIPTION}/resourceGroups/rg`],
    { never: ['role assignment'] },
  ],
  ['disallowed-by-azure', REGION, ['Ask Azure support to open the region'], { never: ['role assignment'] }],
  ['region-not-open', REGION, ['Ask Azure support to open the region'], { never: ['role assignment'] }],
  ['network-not-allowed', FORBIDDEN],
  ['not-permitted-action', FORBIDDEN, ['Grant Microsoft.ContainerService/managedClusters/write ', ...BOTH_ROLES]],
  ['policy', POLICY, ['the policy assignment "Freeze in December"']],
  ['policy-with-reasons', POLICY, ['the policy assignment "Deny public PaaS"']],
  ['policy-in-details', POLICY, ['the policy assignment "MCAPSGov SFI Deny Policies"']],
  ['policy-preflight', POLICY, ['node resource group', 'the policy assignment that refuses it']],
  [
    'locked',
    LOCKED,
    [`Remove the ReadOnly lock at /subscriptions/${SUBSCRIPTION}/resourceGroups/rg,`, 'exclude this cluster'],
  ],
  ['locked-at-several', LOCKED, [`/resourceGroups/rg and at /subscriptions/${SUBSCRIPTION},`]],
  ['locked-node-group', LOCKED, ['/resourceGroups/MC_rg_prod-weu_westeurope,']],
  ['token-expired', SIGN_IN, ["Check the controller's credentials"]],
  ['token-of-another-tenant', SIGN_IN, ["Check the controller's credentials: tenant"]],
  [
    'no-local-accounts',
    { row: 'no kubeconfig is handed out, because local accounts are off and Entra is not on', ...DENIED },
    ['az aks update --enable-aad', 'kubeconfigSecretRef'],
    { call: 'ListClusterUserCredential' },
  ],

  [
    'cluster-not-found',
    { row: 'the cluster does not exist', reason: 'ClusterNotFound', backoff: [MINUTE, 10 * MINUTE] },
    ['delete the object and create another', 'spec.target.resourceId cannot be changed'],
    { call: GET },
  ],
  ['group-not-found', UNSEEN, ['does not exist or the controller may not read it']],
  ['subscription-not-found', UNSEEN, ['does not exist or the controller may not read it'], { call: GET }],
  ['workspace-not-found', FAILED, ['Restore the resource that ARM names'], { never: ['spec.target.resourceId'] }],
  ['workspace-not-found-in-words', FAILED, ['Restore the resource that ARM names']],
  ['subscription-id-invalid', UNSEEN, ['does not exist or the controller may not read it'], { call: GET }],
  [
    'namespace-not-registered-to-read',
    UNREGISTERED,
    ['az provider register --namespace Microsoft.ContainerService.'],
    { call: GET },
  ],

  [
    'api-version-not-registered',
    VERSION,
    ['--arm-api-version', '2026-01-01, 2025-10-01, 2025-05-01, 2025-01-01'],
    { call: GET, never: ['2024-09-01'] },
  ],
  ['api-version-invalid', VERSION, ['--arm-api-version', '2026-01-01, 2025-10-01']],
  ['api-version-without-list', VERSION, ['--arm-api-version', 'az provider show'], { call: 'ListManagedClusters' }],
  [
    'api-version-with-list',
    VERSION,
    ['--arm-api-version', '2026-01-01, 2025-10-01'],
    { call: 'ListManagedClustersByResourceGroup' },
  ],

  ['certificate-undecodable', REJECTED, ['Correct or remove the certificates']],
  ['certificate-by-target', REJECTED, ['Correct or remove the certificates']],
  ['certificate-by-details', REJECTED, ['Correct or remove the certificates']],
  ['certificate-in-words', REJECTED, ['Correct or remove the certificates']],
  ['cluster-certificates-expired', EXPIRED, ['az aks rotate-certs']],
  ['cluster-certificates-expired-wrapped', EXPIRED, ['az aks rotate-certs']],
  ['rotation-while-deleting', DELETING, ['The cluster is being deleted']],

  ['disruption-blocked', BLOCKED, ['nodeDisruptionProfile.nodeDisruptionPolicy', 'AllowDuringMaintenanceWindow']],
  ['disruption-blocked-in-words', BLOCKED, ['nodeDisruptionProfile.nodeDisruptionPolicy']],
  ['disruption-window', WINDOW],
  ['disruption-window-in-words', WINDOW],
  ['unsatisfiable-pdb', FAILED, ['Make room in the PodDisruptionBudgets', 'aks-ca-trust.dev/reconcile-requested-at']],
  ['unsatisfiable-pdb-wrapped', FAILED, ['Make room in the PodDisruptionBudgets']],

  ['quota-regional', FAILED, ['Raise the quota', 'maxSurge']],
  ['quota-operation-not-allowed', FAILED, ['Raise the quota']],
  ['quota-exceeded', FAILED, ['Raise the quota']],
  ['version-not-allowed', FAILED, ['Correct what ARM names', 'aks-ca-trust.dev/reconcile-requested-at']],
  ['subnet-full', FAILED, ['Make room in the subnet']],
  ['subnet-too-small', FAILED, ['Make room in the subnet']],
  ['no-capacity', UNEXPLAINED, ['no machines of this size']],
  ['size-not-available', UNEXPLAINED, ['no machines of this size']],
  ['overconstrained-zonal', UNEXPLAINED, ['no machines of this size']],
  ['overconstrained-in-details', UNEXPLAINED, ['no machines of this size']],
  ['quota-of-a-family', FAILED, ['Raise the quota', 'maxUnavailable']],
  ['quota-of-compute', FAILED, ['Raise the quota']],
  ['quota-in-details', FAILED, ['Raise the quota']],
  ['public-ip-limit', FAILED, ['Raise the limit of public IP addresses']],

  ['pool-introduced', FAILED, ['Correct what ARM names']],
  ['pool-introduced-by-target', FAILED, ['Correct what ARM names']],
  ['property-change', FAILED, ['Correct what ARM names']],
  ['network-conflicts', FAILED, ['Correct what ARM names']],
  ['identity-change', FAILED, ['Correct what ARM names']],
  ['pool-update-via-cluster', FAILED, ['Correct what ARM names']],
  ['kubelet-identity', FAILED, ['Correct what ARM names']],
  ['agentpool-apis', FAILED, ['Correct what ARM names']],
  ['version-not-supported', FAILED, ['az aks upgrade']],
  ['pool-version-not-supported', FAILED, ['az aks upgrade']],
  ['node-image-too-old', FAILED, ['az aks nodepool upgrade --node-image-only']],
  [
    'feature-not-registered',
    FAILED,
    ['az feature register --namespace Microsoft.ContainerService --name EnableImageCleanerPreview.'],
  ],
  [
    'namespace-not-registered-in-words',
    FAILED,
    ['az provider register --namespace Microsoft.OperationsManagement.'],
    { never: ['az feature'] },
  ],
  [
    'credentials-of-the-cluster',
    FAILED,
    ['the credentials of the cluster itself (az aks update-credentials)'],
    { never: ["controller's"] },
  ],
  ['referenced-resource-gone', FAILED, ['Restore the resource that ARM names']],
  ['stopped', STOPPED, ['az aks start']],
  ['stopped-older', STOPPED, ['az aks start']],
  ['subscription-read-only', UNEXPLAINED, ['Enable the subscription']],
  ['namespace-not-registered', UNEXPLAINED, ['az provider register --namespace Microsoft.OperationsManagement.']],
  ['group-is-being-deleted', UNEXPLAINED, ['Correct what ARM names']],
  ['conflict-without-words', UNEXPLAINED, ['Correct what ARM names']],
  ['failed-deployment', UNEXPLAINED, ['Correct what ARM names']],

  ['internal-error', NONSENSE],
  ['internal-error-without-words', NONSENSE],
  ['entity-store-error', NONSENSE],
  ['gateway-timeout', NONSENSE],
  ['unavailable', NONSENSE],
  ['too-early', TIMED_OUT],
];

/** Answers that are not of ARM's, and silence. */
const OTHERS: readonly (Outcome & { what: string; call?: ArmCall; answer: ArmAnswer; fix?: readonly string[] })[] = [
  {
    what: 'a 429 without Retry-After and without a body that reads',
    answer: { status: 429, code: 'HTTP429', message: 'HTTP 429 with an HTML or XML page' },
    ...THROTTLED,
  },
  {
    what: 'a rotation while another operation runs',
    call: ROTATE,
    answer: {
      status: 409,
      code: 'OperationNotAllowed',
      message: 'Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish.',
    },
    ...BUSY,
  },
  {
    what: 'a rotation without the right to it',
    call: ROTATE,
    answer: {
      status: 403,
      code: 'AuthorizationFailed',
      message: `The client 'c' does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action' over scope '${CLUSTER}' or the scope is invalid.`,
    },
    ...ROLE,
    fix: [
      'Grant Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action',
      'Azure Kubernetes Service Contributor Role',
    ],
  },
  {
    what: 'a rotation of a stopped cluster',
    call: ROTATE,
    answer: { status: 400, code: 'BadRequest', message: 'The cluster is stopped.' },
    row: 'the cluster is stopped',
    reason: 'ClusterStopped',
    backoff: [10 * MINUTE, 10 * MINUTE],
    fix: ['Start it'],
  },
  {
    what: 'a lock whose scope ARM does not name',
    answer: { status: 409, code: 'ScopeLocked', message: 'The scope is locked.' },
    ...LOCKED,
    fix: ['Remove the ReadOnly lock, or exclude'],
  },
  {
    what: 'no token at all',
    answer: { status: 0, code: 'NoToken', message: 'AADSTS7000215: Invalid client secret provided.' },
    ...SIGN_IN,
    fix: ["Check the controller's credentials", 'secret or federated credential'],
  },
  {
    what: "a proxy's page in place of ARM's refusal of a write",
    answer: { status: 403, code: 'HTTP403', message: 'HTTP 403 with an HTML or XML page' },
    ...PAGE,
  },
  {
    what: 'a proxy that wants a password',
    call: GET,
    answer: { status: 407, code: 'HTTP407', message: 'HTTP 407 with an empty body' },
    ...PAGE,
  },
  {
    what: 'a request that came too early',
    answer: { status: 425, code: 'TooEarly', message: 'Too early.' },
    ...TIMED_OUT,
  },
  {
    what: 'a group that is not there, when the group was asked for',
    call: 'GetResourceGroup',
    answer: { status: 404, code: 'ResourceNotFound', message: 'not found' },
    ...NONSENSE,
  },
  {
    what: 'a read that finds another resource missing',
    call: GET,
    answer: {
      status: 404,
      code: 'ResourceNotFound',
      message: "The Resource 'Microsoft.Network/natGateways/x' under resource group 'rg' was not found.",
    },
    ...NONSENSE,
  },
  { what: 'silence', answer: { status: 0, code: 'NoAnswer', message: 'read ECONNRESET' }, ...NONSENSE },
];

/** The rows of the failure table, with the wordings of learn.microsoft.com and of public bug reports. */
export const ANSWERS: readonly AnswerRow[] = [
  ...REAL.map(([id, outcome, fix = [], more = {}]): AnswerRow => {
    const { status, body, retryAfter, call: answered = 'PutManagedCluster' } = corpusError(id);
    const { call = answered, never = [] } = more;
    const waits = retryAfter === undefined ? {} : { retryAfterMs: Number(retryAfter) * SECOND };
    const answer = { status, ...readErrorBody(status, JSON.stringify(body)), ...waits };
    return { what: id, call, answer, fix, never, ...outcome };
  }),
  ...OTHERS.map((row): AnswerRow => ({ call: 'PutManagedCluster', fix: [], never: [], ...row })),
];
