import { abortOperation } from '../cluster/abort.ts';
import type { Answer } from '../http/answer.ts';
import { pathCluster } from './arm-request.ts';
import type { ArmRequest } from './arm-request.ts';
import { ArmError } from './errors.ts';
import { accepted } from './long-running.ts';

/**
 * Asks the operation of the cluster to stop, by an operation of its own that ends when the other one is Canceled. Throws 409 when none
 * runs: the REST reference has that status for one that is over before it can be canceled, but no message.
 */
export function abortLatestOperation(request: ArmRequest): Answer {
  const cluster = pathCluster(request);
  const aborting = abortOperation(cluster, request.world.provider);
  if (aborting !== undefined) return accepted(request, aborting);
  const message = `The latest operation on the managed cluster has ended (${cluster.state.provisioningState}); there is nothing to abort.`;
  throw new ArmError(409, 'OperationNotAllowed', message, { unwrapped: true });
}
