import type { AppliedReason } from '../api/conditions.ts';
import { armText } from './arm-text.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** An answer of ARM other than success, or none at all. */
export interface ArmAnswer {
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** `error.code` of the body, or what stands in its place. */
  readonly code: string;
  readonly message: string;
  /** What ARM asked for in Retry-After. */
  readonly retryAfterMs?: number;
}

/** What becomes of an answer. */
export interface ArmFailure extends ArmAnswer {
  /** `Conflict`: the world moved between read and write; read again and decide again. */
  readonly reason: AppliedReason | 'Conflict';
  /** True: waiting alone does not mend it. */
  readonly stalled: boolean;
  /** First and longest wait before the next attempt. A Retry-After is never undercut. */
  readonly backoff: { readonly fromMs: number; readonly toMs: number };
  /** True: the request certainly changed nothing. False for a lost answer. */
  readonly refused: boolean;
  /** What people can do; empty where nothing needs to be done. */
  readonly mend: string;
  /** `Cluster` or `Subscription`: whose calls shall pause until the Retry-After is over. */
  readonly quiet?: 'Cluster' | 'Subscription';
}

interface Row {
  readonly name: string;
  readonly matches: (answer: ArmAnswer, code: string, call: ArmCall) => boolean;
  readonly reason: ArmFailure['reason'];
  readonly stalled?: true;
  readonly backoff: readonly [fromMs: number, toMs: number];
  readonly ambiguous?: true;
  readonly quiet?: ArmFailure['quiet'];
  readonly mend?: (answer: ArmAnswer) => string;
}

export type ArmCall =
  | 'GetManagedCluster'
  | 'PutManagedCluster'
  | 'ListManagedClusters'
  | 'ListManagedClustersByResourceGroup'
  | 'GetResourceGroup'
  | 'GetOperation'
  | 'GetMaintenanceConfiguration'
  | 'ListClusterUserCredential';

const role = (answer: ArmAnswer) => {
  const action = /perform action(?:\(s\))? '([^']+)'/.exec(answer.message)?.[1];
  const linked = /perform action\(s\) '([^']+)' on the linked scope\(s\) '([^']+)'/.exec(answer.message);
  if (linked) return `Grant ${linked[1]} on ${linked[2]} to the controller's identity.`;
  const scope = /over scope '([^']+)'/.exec(answer.message)?.[1];
  const what = action ?? 'Microsoft.ContainerService/managedClusters/read and /write';
  const name = /listClusterUserCredential/i.test(what) ? 'Cluster User' : 'Contributor';
  return `Grant ${what} to the controller's identity: az role assignment create --assignee <client id> --role "Azure Kubernetes Service ${name} Role" --scope ${scope ?? '<resource id of the cluster>'}. New roles take minutes to spread.`;
};

