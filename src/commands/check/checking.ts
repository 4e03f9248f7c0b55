import type { Connection, KubernetesRequest } from '../../kubernetes/client/connection.ts';
import type { CheckRequest } from './request.ts';

/** What every check works with. */
export interface Checking {
  readonly request: CheckRequest;
  readonly signal: AbortSignal;
  /** ms since the epoch. */
  readonly now: () => number;
  /**
   * One request, with the deadline of the command.
   *
   * @throws KubernetesError
   */
  readonly ask: (connection: Connection, request: KubernetesRequest) => Promise<unknown>;
  /** For work of several requests: aborts at the deadline of the command, counted from now, or when the command ends. */
  readonly limit: () => AbortSignal;
}

export function createChecking(request: CheckRequest, signal: AbortSignal, now: () => number): Checking {
  return {
    request,
    signal,
    now,
    ask: (connection, asked) => connection.request({ signal, timeoutMs: request.timeout, ...asked }),
    limit: () => AbortSignal.any([signal, AbortSignal.timeout(request.timeout)]),
  };
}
