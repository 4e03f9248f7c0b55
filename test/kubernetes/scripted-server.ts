import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the scripted server does with one request. */
export type Step = (request: IncomingMessage & { readonly asked: URL }, response: ServerResponse) => void;

/** An HTTP server that plays the answers a real API server cannot be made to give. */
export interface ScriptedServer {
  readonly url: string;
  /** Path and query of every request so far. */
  readonly asked: URL[];
  /** Resolves when that many requests have come. */
  untilAsked(count: number): Promise<void>;
  stop(): Promise<void>;
}

/** Takes one step a request, in order; the last one again and again. */
export async function startScriptedServer(...steps: Step[]): Promise<ScriptedServer> {
  const asked: URL[] = [];
  let check = () => {};
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    asked.push(url);
    check();
    const step = steps[Math.min(asked.length, steps.length) - 1];
    step?.(Object.assign(request, { asked: url }), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    untilAsked: (count) =>
      new Promise((resolve) => {
        check = () => {
          if (asked.length >= count) resolve();
        };
        check();
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Step {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Sends these lines and ends the answer, or, with `open`, leaves it open. */
export function lines(events: readonly unknown[], options: { readonly open?: boolean } = {}): Step {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const event of events) response.write(`${typeof event === 'string' ? event : JSON.stringify(event)}\n`);
    if (options.open !== true) response.end();
  };
}

export function status(code: number, reason: string, message: string, retryAfterSeconds?: number): unknown {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message, details: { retryAfterSeconds } };
}
