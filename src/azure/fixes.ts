import type { ArmAnswer } from './failures.ts';
import { saysRightIsMissing } from './refusal-words.ts';

/** The role of docs/how-to/install.md: what the controller needs of ARM, and nothing else. */
const OWN_ROLE = 'AKS custom CA trust operator';
/** First api-version whose model has custom CA certificates. Azure/AKS CHANGELOG, release 2025-04-06 */
const FIRST_VERSION = '2025-01-01';

const ACTION = /^[A-Za-z][\w.]{0,80}(?:\/[\w*.-]{1,80}){1,8}$/;
const ID = /^\/[\p{L}\p{N}/._()-]{1,600}$/u;
const SUBSCRIPTION = /^[0-9a-f-]{36}$/i;

/**
 * An action or a scope from an answer is checked before a message repeats it: people copy commands from messages, and a server
 * that answers in ARM's place must not write them.
 */
const checked = (text: string | undefined, form: RegExp) => (text !== undefined && form.test(text) ? text : undefined);

/** A right that a role gives. `resourceId` is our own name of the cluster. */
export function grantRight(answer: ArmAnswer, resourceId?: string): string {
  const action = checked(/perform action(?:\(s\)|s)? '([^']+)'/i.exec(answer.message)?.[1], ACTION);
  const named = checked(/over scope '([^']+)'/i.exec(answer.message)?.[1], ID);
  const scope = checked(resourceId, ID) ?? named;
  const what = action ?? 'Microsoft.ContainerService/managedClusters/read and /write';
  const [role, hint] = /listClusterUserCredential/i.test(what)
    ? ['Azure Kubernetes Service Cluster User Role', '']
    : [
        OWN_ROLE,
        ' docs/how-to/install.md defines this role; "Azure Kubernetes Service Contributor Role" has the right too.',
      ];
  const command = `az role assignment create --assignee <client id> --role "${role}" --scope ${scope === undefined ? '<resource id of the cluster>' : quoted(scope)}`;
  return `Grant ${what} to the controller's identity: ${command}.${hint} New roles take minutes to spread.`;
}

/** Rights on what the cluster's model names: ARM checks them for every member of the body, also those that stay as they are. */
export function grantLinkedRight({ message }: ArmAnswer): string {
  const foreign = /not authorized to access linked subscription '([^']+)'/i.exec(message);
  if (foreign) {
    const subscription = checked(foreign[1], SUBSCRIPTION);
    const which = subscription === undefined ? 'the linked subscription' : `the linked subscription ${subscription}`;
    const action = checked(/perform action(?:\(s\)|s)? '([^']+)'/i.exec(message)?.[1], ACTION);
    const what = action === undefined ? '' : ` for ${action}`;
    return `The model of the cluster names a resource of ${which}, which is not open to the tenant of the controller's identity${what}. Give an identity that may use that resource to the controller, or replace the resource in the cluster.`;
  }
  const [, actions = '', scopes = ''] =
    /not have permission to perform action(?:\(s\)|s)? ('[^']+'(?:, ?'[^']+'){0,20}) on the linked scope(?:\(s\)|s)? ('[^']+'(?:, ?'[^']+'){0,20})/i.exec(
      message,
    ) ?? [];
  const what = listed(actions, ACTION) ?? 'the actions that ARM names';
  const where = listed(scopes, ID) ?? 'the linked scopes that ARM names';
  return `Grant ${what} on ${where} to the controller's identity. The model of the cluster names that resource, and ARM checks the right to it with every write.`;
}

/** No role overcomes a deny assignment. */
export function liftDenyAssignment({ message }: ArmAnswer): string {
  const action = checked(/perform action '([^']+)'/.exec(message)?.[1], ACTION) ?? 'the action';
  const [, name, at] = /deny assignment with name '([^']*)'[^]{0,300}?at scope '([^']+)'/.exec(message) ?? [];
  const scope = checked(at, ID);
  const which =
    name === undefined
      ? 'the deny assignment'
      : `the deny assignment '${name}'${scope === undefined ? '' : ` at ${scope}`}`;
  return `Exclude the controller's identity from ${which}, which denies ${action}, or leave this cluster out.`;
}

export function liftLock({ message }: ArmAnswer): string {
  const [, list = ''] = /locked: '([^']+)'/.exec(message) ?? [];
  const scopes = list.split(',').flatMap((scope) => checked(scope.trim(), ID) ?? []);
  return `Remove the ReadOnly lock${scopes.length === 0 ? '' : ` at ${scopes.join(' and at ')}`}, or leave this cluster out.`;
}

