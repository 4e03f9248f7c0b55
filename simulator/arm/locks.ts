import type { LockSeed } from '../cluster/lock-seed.ts';
import { nodeGroupOf } from '../cluster/locks.ts';
import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { value } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { groupIdOf } from './resource-id.ts';

/** The locks of a group; only those of machines have any. learn.microsoft.com/rest/api/resources/management-locks/list-at-resource-group-level */
export function listLocks(request: ArmRequest): Answer {
  const [subscriptionId, resourceGroup] = [value(request, 'subscription'), value(request, 'group')];
  const locks = request.world
    .clustersIn(subscriptionId)
    .filter((cluster) => nodeGroupOf(cluster).toLowerCase() === resourceGroup.toLowerCase())
    .flatMap((cluster) => cluster.locks);
  const scope = groupIdOf({ subscriptionId, resourceGroup });
  return json(200, { value: locks.map((lock) => served(lock, scope)) });
}

function served({ name, level = 'CanNotDelete', notes }: LockSeed, scope: string) {
  return {
    properties: { level, ...(notes === undefined ? {} : { notes }) },
    id: `${scope}/providers/Microsoft.Authorization/locks/${name}`,
    type: 'Microsoft.Authorization/locks',
    name,
  };
}