/** No role overcomes a deny assignment. */
const denyAssignment = ({ message }: ArmAnswer) => {
  const action = /perform action '([^']+)'/.exec(message)?.[1] ?? 'the action';
  const [, name, scope] = /deny assignment with name '([^']*)' .*at scope '([^']+)'/s.exec(message) ?? [];
  const which = name === undefined ? 'the deny assignment' : `the deny assignment '${name}' at ${scope}`;
  return `Exclude the controller's identity from ${which}, which denies ${action}, or leave this cluster out.`;
};

/** First match decides. Sources: ARM's and AKS' error references; the order of the rows is part of the meaning. */
export const FAILURES: readonly Row[] = [
  {
    name: 'the eTag moved on',
    matches: ({ status }, code) => status === 412 || code === 'etagmismatch' || code === 'preconditionfailed',
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
    // A proxy or a gateway spoke, and nobody knows what reached ARM.
    name: 'a refusal that is not in the words of ARM',
    matches: ({ status }, code) =>
      status >= 400 && status < 500 && status !== 412 && code === unread(status).toLowerCase(),
    reason: 'Unreachable',
    backoff: [SECOND, 5 * MINUTE],
    ambiguous: true,
  },
  {
    name: 'another operation is in progress',
    matches: (answer, code) =>
      code === 'operationnotallowed' && /another operation .*in progress/is.test(answer.message),
    reason: 'ClusterBusy',
    backoff: [30 * SECOND, 5 * MINUTE],
  },
  {
    name: 'preempted by another operation',
    matches: (_answer, code) => code.startsWith('aksoperationpreempted'),
    reason: 'ClusterBusy',
    backoff: [30 * SECOND, 5 * MINUTE],
  },
  {
    name: 'a node disruption policy blocks it',
    matches: (_answer, code) => code === 'operationblockedbynodedisruptionpolicy',
    reason: 'BlockedByNodeDisruptionPolicy',
    stalled: true,
    backoff: [HOUR, HOUR],
    mend: () =>
      'Set nodeDisruptionProfile.nodeDisruptionPolicy of the cluster to Allow or AllowDuringMaintenanceWindow.',
  },
  {
    name: 'outside the node disruption window',
    matches: (_answer, code) => code === 'operationoutsidenodedisruptionwindow',
    reason: 'WaitingForMaintenanceWindow',
    backoff: [15 * MINUTE, HOUR],
  },
  {
    name: 'the certificates are refused',
    matches: ({ status, message }, _code, call) =>
      call === 'PutManagedCluster' && status === 400 && /customcatrustcertificates/i.test(message),
    reason: 'CertificateRejected',
    stalled: true,
    backoff: [HOUR, HOUR],
    mend: () => 'Correct or take out the certificates that were sent.',
  },
  {
    name: 'a lock refuses writes',
    matches: (_answer, code) => code === 'scopelocked',
    reason: 'ScopeLocked',
    stalled: true,
    backoff: [30 * MINUTE, 30 * MINUTE],
    mend: ({ message }) =>
      `Remove the ReadOnly lock${/locked: '([^']+)'/.exec(message)?.[1] ? ` at ${/locked: '([^']+)'/.exec(message)?.[1]}` : ''}, or leave this cluster out.`,
  },
  {
    name: 'a policy refuses it',
    matches: (_answer, code) => code === 'requestdisallowedbypolicy',
    reason: 'DisallowedByPolicy',
    stalled: true,
    backoff: [HOUR, HOUR],
    mend: () => 'Exempt the cluster from the policy assignment that ARM names, or change the assignment.',
  },
  {
    name: 'a deny assignment refuses it',
    matches: (_answer, code) => code === 'denyassignmentauthorizationfailed',
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    mend: denyAssignment,
  },
  {
    name: 'access to the cluster is missing',
    matches: ({ status }, code) =>
      status === 401 || (status === 403 && code.includes('authorizationfailed')) || code === 'notoken',
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    mend: (answer) =>
      answer.status === 403
        ? role(answer)
        : "Check the controller's credentials: tenant, client id, and the secret or federated credential.",
  },
  {
    name: 'the cluster does not exist',
    matches: ({ status }, code, call) => status === 404 && code === 'resourcenotfound' && call !== 'GetResourceGroup',
    reason: 'ClusterNotFound',
    backoff: [MINUTE, 10 * MINUTE],
    mend: () => 'Create the cluster or correct spec.target.resourceId.',
  },
  {
    name: 'the subscription or the group cannot be seen',
    matches: ({ status }, code) =>
      status === 404 && (code === 'subscriptionnotfound' || code === 'resourcegroupnotfound'),
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    mend: () =>
      'Either it does not exist or the controller may not read it: check the resource id and the role assignments.',
  },
  {
    name: 'any other 403',
    matches: ({ status }) => status === 403,
    reason: 'AccessDenied',
    backoff: [5 * MINUTE, 5 * MINUTE],
    mend: role,
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
    mend: () =>
      'Turn Microsoft Entra ID on for the cluster (az aks update --enable-aad), or name a kubeconfig in spec.target.nodeAccess.kubeconfigSecretRef.',
  },
  {
    name: 'any other refusal of a write',
    matches: ({ status }, _code, call) => status >= 400 && status < 500 && call === 'PutManagedCluster',
    reason: 'UpdateFailed',
    stalled: true,
    backoff: [HOUR, HOUR],
    mend: () =>
      'Mend what ARM names, then edit the object or annotate it with aks-ca-trust.dev/reconcile-requested-at.',
  },
  {
    name: 'no answer, a server error, or an answer that makes no sense',
    matches: () => true,
    reason: 'Unreachable',
    backoff: [SECOND, 5 * MINUTE],
    ambiguous: true,
  },
];

/** What becomes of an answer to a call. Codes are compared without case. */
export function classifyFailure(answer: ArmAnswer, call: ArmCall): ArmFailure {
  const code = answer.code.toLowerCase();
  const row = FAILURES.find(({ matches }) => matches(answer, code, call));
  if (!row) throw new Error('the last row matches everything');
  // Whoever answers 5xx may have acted before; a 4xx has not.
  const ambiguous = row.ambiguous === true || answer.status >= 500;
  const quiet = row.quiet && /subscription/i.test(answer.code) ? 'Subscription' : row.quiet;
  return {
    ...answer,
    reason: row.reason,
    stalled: row.stalled ?? false,
    backoff: { fromMs: row.backoff[0], toMs: row.backoff[1] },
    refused: !ambiguous,
    mend: row.mend?.(answer) ?? '',
    ...(quiet ? { quiet } : {}),
  };
}

/** Code and message of an error body: AKS sends both `{error: {…}}` and the bare form. Whatever cannot be read names what came. */
export function readErrorBody(status: number, text: string): { code: string; message: string } {
  try {
    const body = JSON.parse(text) as Record<string, unknown> | null;
    const error = (body?.['error'] ?? body) as Record<string, unknown> | null;
    const [code, message] = [error?.['code'], error?.['message']];
    if (typeof code === 'string' && code !== '') return { code: armText(code), message: armText(message) };
  } catch {
    // Not JSON: named below.
  }
  const what = /^\s*</.test(text)
    ? 'an HTML or XML page'
    : text.trim() === ''
      ? 'an empty body'
      : 'a body without an error code';
  return { code: unread(status), message: `HTTP ${status} with ${what}` };
}

/** Stands in the place of a code where the body has none. */
function unread(status: number): string {
  return `HTTP${status}`;
}
