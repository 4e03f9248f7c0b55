import { createServer } from 'node:http';
import { type Answer, send, text } from './answer.ts';
import { boundConnections } from './bounded-connections.ts';
import { listen } from './listen.ts';
import type { Logger } from './logging.ts';

/** Returns the fault as a whole sentence, or undefined when there is none. */
export type Check = () => string | undefined;

export interface HealthOptions {
  /** `host:port`, `:port` for all addresses, `[::1]:port`; port 0 takes a free one. */
  readonly address: string;
  /**
   * For /healthz: faults that a restart fixes. An unreachable API server or ARM is no such fault: a restart would make it worse.
   */
  readonly live?: Readonly<Record<string, Check>>;
  /** For /readyz: for example caches that are not filled yet. */
  readonly ready?: Readonly<Record<string, Check>>;
  readonly logger: Logger;
}

export interface HealthServer {
  /** @throws Error when the address cannot be listened on */
  start(): Promise<{ readonly port: number }>;
  stop(): Promise<void>;
}

/** A probe takes milliseconds and comes every few seconds; longer connections are not probes. */
const CONNECTIONS = 256;
const LIMITS = {
  maxHeaderSize: 4096,
  headersTimeout: 5000,
  requestTimeout: 5000,
  connectionsCheckingInterval: 1000,
  keepAliveTimeout: 1000,
};

/** Serves the kubelet's probes over plain HTTP, without authentication: a response has the faults of the checks only. */
export function createHealthServer(options: HealthOptions): HealthServer {
  const { live = {}, ready = {}, logger } = options;

  function answer(path: string | undefined): Answer {
    const asked = path?.split('?')[0];
    if (asked === '/healthz') return judge(live);
    if (asked === '/readyz') return judge(ready);
    return text(404, 'Only /healthz and /readyz are served here.');
  }

  const server = createServer(LIMITS, (request, response) => {
    try {
      const asked = request.method === 'GET' || request.method === 'HEAD';
      send(response, asked ? answer(request.url) : text(405, 'Only GET and HEAD are allowed.'));
    } catch (error) {
      logger.error({ err: error, path: request.url }, 'A probe could not be answered.');
      send(response, text(500, 'The check failed. The log of the controller has the cause.'));
    }
  });

  const cutAll = boundConnections(server, CONNECTIONS);

  return {
    start: () => listen(server, options.address),
    stop() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        cutAll();
      });
    },
  };
}

function judge(checks: Readonly<Record<string, Check>>): Answer {
  const wrong = Object.values(checks).flatMap((check) => {
    const problem = check();
    return problem === undefined ? [] : [problem];
  });
  return wrong.length === 0 ? text(200, 'ok') : text(503, wrong.join('\n'));
}
