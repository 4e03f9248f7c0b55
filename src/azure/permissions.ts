import { wirePath, type ClusterId } from '../api/resource-id.ts';
import { readObject } from './read-object.ts';
import type { ArmTransport } from './transport.ts';

/** learn.microsoft.com/rest/api/authorization/permissions/list-for-resource */
export const PERMISSIONS_API_VERSION = '2022-04-01';

/** Actions that one role assignment gives: patterns in which `*` stands for any text. */
interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
}

/**
 * The given actions that no role assignment of the caller gives at a cluster. Deny assignments, locks and policies are not part of
 * the answer. Undefined where ARM does not give one, which some roles cause.
 */
export async function missingActions(
  transport: ArmTransport,
  id: ClusterId,
  actions: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const target = permissionsPath(id);
  const answer = await transport.send({ method: 'GET', target, apiVersion: PERMISSIONS_API_VERSION, signal });
  return answer.status === 200 ? missingIn(answer.text, actions) : undefined;
}

/** The path of the caller's permissions at a cluster. */
export function permissionsPath(id: ClusterId): string {
  return `${wirePath(id)}/providers/Microsoft.Authorization/permissions`;
}

/** The given actions that no permission in the text of an answer gives; undefined where it is no such answer. */
export function missingIn(text: string, actions: readonly string[]): readonly string[] | undefined {
  const value = readObject(text)?.['value'];
  if (!Array.isArray(value)) return undefined;
  const permissions = value.map(readPermission);
  return actions.filter((action) => !permissions.some((permission) => gives(permission, action)));
}

function readPermission(value: unknown): Permission {
  const { actions, notActions } = (value ?? {}) as Record<string, unknown>;
  return { actions: texts(actions), notActions: texts(notActions) };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function gives({ actions, notActions }: Permission, action: string): boolean {
  const matches = (pattern: string) => matchesAction(pattern.toLowerCase(), action.toLowerCase());
  return actions.some(matches) && !notActions.some(matches);
}

/** Without a regular expression: the pattern comes from an answer. */
function matchesAction(pattern: string, action: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return pattern === action;
  if (!action.startsWith(first)) return false;
  let from = first.length;
  for (const part of parts) {
    const at = action.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return action.length >= from + last.length && action.endsWith(last);
}
