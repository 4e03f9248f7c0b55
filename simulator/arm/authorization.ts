import { at, itemsOf, member, stringOf } from '../json/access.ts';
import type { JsonObject } from '../json/syntax.ts';
import type { Caller } from '../sign-in/bearer.ts';
import type { Role } from '../sign-in/directory.ts';
import type { Words } from '../words.ts';
import { spokenError } from './errors.ts';

/** Whether one of the roles grants the action at the scope. */
export function allows(roles: readonly Role[], action: string, scope: string): boolean {
  return roles.some((role) => covers(role.scope, scope) && role.actions.some((granted) => grants(granted, action)));
}

/** The roles that count at a scope. */
export function rolesAt(roles: readonly Role[], scope: string): readonly Role[] {
  return roles.filter((role) => covers(role.scope, scope));
}

/** Throws 403 AuthorizationFailed. */
export function authorize(caller: Caller, roles: readonly Role[], action: string, scope: string): void {
  if (allows(roles, action, scope)) return;
  throw spokenError('role-missing-write', {
    ...examplesOf(caller),
    'Microsoft.ContainerService/managedClusters/write': action,
    [`over scope '${EXAMPLE}'`]: `over scope '${scope}'`,
  });
}

/** Throws 403 LinkedAuthorizationFailed when a body names a resource that the caller may not use. ARM reads the ids of the body, changed or not. */
export function authorizeLinked(
  caller: Caller,
  roles: readonly Role[],
  { scope, words }: { scope: string; words: Words },
  body: JsonObject,
): void {
  for (const { action, id } of linkedActions(body)) {
    if (allows(roles, action, id)) continue;
    throw spokenError(words.pick('linkedScope'), {
      ...examplesOf(caller),
      [`on scope '${EXAMPLE}'`]: `on scope '${scope}'`,
      'Microsoft.OperationalInsights/workspaces/sharedkeys/read': action,
      [`'${EXAMPLE_WORKSPACE}'`]: `'${id}'`,
    });
  }
}

// The examples in the words of corpus.json.
const EXAMPLE =
  '/subscriptions/8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod-weu';
const EXAMPLE_WORKSPACE =
  '/subscriptions/8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8/resourcegroups/defaultresourcegroup-weu/providers/microsoft.operationalinsights/workspaces/defaultworkspace-weu';

function examplesOf({ clientId, objectId }: Caller): Record<string, string> {
  return {
    "client 'a2cc6c1b-3c5b-4b6a-9b8f-0a1a5b1f6f10'": `client '${clientId}'`,
    "object id '5b1f6f10-3c5b-4b6a-9b8f-0a1aa2cc6c1b'": `object id '${objectId}'`,
  };
}

function linkedActions(body: JsonObject): { action: string; id: string }[] {
  const found: { action: string; id: string | undefined }[] = [];
  const properties = member(body, 'properties');
  for (const pool of itemsOf(member(properties, 'agentPoolProfiles'))) {
    for (const key of ['vnetSubnetID', 'podSubnetID']) {
      found.push({ action: 'Microsoft.Network/virtualNetworks/subnets/join/action', id: stringOf(member(pool, key)) });
    }
  }
  for (const workspace of [
    at(properties, 'securityProfile', 'defender', 'logAnalyticsWorkspaceResourceId'),
    at(properties, 'addonProfiles', 'omsagent', 'config', 'logAnalyticsWorkspaceResourceID'),
  ]) {
    found.push({ action: 'Microsoft.OperationalInsights/workspaces/sharedkeys/read', id: stringOf(workspace) });
  }
  const assigned = at(body, 'identity', 'userAssignedIdentities');
  for (const id of assigned?.kind === 'object' ? assigned.members.map((m) => m.key) : []) {
    found.push({ action: 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action', id });
  }
  return found.flatMap(({ action, id }) => (id === undefined || id === '' ? [] : [{ action, id }]));
}

function covers(granted: string, scope: string): boolean {
  const prefix = granted.toLowerCase().replace(/\/+$/, '');
  const wanted = scope.toLowerCase();
  return wanted === prefix || wanted.startsWith(`${prefix}/`);
}

function grants(granted: string, action: string): boolean {
  const pattern = granted.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`, 'i').test(action);
}
