import { machinesOf } from '../cluster/machines.ts';
import type { Machine } from '../cluster/machines.ts';
import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { poolNotFound } from './agent-pools.ts';
import { pathCluster, value } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { ArmError } from './errors.ts';
import { servedIdOf } from './resource-id.ts';

export function listMachines(request: ArmRequest): Answer {
  return json(200, { value: machines(request).map((machine) => resource(request, machine)) });
}

export function getMachine(request: ArmRequest): Answer {
  const name = value(request, 'machine');
  const found = machines(request).find((machine) => machine.name.toLowerCase() === name.toLowerCase());
  if (found === undefined) throw new ArmError(404, 'NotFound', `Could not find the machine: ${name}.`);
  return json(200, resource(request, found));
}

function machines(request: ArmRequest): Machine[] {
  const pool = value(request, 'pool');
  const cluster = pathCluster(request);
  if (!cluster.pools.has(pool.toLowerCase())) throw poolNotFound(request);
  return machinesOf(cluster, pool);
}

/** A machine in the stable api-versions (2026-01-01, MachineList.json). */
function resource(request: ArmRequest, { name, pool, ip, resourceId }: Machine): object {
  const { id } = pathCluster(request);
  return {
    id: `${servedIdOf(id)}/agentPools/${pool}/machines/${name}`,
    name,
    type: 'Microsoft.ContainerService/managedClusters/agentPools/machines',
    properties: { network: { ipAddresses: [{ family: 'IPv4', ip }] }, resourceId },
  };
}
