import { KubernetesError } from '../error.ts';

/** Number of times that a request is sent again because the server asked for that; client-go allows ten. */
const MAX_RESENDS = 5;

/**
 * Wait before a refused request is sent again, in milliseconds; undefined: it is not sent again. Only a request that the server
 * certainly has not processed, and named a time for, is sent again: a 429 comes before processing
 * (kubernetes.io/docs/concepts/cluster-administration/flow-control), but a 503 may come from anywhere, which matters for a write.
 *
 * @param sent number of times that it was sent
 * @param msLeft of the request's own deadline
 */
export function pauseBeforeResend(error: unknown, method: string, sent: number, msLeft: number): number | undefined {
  if (!(error instanceof KubernetesError) || error.retryAfterMs === undefined || sent > MAX_RESENDS) return undefined;
  const undone = error.status === 429 || (error.status === 503 && method === 'GET');
  return undone && error.retryAfterMs < msLeft ? error.retryAfterMs : undefined;
}
