import type { Cluster } from './cluster.ts';
import type { Provider } from './provider.ts';

/** A long-running operation, as its status monitor tells of it. */
export interface Operation {
  readonly id: string;
  readonly subscriptionId: string;
  readonly location: string;
  /** Simulated time, ISO 8601. */
  readonly startTime: string;
  /** Real milliseconds since 1970: what Node objects' creation times are compared with. */
  readonly startedAt: number;
  /** The cluster's or pool's provisioning state while it lasts; for a pool's operation preceded by its name. */
  readonly doing: string;
  /** It shows in pools only; the cluster stays as it is. */
  readonly poolsOnly: boolean;
  /** Aborted when the cluster is deleted meanwhile: the operation ends where it is. */
  readonly preemption: AbortController;
  status: 'InProgress' | 'Canceling' | 'Succeeded' | 'Failed' | 'Canceled';
  endTime?: string;
  error?: { readonly code: string; readonly message: string };
  /** What the status monitor says whatever is the case: a fault. */
  pretended?: 'InProgress' | 'Succeeded';
  /** How many nodes it has replaced. */
  replaced: number;
  /** Resolves when it has ended. */
  done: Promise<void>;
}

/** An operation that begins now, with nothing done of it yet. */
export function newOperation(
  { id, location }: Pick<Cluster, 'id' | 'location'>,
  { clock, random, realNow }: Provider,
  { doing, poolsOnly }: Pick<Operation, 'doing' | 'poolsOnly'>,
): Operation {
  return {
    id: random.guid(),
    subscriptionId: id.subscriptionId,
    location,
    startTime: new Date(clock.now()).toISOString(),
    startedAt: realNow(),
    doing,
    poolsOnly,
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
