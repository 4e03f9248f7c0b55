import { Agent, request } from 'undici';
import type { TargetAccess } from '../cluster/cluster-seed.ts';
import { realSleep } from '../clock.ts';

/** A refusal of the API server. */
export class ApiServerError extends Error {
  readonly status: number;

  constructor(method: string, path: string, status: number, body: string) {
    super(`${method} ${path}: ${status} ${body.slice(0, 300)}`);
    this.name = 'ApiServerError';
    this.status = status;
  }
}

export type PatchType = 'application/merge-patch+json' | 'application/strategic-merge-patch+json';

export interface ApiServerClient {
  create(path: string, body: unknown): Promise<unknown>;
  patch(path: string, body: unknown, type?: PatchType): Promise<unknown>;
  delete(path: string): Promise<void>;
  close(): Promise<void>;
}

const RETRY_MS = 200;
const TIMEOUT_MS = 10_000;

/**
 * Talks to one API server. A server that cannot be reached, throttles or fails is tried again until `signal` is aborted:
 * machines register when their API server is back. Throws ApiServerError when it refuses.
 */
export function apiServerClient(access: TargetAccess, signal: AbortSignal): ApiServerClient {
  const agent = new Agent({
    connect: { ca: access.caPem, cert: access.certPem, key: access.keyPem },
    connections: 4,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });

  async function send(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<unknown> {
    for (;;) {
      const answer = await attempt(method, path, body, type);
      if (answer !== undefined && answer.status < 300) return JSON.parse(answer.text) as unknown;
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) {
        throw new ApiServerError(method, path, answer.status, answer.text);
      }
      await realSleep(RETRY_MS, signal);
    }
  }

  async function attempt(method: 'POST' | 'PATCH' | 'DELETE', path: string, body: unknown, type: string) {
    try {
      const response = await request(`${access.server}${path}`, {
        method,
        dispatcher: agent,
        headers: { accept: 'application/json', 'content-type': type },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.statusCode, text: await response.body.text() };
    } catch {
      return undefined; // no answer: the loop above asks again
    }
  }

  return {
    create: (path, body) => send('POST', path, body),
    patch: (path, body, type = 'application/merge-patch+json') => send('PATCH', path, body, type),
    delete: async (path) => void (await send('DELETE', path)),
    close: () => agent.destroy(),
  };
}
