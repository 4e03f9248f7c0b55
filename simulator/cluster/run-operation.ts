import { changeCluster, changePool } from './change.ts';
import type { Cluster } from './cluster.ts';
import { newOperation, OperationCanceled, OperationFailure } from './operation.ts';
import type { Operation } from './operation-state.ts';
import type { Provider } from './provider.ts';
import { makeWork, type Work } from './work.ts';

/** An operation: its work, and its state meanwhile. */
export interface OperationPlan {
  /** The provisioning state while it lasts. */
  readonly doing: string;
  /** Names of the pools that show it too. */
  readonly pools: readonly string[];
  /** Only pools show it; the cluster and its eTag stay as they are. */
  readonly poolsOnly?: boolean;
  /** See Operation. */
  readonly answersCluster?: boolean;
  readonly work: (work: Work) => Promise<void>;
}

/** Starts an operation on a cluster that has none. It goes on by itself; `done` of the result resolves when it has ended. */
export function startOperation(cluster: Cluster, provider: Provider, plan: OperationPlan): Operation {
  const poolsOnly = plan.poolsOnly === true;
  const doing = poolsOnly ? `${plan.pools.join(', ')} - ${plan.doing}` : plan.doing;
  const operation = newOperation(cluster, provider, { doing, poolsOnly, answersCluster: plan.answersCluster === true });
  cluster.operation = operation;
  say(cluster, provider, plan, plan.doing, undefined);
  operation.done = run(cluster, operation, provider, plan);
  return operation;
}

async function run(cluster: Cluster, operation: Operation, provider: Provider, plan: OperationPlan): Promise<void> {
  const outcome = await outcomeOf(makeWork(cluster, operation, provider), plan);
  if (cluster.end.signal.aborted || operation.preemption.signal.aborted) {
    cluster.operation = undefined;
    operation.status = 'Failed';
    operation.endTime = new Date(provider.clock.now()).toISOString();
    operation.error = {
      code: 'AKSOperationPreemptedByDelete',
      message: 'This operation has been preempted by Deleting operation.',
    };
    return;
  }
  operation.status = outcome.status;
  operation.endTime = new Date(provider.clock.now()).toISOString();
  if (outcome.error !== undefined) operation.error = outcome.error;
  say(cluster, provider, plan, outcome.status, outcome.status === 'Failed' ? outcome.error : undefined);
  cluster.operation = undefined;
}

type Outcome = Pick<Operation, 'error'> & { readonly status: 'Succeeded' | 'Failed' | 'Canceled' };

async function outcomeOf(work: Work, { work: task }: OperationPlan): Promise<Outcome> {
  try {
    await work.cluster.ready;
    await task(work);
    await work.finish();
    return { status: 'Succeeded' };
  } catch (error) {
    if (error instanceof OperationCanceled) {
      return { status: 'Canceled', error: { code: 'Canceled', message: error.message } };
    }
    const message = error instanceof Error ? error.message : String(error);
    return {
      status: 'Failed',
      error: { code: error instanceof OperationFailure ? error.code : 'InternalOperationError', message },
    };
  }
}

const CANCELING = 'Canceling';

/** Puts a provisioning state where the operation is to be seen. */
function say(
  cluster: Cluster,
  { random }: Provider,
  plan: OperationPlan,
  provisioningState: string,
  provisioningError: Cluster['state']['provisioningError'],
): void {
  for (const pool of plan.pools) {
    const now = cluster.pools.get(pool.toLowerCase())?.provisioningState;
    // A pool that is done before the others says so, and keeps saying so.
    if (now !== undefined && (provisioningState === plan.doing || now === plan.doing || now === CANCELING)) {
      changePool(cluster, random, pool, { provisioningState });
    }
  }
  if (plan.poolsOnly !== true) changeCluster(cluster, random, { provisioningState, provisioningError });
}

/** Asks the running operation to stop: nodes being replaced are finished, no other is begun. False when none is running. */
export function cancelOperation(cluster: Cluster, provider: Provider): boolean {
  const { operation } = cluster;
  if (operation?.status !== 'InProgress') return false;
  operation.status = CANCELING;
  if (!operation.poolsOnly) changeCluster(cluster, provider.random, { provisioningState: CANCELING });
  return true;
}
