import { jsonText } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { fromPlain, member, withMember } from '../json/access.ts';
import { printJson } from '../json/print.ts';
import type { JsonObject } from '../json/syntax.ts';
import { pathCluster, value } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { ArmError } from './errors.ts';
import { requestBody } from './put-managed-cluster.ts';
import { servedIdOf } from './resource-id.ts';

// learn.microsoft.com/azure/aks/planned-maintenance
const NAMES = ['default', 'aksManagedAutoUpgradeSchedule', 'aksManagedNodeOSUpgradeSchedule'];

export function listMaintenanceConfigurations(request: ArmRequest): Answer {
  const texts = [...pathCluster(request).maintenanceConfigurations.values()].map(printJson);
  return jsonText(200, `{"value":[${texts.join(',')}]}`);
}

export function getMaintenanceConfiguration(request: ArmRequest): Answer {
  const name = value(request, 'configuration');
  const found = pathCluster(request).maintenanceConfigurations.get(name.toLowerCase());
  if (found === undefined) {
    throw new ArmError(404, 'NotFound', `Could not find the maintenanceConfiguration: ${name}.`);
  }
  return jsonText(200, printJson(found));
}

export function putMaintenanceConfiguration(request: ArmRequest): Answer {
  const cluster = pathCluster(request);
  const sent = value(request, 'configuration');
  const name = NAMES.find((known) => known.toLowerCase() === sent.toLowerCase());
  if (name === undefined) {
    throw new ArmError(
      400,
      'InvalidParameter',
      `maintenanceConfiguration name '${sent}' is not supported. Supported names are ${NAMES.join(', ')}.`,
    );
  }
  const properties = member(requestBody(request.incoming.body), 'properties');
  const head = fromPlain({
    id: `${servedIdOf(cluster.id)}/maintenanceConfigurations/${name}`,
    name,
    type: 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations',
  }) as JsonObject;
  const resource = withMember(head, 'properties', properties ?? fromPlain({}));
  const isNew = !cluster.maintenanceConfigurations.has(name.toLowerCase());
  cluster.maintenanceConfigurations.set(name.toLowerCase(), resource);
  return jsonText(isNew ? 201 : 200, printJson(resource));
}

export function deleteMaintenanceConfiguration(request: ArmRequest): Answer {
  const existed = pathCluster(request).maintenanceConfigurations.delete(value(request, 'configuration').toLowerCase());
  return { status: existed ? 200 : 204 };
}
