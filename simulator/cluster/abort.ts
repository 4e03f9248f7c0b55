import type { Cluster } from './cluster.ts';
import { newOperation } from './operation.ts';
import type { Operation } from './operation-state.ts';
import type { Provider } from './provider.ts';
import { cancelOperation } from './run-operation.ts';

/**
 * Asks the running operation of a cluster to stop. The operation that comes back is Succeeded when the other one is Canceled, and
 * Failed when it ended otherwise first. Undefined when no operation of the cluster runs; those of single pools do not count.
 */
export function abortOperation(cluster: Cluster, provider: Provider): Operation | undefined {
  const latest = cluster.operation;
  if (latest === undefined || latest.poolsOnly || !cancelOperation(cluster, provider)) return undefined;
  const aborting = newOperation(cluster, provider, { doing: 'Canceling', poolsOnly: false });
  aborting.done = latest.done.then(() => {
    const canceled = latest.status === 'Canceled';
    aborting.status = canceled ? 'Succeeded' : 'Failed';
    aborting.endTime = new Date(provider.clock.now()).toISOString();
    if (!canceled) aborting.error = { code: 'Conflict', message: `The operation ended before it could be canceled.` };
  });
  return aborting;
}
