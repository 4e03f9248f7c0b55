import { readSigningRequests } from '../../cluster-certificates/read/signing-requests.ts';
import { requestTroubles } from '../../cluster-certificates/request-troubles.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { NodesObservation } from '../model/observation.ts';
import { isRightMissing } from './access-errors.ts';

/** The most messages that are kept. */
const FIRST = 2;

/**
 * The requests of kubelets that got no certificate; `Forbidden` where the right to list them is missing, and nothing where they
 * cannot be read otherwise.
 *
 * @param now our own clock, in ms
 * @throws the signal's reason, and nothing else
 */
export async function readTroubledRequests(
  connection: Connection,
  now: number,
  signal: AbortSignal,
): Promise<Pick<Extract<NodesObservation, { kind: 'Read' }>, 'troubledRequests'>> {
  try {
    const troubles = requestTroubles(await readSigningRequests(connection, signal), now);
    const first = troubles.slice(0, FIRST).map(({ message }) => message);
    return { troubledRequests: { count: troubles.length, first } };
  } catch (error) {
    signal.throwIfAborted();
    return isRightMissing(error) ? { troubledRequests: 'Forbidden' } : {};
  }
}
