import type { Cluster } from '../cluster/cluster.ts';
import type { Provider } from '../cluster/provider.ts';
import { startRotation } from '../cluster/rotate.ts';
import type { Answer } from '../http/answer.ts';
import { pathCluster } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { spokenError } from './errors.ts';
import { acceptedAtLocation } from './long-running.ts';
import { refuseWhileAtWork, wrongPowerState } from './refuse-busy.ts';

/** Gives the cluster another CA, and makes its machines anew. 202 with a `Location` and no status monitor, as the REST reference says. */
export function rotateClusterCertificates(request: ArmRequest): Answer {
  const cluster = pathCluster(request);
  const { provider } = request.world;
  refuseRotation(cluster, provider);
  const operation = startRotation(cluster, provider);
  const answer = acceptedAtLocation(request, operation);
  return request.fault?.noContent === true ? { status: 204 } : answer;
}

/** Throws 409 while another operation runs or the cluster is being deleted, 400 when it is stopped. */
export function refuseRotation(cluster: Cluster, provider: Provider): void {
  if (cluster.deletion !== undefined) throw spokenError('rotation-while-deleting', { 'my-cluster': cluster.id.name });
  refuseWhileAtWork(cluster, provider);
  if (cluster.state.powerState === 'Stopped') throw wrongPowerState(cluster, 'rotating certificates');
}
