import type { Cluster } from './cluster.ts';
import { OperationCanceled, OperationFailure } from './operation.ts';
import type { Operation } from './operation-state.ts';
import { plannedEnd } from './planned-end.ts';
import type { Provider } from './provider.ts';

/** The input of each step that changes a cluster's machines. */
export interface ClusterWork {
  readonly cluster: Cluster;
  readonly provider: Provider;
  /** Nodes made by it are born in a later second than this one; real milliseconds since 1970. */
  readonly startedAt: number;
  /** Lets so many simulated seconds go by. Throws when the cluster is gone. */
  takes(seconds: number): Promise<void>;
  /** Throws OperationCanceled when an end was asked for: for steps that may never come to one. */
  goOn(): void;
}

/** The input of the steps of a running operation. */
export interface Work extends ClusterWork {
  readonly operation: Operation;
  /** To be called before a rotation changes the CA. Waits, or throws, as `startNode` does, where that is to be the end. */
  beforeCertificates(): Promise<void>;
  /** To be called before a node is touched. Waits where the operation is to hang. Throws OperationCanceled or OperationFailure when no more may be. */
  startNode(): Promise<void>;
  /** To be called when all is done. Waits where the operation is to hang. Throws OperationCanceled or OperationFailure when it is to end otherwise. */
  finish(): Promise<void>;
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

/** Simulated seconds between two checks whether an operation that hangs is to go on. */
const HANGING_SECONDS = 5;

export function makeWork(cluster: Cluster, operation: Operation, provider: Provider): Work {
  const plan = plannedEnd(cluster);
  let started = 0;
  const goOn = () => {
    if (operation.status === 'Canceling') throw new OperationCanceled();
  };
  const takes = (seconds: number) =>
    provider.clock.sleep(seconds * 1000, AbortSignal.any([cluster.end.signal, operation.preemption.signal]));

  async function finish(): Promise<void> {
    goOn();
    while (plan?.end === 'Never' && !plan.takenBack) {
      await takes(HANGING_SECONDS);
      goOn();
    }
    if (plan === undefined || plan.takenBack || plan.end === 'Never') return;
    throw plan.end === 'Canceled' ? new OperationCanceled(plan.message) : new OperationFailure(plan.code, plan.message);
  }

  return {
    ...clusterWork(cluster, provider),
    startedAt: operation.startedAt,
    operation,
    takes,
    goOn,
    async beforeCertificates() {
      if (operation.status === 'Canceling' || plan?.beforeCertificates === true) await finish();
    },
    async startNode() {
      if (operation.status === 'Canceling' || started >= (plan?.afterNodes ?? Infinity)) await finish();
      started++;
    },
    finish,
  };
}
