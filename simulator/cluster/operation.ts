import type { Cluster } from './cluster.ts';
import type { Operation } from './operation-state.ts';
import type { Provider } from './provider.ts';

/** An operation that begins now, with nothing done of it yet. */
export function newOperation(
  { id, location }: Pick<Cluster, 'id' | 'location'>,
  { clock, random, realNow }: Provider,
  {
    doing,
    poolsOnly,
    answersCluster = false,
  }: Pick<Operation, 'doing' | 'poolsOnly'> & Partial<Pick<Operation, 'answersCluster'>>,
): Operation {
  return {
    id: random.guid(),
    cluster: id,
    subscriptionId: id.subscriptionId,
    location,
    startTime: new Date(clock.now()).toISOString(),
    startedAt: realNow(),
    doing,
    poolsOnly,
    answersCluster,
    preemption: new AbortController(),
    status: 'InProgress',
    replaced: 0,
    done: Promise.resolve(),
  };
}

/** Ends an operation as Failed. */
export class OperationFailure extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'OperationFailure';
    this.code = code;
  }
}

/** Ends an operation as Canceled. */
export class OperationCanceled extends Error {
  constructor(message = 'The operation was canceled.') {
    super(message);
    this.name = 'OperationCanceled';
  }
}

/** The body of the status monitor. */
export function operationBody(operation: Operation): Record<string, unknown> {
  const { pretended, endTime, error } = operation;
  const status = pretended ?? operation.status;
  const ended = status !== 'InProgress' && status !== 'Canceling';
  return {
    id: operationPath(operation),
    name: operation.id,
    status,
    startTime: operation.startTime,
    ...(ended ? { endTime: endTime ?? operation.startTime } : {}),
    ...(ended && error !== undefined && pretended === undefined ? { error } : {}),
  };
}

export function operationPath({ subscriptionId, location, id }: Operation, kind = 'operations'): string {
  return `/subscriptions/${subscriptionId}/providers/Microsoft.ContainerService/locations/${location}/${kind}/${id}`;
}
