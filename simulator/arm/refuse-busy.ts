import { isTerminal } from '../cluster/cluster.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { anotherOperation, ArmError } from './errors.ts';

/** Throws the answer of AKS to a change while something is going on, or while the cluster is stopped. */
export function refuseWhileBusy(cluster: Cluster): void {
  refuseWhileAtWork(cluster);
  if (cluster.state.powerState === 'Stopped') throw wrongPowerState(cluster, 'updating');
}

/** Throws the answer of AKS to any operation while another one is going on. */
export function refuseWhileAtWork(cluster: Cluster): void {
  const { provisioningState } = cluster.state;
  if (!isTerminal(provisioningState)) throw anotherOperation(provisioningState);
  for (const [name, pool] of cluster.pools) {
    if (!isTerminal(pool.provisioningState)) throw anotherOperation(`${name} - ${pool.provisioningState}`);
  }
}

/** The refusal of an operation that the cluster's power state does not allow. */
export function wrongPowerState({ state }: Cluster, doing: 'updating' | 'starting' | 'stopping'): ArmError {
  return new ArmError(
    400,
    'OperationNotAllowed',
    `managed cluster is in Provisioning State(${state.provisioningState}) and Power State(${state.powerState}), ${doing} cannot be performed`,
    { unwrapped: true },
  );
}