export function exemptFromPolicy({ message }: ArmAnswer): string {
  const name = /"policyAssignment(?:Name)?":(?:\{"name":)?"([^"]{1,128})"/.exec(message)?.[1];
  const which = name === undefined ? 'the policy assignment that refuses it' : `the policy assignment "${name}"`;
  return `Exempt the cluster and its node resource group from ${which}, or change the assignment.`;
}

/** Empty where the answer does not say that a right is missing: ARM's own message is all there is. */
export function forbiddenFix(answer: ArmAnswer, resourceId?: string): string {
  return saysRightIsMissing(answer) ? grantRight(answer, resourceId) : '';
}

export function chooseApiVersion({ supportedVersions = [] }: ArmAnswer): string {
  const usable = supportedVersions.filter((version) => version.slice(0, 10) >= FIRST_VERSION);
  const newest = usable.sort().reverse().slice(0, 10);
  if (newest.length > 0)
    return `Start the controller with --arm-api-version set to a version that ARM lists for this cloud and region: ${newest.join(', ')}.`;
  const none =
    supportedVersions.length > 0
      ? ` ARM lists none from ${FIRST_VERSION} on, the first with custom CA certificates.`
      : '';
  return `Start the controller with --arm-api-version set to a version that this cloud and region serve: az provider show --namespace Microsoft.ContainerService --query "resourceTypes[?resourceType=='managedClusters'].apiVersions".${none}`;
}

interface Words {
  readonly words: RegExp;
  readonly fix: string;
}

/** By what the answer to a refused write names. */
const BY_WORDS: readonly Words[] = [
  {
    words: /UnsatisfiablePDB|PodDrainFailure|disruption budget|\bPDBs?\b/i,
    fix: 'Make room in the PodDisruptionBudgets that ARM names, so that their pods may be evicted.',
  },
  {
    words: /\bquota|QuotaExceeded|VCPUQuota/i,
    fix: 'Raise the quota of the subscription, or let the pool do with fewer extra machines (maxSurge, or maxUnavailable in its place).',
  },
  {
    words: /SubnetIsFull|InsufficientSubnetSize|\bsubnet\b.{0,200}\b(?:capacity|full|available|exceeds)\b/i,
    fix: 'Make room in the subnet of the pool, or lower maxSurge or maxPods.',
  },
  {
    words: /AllocationFailed|SkuNotAvailable|OverconstrainedAllocation|sufficient capacity/i,
    fix: 'Azure has no machines of this size at present: wait, or let the pool do without extra ones (maxSurge 0 and maxUnavailable).',
  },
  {
    words: /ReadOnlyDisabledSubscription|subscription\b.{0,80}\bis disabled/i,
    fix: 'Enable the subscription again.',
  },
];

/** What ends a refusal of a write that no other row knows. */
export function refusedWriteFix(answer: ArmAnswer): string {
  const text = `${answer.code} ${answer.message} ${answer.details ?? ''}`;
  const known = BY_WORDS.find(({ words }) => words.test(text))?.fix;
  const namespace = /not registered to use namespace '(Microsoft\.[A-Za-z.]{1,60})'/.exec(answer.message)?.[1];
  const registers =
    namespace === undefined
      ? undefined
      : `Register the resource provider: az provider register --namespace ${namespace}.`;
  const gone =
    answer.status === 404 ? 'Restore the resource that ARM names, or take it out of the cluster.' : undefined;
  return known ?? registers ?? gone ?? 'Correct what ARM names.';
}

/** A shell takes parentheses for its own, and they are fine in the name of a group. */
function quoted(id: string): string {
  return /^[\w/.-]+$/.test(id) ? id : `'${id}'`;
}

function listed(texts: string, form: RegExp): string | undefined {
  const all = [...texts.matchAll(/'([^']+)'/g)].flatMap(([, text]) => text!.split(',')).map((text) => text.trim());
  return all.length > 0 && all.every((text) => form.test(text)) ? all.join(' and ') : undefined;
}
