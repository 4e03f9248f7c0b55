import { sentences } from '../../api/sentences.ts';
import { KubernetesError, type Connection } from '../../kubernetes/client/connection.ts';

/** Node's and OpenSSL's codes for a server certificate that the configured CA has not signed, or that is for another server. */
const CERTIFICATE = new Set([
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
const NAME = new Set(['ENOTFOUND', 'EAI_AGAIN']);
const NETWORK = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);

/** Failures of a request to a target's API server that have a hint of their own. */
export type TargetFailure = 'Unauthorized' | 'Forbidden' | 'Certificate' | 'Name' | 'Network';

export function failureOf(error: unknown): TargetFailure | undefined {
  if (!(error instanceof KubernetesError)) return undefined;
  const { status, reason } = error;
  if (status === 401) return 'Unauthorized';
  if (status === 403) return 'Forbidden';
  if (status !== 0) return undefined;
  if (CERTIFICATE.has(reason)) return 'Certificate';
  if (NAME.has(reason)) return 'Name';
  return NETWORK.has(reason) ? 'Network' : undefined;
}

/** True where an API server itself says that the right to a request is missing. A 403 of a proxy on the way does not say that. */
export function isRightMissing(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 403 && error.hasStatus;
}

/** Hints for people, where the way that was used has none of its own. */
const HINTS: Readonly<Record<TargetFailure, string>> = {
  Unauthorized: 'The API server does not accept these credentials',
  Forbidden: 'Bind the ClusterRole of deploy/target-cluster to that user',
  Certificate: "The API server's certificate is not signed by the configured CA",
  Name: 'The name of the API server does not resolve here. If the cluster is private, link its private DNS zone to the network of the controller',
  Network:
    'Allow the controller to reach the API server: check authorized IP ranges, firewalls, and the private endpoint of a private cluster',
};

/** The error with a hint for people. `own` are the hints of the way that was used. */
export function withHint(error: unknown, own: Partial<Record<TargetFailure, string>> = {}): unknown {
  const failure = failureOf(error);
  if (failure === undefined || !(error instanceof KubernetesError)) return error;
  const { status, reason, retryAfterMs, hasStatus } = error;
  return new KubernetesError(status, reason, `${sentences(error.message)} ${own[failure] ?? HINTS[failure]}`, {
    retryAfterMs,
    hasStatus,
    cause: error,
  });
}

/** Faults of a response whose own message is shown. */
const SHOWN_REASONS = new Set(['TooLarge', 'InvalidPath', 'NoCredentials']);

/**
 * Replaces every error that is not an API server's response by one message. A tenant may choose the address, so a status must not
 * show which ports are open, which names exist, or what server responds. The log has the cause.
 */
export function withoutDetail(error: unknown, message: string): unknown {
  if (!(error instanceof KubernetesError) || error.hasStatus || SHOWN_REASONS.has(error.reason)) return error;
  return new KubernetesError(0, 'Unreachable', message);
}

/** A connection whose errors carry hints for people. */
export function withHints(connection: Connection, own: Partial<Record<TargetFailure, string>> = {}): Connection {
  return explaining(connection, (error) => withHint(error, own));
}

/** A connection that passes its errors through `explain`. */
export function explaining(connection: Connection, explain: (error: unknown) => unknown): Connection {
  const explained = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw explain(error);
    }
  };
  return {
    server: connection.server,
    request: (request) => explained(connection.request(request)),
    stream: (request) => explained(connection.stream(request)),
    close: () => connection.close(),
    get lastResponseDate() {
      return connection.lastResponseDate;
    },
  };
}
