import { agentPools, clusterText } from '../cluster/view.ts';
import { jsonText } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { parseJsonObject } from '../json/parse.ts';
import { printJson } from '../json/print.ts';
import { pathCluster, pathClusterId, value } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { ArmError } from './errors.ts';
import { resourceIdOf, servedIdOf } from './resource-id.ts';

export function listAgentPools(request: ArmRequest): Answer {
  return jsonText(
    200,
    `{"value":[${pools(request)
      .map(({ resource }) => printJson(resource))
      .join(',')}]}`,
  );
}

export function getAgentPool(request: ArmRequest): Answer {
  const name = value(request, 'pool');
  const found = pools(request).find((pool) => pool.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) {
    throw poolNotFound(request);
  }
  return jsonText(200, printJson(found.resource));
}

export function poolNotFound(request: ArmRequest): ArmError {
  const [pool, subscription, group, cluster] = ['pool', 'subscription', 'group', 'cluster'].map((key) =>
    value(request, key),
  );
  return new ArmError(
    404,
    'NotFound',
    `Could not find the agentPool: ${pool} in subscription: ${subscription}, resourceGroup: ${group}, managedCluster: ${cluster}.`,
  );
}

function pools(request: ArmRequest) {
  const id = pathClusterId(request);
  const text = request.faults.staleText(resourceIdOf(id)) ?? clusterText(pathCluster(request), request.settings);
  return agentPools(servedIdOf(request.world.cluster(id)?.id ?? id), parseJsonObject(text));
}
