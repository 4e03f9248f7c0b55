import type { KubernetesError } from '../../kubernetes/error.ts';
import type { Logger } from '../../runtime/logging.ts';

/** ms between two lines about the same failure of one server. */
const AGAIN_MS = 10 * 60_000;
/** undici's code for requests on a connection that was closed. */
const OURS = 'UND_ERR_DESTROYED';
/** Failures that are remembered: tenants name servers. */
const MOST = 1000;

/**
 * Logs why API servers of targets gave no answer. Where the address came from a Secret, the status of an object does not say it: it
 * would show a tenant the controller's network.
 *
 * @param now ms
 */
export function targetFailures(
  logger: Logger,
  now: () => number,
): (server: string) => (error: KubernetesError) => void {
  const loggedAt = new Map<string, number>();
  return (server) => (error) => {
    // Closed by ourselves: whatever still ran on the connection is of no use any more.
    if (error.reason === OURS) return;
    const about = `${server} ${error.reason}`;
    if (now() - (loggedAt.get(about) ?? -Infinity) < AGAIN_MS) return;
    loggedAt.delete(about);
    loggedAt.set(about, now());
    const [oldest] = loggedAt.keys();
    if (loggedAt.size > MOST && oldest !== undefined) loggedAt.delete(oldest);
    logger.warn({ err: error, server }, 'the API server of a target cluster gave no usable answer');
  };
}
