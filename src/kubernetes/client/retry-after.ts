import { KubernetesError } from '../error.ts';

/** How often a request is sent again because the server asked for that; client-go does so ten times. */
const MAX_RESENDS = 5;

/**
 * How long to wait, in milliseconds, before a refused request is sent again; undefined: not at all. Only what the server
 * surely has not done, and named a time for: a 429 is sent before the request is processed
 * (kubernetes.io/docs/concepts/cluster-administration/flow-control), a 503 may come from anywhere, which matters to a write.
 *
 * @param sent how often it was sent so far
 * @param msLeft of the request's own time
 */
export function pauseBeforeResend(error: unknown, method: string, sent: number, msLeft: number): number | undefined {
  if (!(error instanceof KubernetesError) || error.retryAfterMs === undefined || sent > MAX_RESENDS) return undefined;
  const undone = error.status === 429 || (error.status === 503 && method === 'GET');
  return undone && error.retryAfterMs < msLeft ? error.retryAfterMs : undefined;
}
