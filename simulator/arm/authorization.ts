import { at, itemsOf, member, stringOf } from '../json/access.ts';
import type { JsonObject } from '../json/syntax.ts';
import type { Caller } from '../sign-in/bearer.ts';
import type { Role } from '../sign-in/directory.ts';
import { ArmError } from './errors.ts';

/** Whether one of the roles grants the action at the scope. */
export function allows(roles: readonly Role[], action: string, scope: string): boolean {
  return roles.some((role) => covers(role.scope, scope) && role.actions.some((granted) => grants(granted, action)));
}

/** Throws 403 AuthorizationFailed. */
export function authorize(caller: Caller, roles: readonly Role[], action: string, scope: string): void {
  if (allows(roles, action, scope)) return;
  throw new ArmError(
    403,
    'AuthorizationFailed',
    `The client '${caller.clientId}' with object id '${caller.objectId}' does not have authorization to perform action '${action}' ` +
      `over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

/** Throws 403 LinkedAuthorizationFailed when a body names a resource that the caller may not use. ARM reads the ids of the body, changed or not. */
export function authorizeLinked(caller: Caller, roles: readonly Role[], scope: string, body: JsonObject): void {
  for (const { action, id } of linkedActions(body)) {
    if (allows(roles, action, id)) continue;
    throw new ArmError(
      403,
      'LinkedAuthorizationFailed',
      `The client '${caller.clientId}' with object id '${caller.objectId}' has permission to perform action ` +
        `'Microsoft.ContainerService/managedClusters/write' on scope '${scope}'; however, it does not have permission to perform ` +
        `action(s) '${action}' on the linked scope(s) '${id}' (respectively) or the linked scope(s) are invalid.`,
    );
  }
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
