import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { clusterIdOf } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { rolesAt } from './authorization.ts';
import { resourceIdOf } from './resource-id.ts';

/** What the caller may do with a cluster. learn.microsoft.com/rest/api/authorization/permissions/list-for-resource */
export function listPermissions({ route, roles }: ArmRequest): Answer {
  const cluster = clusterIdOf(route);
  const scope = cluster === undefined ? '' : resourceIdOf(cluster);
  const value = rolesAt(roles, scope).map(({ actions }) => ({
    actions,
    notActions: [],
    dataActions: [],
    notDataActions: [],
  }));
  return json(200, { value });
}
