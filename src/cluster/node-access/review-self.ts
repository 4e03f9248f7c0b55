import { apiPath } from '../../api/paths.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';

/** The longest wait for the answer, in ms. */
const LONGEST_WAIT = 10_000;

/**
 * Asks the API server who the connection's user is, which every user may.
 *
 * @throws KubernetesError 401 where the API server does not accept the credentials
 */
export async function reviewSelf(connection: Pick<Connection, 'request'>, signal: AbortSignal): Promise<void> {
  await connection.request({
    method: 'POST',
    path: apiPath('/apis/authentication.k8s.io/v1', 'selfsubjectreviews'),
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
    timeoutMs: LONGEST_WAIT,
    signal,
  });
}
