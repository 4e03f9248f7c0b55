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
}

export function createChecking(request: CheckRequest, signal: AbortSignal, now: () => number): Checking {
  return {
    request,
    signal,
    now,
    ask: (connection, asked) => connection.request({ signal, timeoutMs: request.timeout, ...asked }),
  };
}
