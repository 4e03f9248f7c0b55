import type { Cluster } from '../cluster/cluster.ts';
import type { Provider } from '../cluster/provider.ts';
import { startCluster, stopCluster } from '../cluster/power.ts';
import type { Answer } from '../http/answer.ts';
import { pathCluster } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { ArmError } from './errors.ts';
import { accepted } from './long-running.ts';
import { refuseWhileAtWork, wrongPowerState } from './refuse-busy.ts';

/** Stops the cluster: its machines go, its model stays. */
export function stopManagedCluster(request: ArmRequest): Answer {
  const cluster = pathCluster(request);
  const { provider } = request.world;
  refuseStop(cluster, provider);
  return accepted(request, stopCluster(cluster, provider));
}

export function startManagedCluster(request: ArmRequest): Answer {
  const cluster = pathCluster(request);
  const { provider } = request.world;
  refuseStart(cluster, provider);
  return accepted(request, startCluster(cluster, provider));
}

/** Throws 409 while another operation runs, 400 when the cluster is stopped or has node auto-provisioning. */
export function refuseStop(cluster: Cluster, provider: Provider): void {
  refuseWhileAtWork(cluster, provider);
  if (cluster.state.powerState === 'Stopped') throw wrongPowerState(cluster, 'stopping');
  if (cluster.seed.autoProvisioned !== undefined) {
    // learn.microsoft.com/azure/aks/start-stop-cluster says that it cannot be done, without the message.
    const message = 'Stopping a managed cluster that has node auto-provisioning enabled is not supported.';
    throw new ArmError(400, 'BadRequest', message, { unwrapped: true });
  }
}

/** Throws 409 while another operation runs, 400 when the cluster is not stopped. */
export function refuseStart(cluster: Cluster, provider: Provider): void {
  refuseWhileAtWork(cluster, provider);
  if (cluster.state.powerState !== 'Stopped') throw wrongPowerState(cluster, 'starting');
}
