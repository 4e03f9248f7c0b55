import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from './logging.ts';

/** What is wrong, or undefined when nothing is. */
export type Check = () => string | undefined;

export interface HealthOptions {
  /** `host:port`, `:port` for all addresses, `[::1]:port`; port 0 takes a free one. */
  readonly address: string;
  /**
   * For /healthz: what a restart would mend. An API server or ARM that is away is not: a restart would only make it worse.
   */
  readonly live?: Readonly<Record<string, Check>>;
  /** For /readyz: caches that are not filled yet, say. */
  readonly ready?: Readonly<Record<string, Check>>;
  /** For /metrics; a prom-client registry is one. */
  readonly metrics?: { readonly contentType: string; metrics(): Promise<string> };
  readonly logger: Logger;
}

export interface HealthServer {
  /** @throws Error when the address cannot be listened on */
  start(): Promise<{ readonly port: number }>;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Plain HTTP for the kubelet's probes and for Prometheus. */
export function createHealthServer(options: HealthOptions): HealthServer {
  const { live = {}, ready = {}, metrics, logger } = options;

  async function answer(path: string | undefined): Promise<Answer> {
    const asked = path?.split('?')[0];
    if (asked === '/healthz') return judge(live);
    if (asked === '/readyz') return judge(ready);
    if (asked !== '/metrics' || metrics === undefined) return text(404, 'not found');
    return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
  }

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const asked = request.method === 'GET' || request.method === 'HEAD' ? answer(request.url) : text(405, 'only GET');
    Promise.resolve(asked)
      .catch((error: unknown) => {
        logger.error({ err: error, path: request.url }, 'a probe or scrape could not be answered');
        return text(500, 'failed: see the log');
      })
      .then(({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
        response.end(request.method === 'HEAD' ? undefined : body);
      })
      .catch((error: unknown) => logger.debug({ err: error }, 'nobody waited for the answer'));
  });

  return {
    start() {
      const { host, port } = parseAddress(options.address);
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
          server.off('error', reject);
          resolve({ port: (server.address() as AddressInfo).port });
        });
      });
    },
    stop() {
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

/** @throws Error that says which forms are taken */
export function parseAddress(address: string): { readonly host?: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) throw new Error(`${address}: not an address: use host:port or :port`);
  const host = bracketed ?? plain;
  return host === undefined || host === '' ? { port } : { host, port };
}

function judge(checks: Readonly<Record<string, Check>>): Answer {
  const wrong = Object.entries(checks).flatMap(([name, check]) => {
    const problem = check();
    return problem === undefined ? [] : [`${name}: ${problem}`];
  });
  return wrong.length === 0 ? text(200, 'ok') : text(503, wrong.join('\n'));
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${body}\n` };
}
