import { groupIdOf } from '../arm/resource-id.ts';
import { at, stringOf } from '../json/access.ts';
import type { Cluster } from './cluster.ts';
import { OperationFailure } from './operation.ts';

/** The name of the group that the machines are in. */
export function nodeGroupOf({ model }: Pick<Cluster, 'model'>): string {
  return stringOf(at(model, 'properties', 'nodeResourceGroup')) ?? '';
}

/** To be called before a machine is deleted. Throws OperationFailure while there is a lock (…/azure-kubernetes/error-codes/scopelocked-error). */
export function refuseLocked(cluster: Cluster, pool: string): void {
  if (cluster.locks.length === 0) return;
  const group = groupIdOf({ subscriptionId: cluster.id.subscriptionId, resourceGroup: nodeGroupOf(cluster) });
  throw new OperationFailure(
    'ReconcileVMSSAgentPoolFailed',
    `Service returned an error. Status=409 Code="ScopeLocked" Message="The scope '${group}/providers/Microsoft.Compute/virtualMachineScaleSets/aks-${pool}-vmss' cannot perform delete operation because following scope(s) are locked: '${group}'. Please remove the lock and try again."`,
  );
}
