import type { KubernetesError } from '../../kubernetes/error.ts';
import type { Logger } from '../../runtime/logging.ts';

/** Time between two log lines about the same failure of one server, in ms. */
const AGAIN_MS = 10 * 60_000;
/** undici's code for requests on a connection that the controller closed itself. */
const CLOSED_BY_US = 'UND_ERR_DESTROYED';
/** Most remembered failures. Tenants name the servers, so the number must be bounded. */
const MOST_FAILURES = 1000;

/**
 * Logs why API servers of targets gave no answer. Where the address comes from a Secret, the status of the object leaves the cause
 * out, because it would show the controller's network to a tenant; this log is then the only place that has it.
 *
 * @param now ms
 */
export function targetFailures(
  logger: Logger,
  now: () => number,
): (server: string) => (error: KubernetesError) => void {
  const loggedAt = new Map<string, number>();
  return (server) => (error) => {
    // The controller closed the connection because its requests are not needed any more.
    if (error.reason === CLOSED_BY_US) return;
    const about = `${server} ${error.reason}`;
    if (now() - (loggedAt.get(about) ?? -Infinity) < AGAIN_MS) return;
    loggedAt.delete(about);
    loggedAt.set(about, now());
    const [oldest] = loggedAt.keys();
    if (loggedAt.size > MOST_FAILURES && oldest !== undefined) loggedAt.delete(oldest);
    logger.warn({ err: error, server }, 'The API server of a target cluster gave no usable answer.');
  };
}
