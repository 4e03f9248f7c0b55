import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One series, as a scrape of a kubelet makes it. */
export interface Series {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds before now, and the value as the API writes it; the last one is the newest. */
  readonly samples: readonly (readonly [number, string])[];
}

/** A server that speaks the part of Prometheus' query API that is used: one range selector with equality matchers. */
export interface PrometheusServer {
  readonly url: string;
  /** The queries that came, each with its Authorization header. */
  readonly asked: readonly { readonly query: string; readonly authorization: string | undefined }[];
  /** Answers everything from now on in place of the series. */
  answer(how: (request: IncomingMessage, response: ServerResponse) => void): void;
  stop(): Promise<void>;
}

const SELECTOR = /^([a-z_]+)\{([^}]*)\}\[(\d+)m\]$/;

export async function startPrometheus(series: readonly Series[], now: () => number): Promise<PrometheusServer> {
  const asked: { query: string; authorization: string | undefined }[] = [];
  let scripted: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const query = url.searchParams.get('query') ?? '';
    asked.push({ query, authorization: request.headers.authorization });
    if (scripted) return scripted(request, response);
    const [, metric = '', matchers = '', minutes = '0'] = SELECTOR.exec(query) ?? [];
    if (url.pathname !== '/api/v1/query' || metric === '')
      return send(response, 400, { status: 'error', error: 'parse error' });
    const wanted = [...matchers.matchAll(/([a-z_]+)="([^"]*)"/g)].map(
      ([, label = '', value]) => [label, value] as const,
    );
    const result = series
      .filter((one) => one.metric === metric && wanted.every(([label, value]) => one.labels[label] === value))
      .map(({ labels, samples }) => ({
        metric: { __name__: metric, ...labels },
        values: samples
          .filter(([ago]) => ago <= Number(minutes) * 60)
          .map(([ago, value]) => [(now() - ago * 1000) / 1000, value]),
      }))
      .filter(({ values }) => values.length > 0);
    send(response, 200, { status: 'success', data: { resultType: 'matrix', result } });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answer: (how) => void (scripted = how),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
