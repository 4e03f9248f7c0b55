import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type Answer, send, text } from './answer.ts';
import { boundConnections } from './bounded-connections.ts';
import type { Clock } from './clock.ts';
import { listen } from './listen.ts';
import type { Logger } from './logging.ts';
import { bearerOf, type Verdict } from './scrape-review.ts';
import type { ServingCertificate } from './self-signed.ts';
import type { CertificateSource } from './serving-certificate.ts';

/** The clients that may read: all that reach the port, or over TLS those whose token has the right. */
export type MetricsAccess =
  | { readonly kind: 'Open' }
  | {
      readonly kind: 'Reviewed';
      readonly certificates: CertificateSource;
      readonly review: (token: string) => Promise<Verdict>;
    };

export interface MetricsServerOptions {
  /** `host:port`, `:port` for all addresses, `[::1]:port`; port 0 takes a free one. */
  readonly address: string;
  /** A prom-client registry is one. */
  readonly metrics: { readonly contentType: string; metrics(): Promise<string> };
  readonly access: MetricsAccess;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Deadline for a whole request, and for the TLS handshake before it; default 10 s. */
  readonly patienceMs?: number;
}

export interface MetricsServer {
  /** @throws Error when the address cannot be listened on, or there is no certificate */
  start(): Promise<{ readonly port: number }>;
  stop(): Promise<void>;
}

/** Tokens of service accounts have 1 to 2 KiB. */
const HEADER_BYTES = 16 * 1024;
/** Beyond this, idle connections are cut. */
const CONNECTIONS = 256;
/** Time between two reads of the certificate, as in controller-runtime's certwatcher. */
const CERTIFICATE_CHECK_MS = 10_000;

/** Serves /metrics and nothing else. No client can occupy it for long. */
export function createMetricsServer(options: MetricsServerOptions): MetricsServer {
  const { access, metrics, clock, logger, patienceMs = 10_000 } = options;
  let shown: ServingCertificate | undefined;
  let cancelCheck = () => {};
  let stopped = false;

  async function answer({ method, url, headers }: IncomingMessage): Promise<Answer> {
    if (url?.split('?')[0] !== '/metrics') return text(404, 'Only /metrics is served here.');
    if (method !== 'GET') return text(405, 'Only GET is allowed.', { allow: 'GET' });
    if (access.kind === 'Reviewed') {
      const token = bearerOf(headers.authorization);
      const refusal = REFUSALS[token === undefined ? 'Unauthenticated' : await access.review(token)];
      if (refusal !== undefined) return refusal;
    }
    return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { headers, ...rest } = await answer(request);
      // A refused client must begin again with the handshake.
      send(response, { ...rest, headers: { ...headers, ...(rest.status === 200 ? {} : { connection: 'close' }) } });
    } catch (error) {
      logger.error({ err: error }, 'A scrape could not be answered.');
      if (!response.headersSent)
        send(response, text(500, 'The metrics could not be read. The log of the controller has the cause.'));
    }
  }

  const limits = {
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: patienceMs,
    requestTimeout: patienceMs,
    connectionsCheckingInterval: Math.min(1000, patienceMs),
    keepAliveTimeout: 65_000,
  };
  const onRequest = (request: IncomingMessage, response: ServerResponse) => void handle(request, response);
  const secure = createHttpsServer({ ...limits, handshakeTimeout: patienceMs }, onRequest);
  secure.on('tlsClientError', (error: Error) =>
    logger.debug({ err: error }, 'The TLS handshake with a scraper failed.'),
  );
  const server = access.kind === 'Open' ? createHttpServer(limits, onRequest) : secure;
  const cutAll = boundConnections(server, CONNECTIONS);

  async function show(certificates: CertificateSource): Promise<void> {
    const certificate = await certificates();
    if (shown !== certificate) secure.setSecureContext({ cert: certificate.certPem, key: certificate.keyPem });
    shown = certificate;
  }

  function checkLater(certificates: CertificateSource): void {
    if (stopped) return;
    cancelCheck = clock.setTimeout(() => {
      show(certificates)
        .catch((error: unknown) =>
          logger.error({ err: error }, 'The certificate of the metrics server could not be renewed.'),
        )
        .finally(() => checkLater(certificates))
        .catch(() => {});
    }, CERTIFICATE_CHECK_MS);
  }

  return {
    async start() {
      if (access.kind === 'Open') return listen(server, options.address);
      await show(access.certificates);
      const listening = await listen(server, options.address);
      // Set only now: if the address is taken, a timer would keep the process alive, which has to end.
      checkLater(access.certificates);
      return listening;
    },
    stop() {
      stopped = true;
      cancelCheck();
      return new Promise((resolve) => {
        server.close(() => resolve());
        cutAll();
      });
    },
  };
}

const REFUSALS: Readonly<Record<Verdict, Answer | undefined>> = {
  Allowed: undefined,
  Unauthenticated: text(401, 'A bearer token of this Kubernetes cluster is needed.', {
    'www-authenticate': 'Bearer realm="aks-ca-trust"',
  }),
  Forbidden: text(
    403,
    'The token is valid, but its user may not get /metrics. The ClusterRole aks-ca-trust-metrics-reader has that right.',
  ),
  Unanswered: text(503, 'The API server could not review the token. The log of the controller has the cause.', {
    'retry-after': '5',
  }),
};
