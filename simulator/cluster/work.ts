import type { Cluster } from './cluster.ts';
import { OperationCanceled, OperationFailure } from './operation.ts';
import type { Operation } from './operation.ts';
import type { Provider } from './provider.ts';

/** What any step is given that changes a cluster's machines. */
export interface ClusterWork {
  readonly cluster: Cluster;
  readonly provider: Provider;
  /** Nodes made by it are born in a later second than this one; real milliseconds since 1970. */
  readonly startedAt: number;
  /** Lets so many simulated seconds go by. Throws when the cluster is gone. */
  takes(seconds: number): Promise<void>;
  /** Throws OperationCanceled when somebody has asked for an end: for steps that may never come to one. */
  goOn(): void;
}

/** What the steps of a running operation are given. */
export interface Work extends ClusterWork {
  readonly operation: Operation;
  /** To be called before a node is touched. Throws OperationCanceled or OperationFailure when no more may be. */
  startNode(): void;
  /** To be called when all is done. Throws OperationCanceled or OperationFailure when it is to end otherwise. */
  finish(): void;
}

export function clusterWork(cluster: Cluster, provider: Provider): ClusterWork {
  return {
    cluster,
    provider,
    startedAt: provider.realNow(),
    takes: (seconds) => provider.clock.sleep(seconds * 1000, cluster.end.signal),
    goOn: () => {},
  };
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
    ...clusterWork(cluster, provider),
    startedAt: operation.startedAt,
    operation,
    takes: (seconds) =>
      provider.clock.sleep(seconds * 1000, AbortSignal.any([cluster.end.signal, operation.preemption.signal])),
    goOn() {
      if (operation.status === 'Canceling') throw new OperationCanceled();
    },
    startNode() {
      if (operation.status === 'Canceling' || started >= (failure?.afterNodes ?? Infinity)) finish();
      started++;
    },
    finish,
  };
}
