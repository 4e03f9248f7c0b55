import { connect } from '../../kubernetes/client/connection.ts';
import type { Prometheus } from './prometheus.ts';

/** A server with the query API of Prometheus (prometheus.io/docs/prometheus/latest/querying/api). */
export interface PrometheusEndpoint {
  /** The part before `/api/v1/query`. */
  readonly url: string;
  /** The token to send with each query; absent: none is sent. */
  readonly token?: () => Promise<string>;
  /** The server refused the token. */
  readonly distrust?: () => void;
  /** CAs that may have signed the server's certificate, as PEM; absent: Node's own. */
  readonly caPem?: string;
}

/**
 * Limits of one answer: a cluster with 5,000 nodes that are scraped every 15 s has some 9 MB, with 700,000 values.
 */
const LIMITS = { maxAnswerBytes: 16 * 2 ** 20, maxJson: { values: 1_000_000, depth: 20 } } as const;
/** Few at a time: a Prometheus has other clients, and the answers are large. */
const MOST_QUERIES = 2;
const QUERY_MS = 15_000;

/**
 * Opens no connection yet; idle ones end by themselves. No redirect is followed, so that the token reaches no other server.
 *
 * @returns a client for each cluster, by the matchers that select its series
 */
export function openPrometheus({ url, token, distrust, caPem }: PrometheusEndpoint): (matchers: string) => Prometheus {
  const connection = connect(
    {
      server: url,
      ...(token === undefined ? {} : { token }),
      ...(distrust === undefined ? {} : { distrust }),
      ...(caPem === undefined ? {} : { caPem }),
    },
    { ...LIMITS, maxRequests: MOST_QUERIES, timeoutMs: QUERY_MS },
  );
  const { host } = new URL(url);
  return (matchers) => ({
    host,
    matchers,
    query: (promql, signal) => connection.request({ path: '/api/v1/query', query: { query: promql }, signal }),
  });
}
