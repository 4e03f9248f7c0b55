import type { ArmAnswer } from './arm-answer.ts';
import { knownCause } from '../api/known-causes.ts';
import { saysRightIsMissing } from './refusal-words.ts';

/** The role of docs/how-to/install.md: exactly the rights that the controller needs in ARM. */
const OWN_ROLE = 'AKS custom CA trust operator';

/** First api-version whose model has custom CA certificates. Azure/AKS CHANGELOG, release 2025-04-06 */
const FIRST_VERSION = '2025-01-01';

const ACTION = /^[A-Za-z][\w.]{0,80}(?:\/[\w*.-]{1,80}){1,8}$/;
const ID = /^\/[\p{L}\p{N}/._()-]{1,600}$/u;
const SUBSCRIPTION = /^[0-9a-f-]{36}$/i;

/**
 * Checks an action or a scope from an answer before a message repeats it: people copy commands from messages, and a proxy that
 * answers in place of ARM must not be able to write them.
 */
const checked = (text: string | undefined, form: RegExp) => (text !== undefined && form.test(text) ? text : undefined);

/** Advises to grant a right that a role has. `resourceId` is the cluster's id as the object spells it. */
export function grantRight(answer: ArmAnswer, resourceId?: string): string {
  // learn.microsoft.com/azure/role-based-access-control/conditions-troubleshoot
  if (/\bABAC condition\b/i.test(answer.message))
    return "The controller's identity has the role, but the condition of the role assignment is not met. Change that condition.";
  const action = checked(/perform action(?:\(s\)|s)? '([^']+)'/i.exec(answer.message)?.[1], ACTION);
  const named = checked(/over scope '([^']+)'/i.exec(answer.message)?.[1], ID);
  const scope = checked(resourceId, ID) ?? named;
  const what = action ?? 'Microsoft.ContainerService/managedClusters/read and /write';
  const [role, hint] = /listClusterUserCredential/i.test(what)
    ? ['Azure Kubernetes Service Cluster User Role', '']
    : /rotateClusterCertificates/i.test(what)
      ? [
          'AKS certificate rotator',
          ' deploy/azure/rotator-role.json defines this role; "Azure Kubernetes Service Contributor Role" has the right too.',
        ]
      : [
          OWN_ROLE,
          ' docs/how-to/install.md defines this role; "Azure Kubernetes Service Contributor Role" has the right too.',
        ];
  const command = `az role assignment create --assignee <client id> --role "${role}" --scope ${scope === undefined ? '<resource id of the cluster>' : quoted(scope)}`;
  return `Grant ${what} to the controller's identity: ${command}.${hint} New roles take minutes to spread.`;
}

/** Advises on rights to resources that the cluster's model names: ARM checks them with every write, even where nothing of them changes. */
export function grantLinkedRight({ message }: ArmAnswer): string {
  const foreign = /not authorized to access linked subscription '([^']+)'/i.exec(message);
  if (foreign) {
    const subscription = checked(foreign[1], SUBSCRIPTION);
    const which = subscription === undefined ? 'the linked subscription' : `the linked subscription ${subscription}`;
    const action = checked(/perform action(?:\(s\)|s)? '([^']+)'/i.exec(message)?.[1], ACTION);
    const what = action === undefined ? '' : ` for ${action}`;
    return `The model of the cluster names a resource of ${which}, which is not open to the tenant of the controller's identity${what}. Run the controller with an identity that may use that resource, or replace the resource in the cluster.`;
  }
  const gone = /however,? the linked subscription '([^']+)' was not found/i.exec(message);
  if (gone) {
    const subscription = checked(gone[1], SUBSCRIPTION);
    const which = subscription === undefined ? 'a subscription' : `subscription ${subscription}`;
    return `The model of the cluster names a resource of ${which}, which ARM does not find. Correct the id of that resource in the cluster, or remove the resource from it.`;
  }
  const [, actions = '', scopes = ''] =
    /not have permission to perform action(?:\(s\)|s)? ('[^']+'(?:, ?'[^']+'){0,20}) on the linked scope(?:\(s\)|s)? ('[^']+'(?:, ?'[^']+'){0,20})/i.exec(
      message,
    ) ?? [];
  const what = listed(actions, ACTION) ?? 'the actions that ARM names';
  const where = listed(scopes, ID) ?? 'the linked scopes that ARM names';
  return `Grant ${what} on ${where} to the controller's identity. The model of the cluster refers to that resource, and ARM checks this right with every write.`;
}

