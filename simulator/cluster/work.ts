import type { Cluster } from './cluster.ts';
import { OperationCanceled, OperationFailure } from './operation.ts';
import type { Operation } from './operation.ts';
import type { Provider } from './provider.ts';

/** What the steps of a running operation are given. */
export interface Work {
  readonly cluster: Cluster;
  readonly operation: Operation;
  readonly provider: Provider;
  /** Lets so many simulated seconds go by. Throws when the cluster is gone. */
  takes(seconds: number): Promise<void>;
  /** To be called before a node is touched. Throws OperationCanceled or OperationFailure when no more may be. */
  startNode(): void;
  /** To be called when all is done. Throws OperationCanceled or OperationFailure when it is to end otherwise. */
  finish(): void;
}

export function makeWork(cluster: Cluster, operation: Operation, provider: Provider): Work {
  const failure = cluster.plannedFailure;
  cluster.plannedFailure = undefined;
  let started = 0;
  const finish = () => {
    if (operation.status === 'Canceling') throw new OperationCanceled();
    if (failure !== undefined) throw new OperationFailure(failure.code, failure.message);
  };
  return {
    cluster,
    operation,
    provider,
    takes: (seconds) => provider.clock.sleep(seconds * 1000, cluster.end.signal),
    startNode() {
      if (operation.status === 'Canceling' || started >= (failure?.afterNodes ?? Infinity)) finish();
      started++;
    },
    finish,
  };
}
