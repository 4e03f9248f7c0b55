import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { value } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { groupIdOf } from './resource-id.ts';
import { allows } from './authorization.ts';
import type { World } from '../world.ts';

/** The subscriptions in which the caller may do anything at all. */
export function listSubscriptions({ world, roles }: ArmRequest): Answer {
  const seen = world.subscriptions().filter((id) => {
    const scope = `/subscriptions/${id}`.toLowerCase();
    return (
      allows(roles, 'Microsoft.Resources/subscriptions/read', scope) ||
      roles.some((role) => `${role.scope.toLowerCase()}/`.startsWith(`${scope}/`))
    );
  });
  return json(200, { value: seen.map((id) => subscription(world, id)), count: { type: 'Total', value: seen.length } });
}

export function getSubscription(request: ArmRequest): Answer {
  return json(200, subscription(request.world, value(request, 'subscription')));
}

function subscription({ tenantId }: World, id: string): object {
  return {
    id: `/subscriptions/${id}`,
    authorizationSource: 'RoleBased',
    managedByTenants: [],
    subscriptionId: id,
    tenantId,
    displayName: 'Simulated subscription',
    state: 'Enabled',
    subscriptionPolicies: {
      locationPlacementId: 'Public_2014-09-01',
      quotaId: 'PayAsYouGo_2014-09-01',
      spendingLimit: 'Off',
    },
  };
}

export function getResourceGroup(request: ArmRequest): Answer {
  const subscriptionId = value(request, 'subscription');
  const group = request.world.group(subscriptionId, value(request, 'group'));
  const name = group?.name ?? '';
  return json(200, {
    id: groupIdOf({ subscriptionId, resourceGroup: name }),
    name,
    type: 'Microsoft.Resources/resourceGroups',
    location: group?.location ?? '',
    properties: { provisioningState: 'Succeeded' },
  });
}