/** Advises on a deny assignment: no role overrides one. */
export function liftDenyAssignment({ message }: ArmAnswer): string {
  const action = checked(/perform action '([^']+)'/.exec(message)?.[1], ACTION) ?? 'the action';
  const [, name, at] = /deny assignment with name '([^']*)'[^]{0,300}?at scope '([^']+)'/.exec(message) ?? [];
  const scope = checked(at, ID);
  const which =
    name === undefined
      ? 'the deny assignment'
      : `the deny assignment '${name}'${scope === undefined ? '' : ` at ${scope}`}`;
  return `Exclude the controller's identity from ${which}, which denies ${action}, or exclude this cluster.`;
}

export function liftLock({ message }: ArmAnswer): string {
  const [, list = ''] = /locked: '([^']+)'/.exec(message) ?? [];
  const scopes = list.split(',').flatMap((scope) => checked(scope.trim(), ID) ?? []);
  return `Remove the ReadOnly lock${scopes.length === 0 ? '' : ` at ${scopes.join(' and at ')}`}, or exclude this cluster.`;
}

export function exemptFromPolicy({ message, policy }: ArmAnswer): string {
  const name = /"policyAssignment(?:Name)?":(?:\{"name":)?"([^"]{1,128})"/.exec(message)?.[1] ?? policy;
  const which = name === undefined ? 'the policy assignment that refuses it' : `the policy assignment "${name}"`;
  return `Exempt the cluster and its node resource group from ${which}, or change the assignment.`;
}

/** Advises on a 403: names a right only where the answer says that one is missing, and otherwise the known cause, if any. */
export function forbiddenFix(answer: ArmAnswer, resourceId?: string): string {
  return saysRightIsMissing(answer) ? grantRight(answer, resourceId) : (fixByWords(answer) ?? '');
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

/** Advises on a refusal of a write that no other row covers. */
export function refusedWriteFix(answer: ArmAnswer): string {
  const known = fixByWords(answer);
  const [, flag, name] =
    /feature(?: flag)? '?(Microsoft\.[A-Za-z.]{1,60})\/([A-Za-z0-9_-]{1,80})'? is not (?:registered|enabled)/i.exec(
      answer.message,
    ) ?? [];
  const feature =
    flag === undefined ? undefined : `Register the feature: az feature register --namespace ${flag} --name ${name}.`;
  const namespace = /not registered to use namespace '(Microsoft\.[A-Za-z.]{1,60})'/.exec(answer.message)?.[1];
  const registers =
    namespace === undefined
      ? undefined
      : `Register the resource provider: az provider register --namespace ${namespace}.`;
  const gone =
    answer.status === 404 ? 'Restore the resource that ARM names, or remove it from the cluster.' : undefined;
  return registers ?? feature ?? known ?? gone ?? 'Correct what ARM names.';
}

/** The fix for the cause that code or message name; undefined where they name no known one. */
function fixByWords(answer: ArmAnswer): string | undefined {
  const cause = knownCause(answer);
  if (!cause) return undefined;
  return cause.refusedFix ?? `${cause.fix.charAt(0).toUpperCase()}${cause.fix.slice(1)}.`;
}

/** Quotes an id for a shell: the name of a resource group may have parentheses. */
function quoted(id: string): string {
  return /^[\w/.-]+$/.test(id) ? id : `'${id}'`;
}

function listed(texts: string, form: RegExp): string | undefined {
  const all = [...texts.matchAll(/'([^']+)'/g)].flatMap(([, text]) => text!.split(',')).map((text) => text.trim());
  return all.length > 0 && all.every((text) => form.test(text)) ? all.join(' and ') : undefined;
}
