import { startDeletion } from '../cluster/deletion.ts';
import type { Answer } from '../http/answer.ts';
import { pathClusterId } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { accepted } from './long-running.ts';
import { checkMatch } from './preconditions.ts';

/** Deletes the cluster: 204 when there is none. It is Deleting until its machines are gone; an operation that runs is preempted. */
export function deleteManagedCluster(request: ArmRequest): Answer {
  const { world, incoming } = request;
  const cluster = world.cluster(pathClusterId(request));
  if (cluster === undefined) return { status: 204 };
  checkMatch(incoming.headers, cluster.state.eTag);
  return accepted(request, startDeletion(cluster, world));
}
