import { Agent, request } from 'undici';
import type { TargetAccess } from './target-access.ts';
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

export type PatchType =
  'application/merge-patch+json' | 'application/strategic-merge-patch+json' | 'application/apply-patch+yaml';

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface ApiServerClient {
  get(path: string): Promise<unknown>;
  /** `headers`: names and values in turn, such as those of another user, whom the account of this client may impersonate. */
  create(path: string, body: unknown, headers?: readonly string[]): Promise<unknown>;
  patch(path: string, body: unknown, type?: PatchType): Promise<unknown>;
  delete(path: string, options?: unknown): Promise<void>;
  /** Resolves to any answer, a refusal too. */
  ask(method: Method, path: string, body?: unknown): Promise<{ readonly status: number; readonly text: string }>;
  /** The events of a watch, until the server ends it. Throws when there is no answer, or one that is no stream. */
  watch(path: string): AsyncGenerator<WatchEvent>;
  close(): Promise<void>;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: unknown;
}

const RETRY_MS = 200;
const TIMEOUT_MS = 10_000;

/**
 * Talks to one API server, with the account that `accessOf` names at the time of each request: a rotation makes it another one. A server that cannot be reached, throttles or fails is tried again until `signal` is aborted:
 * machines register when their API server is back. Throws ApiServerError when it refuses.
 */
export function apiServerClient(accessOf: () => Promise<TargetAccess>, signal: AbortSignal): ApiServerClient {
  let current: { readonly access: TargetAccess; readonly agent: Agent } | undefined;

  async function present(): Promise<{ readonly access: TargetAccess; readonly agent: Agent }> {
    const access = await accessOf();
    if (current?.access === access) return current;
    void current?.agent.destroy();
    current = { access, agent: agentFor(access) };
    return current;
  }

  async function send(
    method: Method,
    path: string,
    body?: unknown,
    type = 'application/json',
    headers: readonly string[] = [],
  ): Promise<unknown> {
    for (;;) {
      const answer = await attempt(method, path, body, [...headers, 'content-type', type]);
      if (answer !== undefined && answer.status < 300) return JSON.parse(answer.text) as unknown;
      if (answer !== undefined && answer.status < 500 && answer.status !== 429) {
        throw new ApiServerError(method, path, answer.status, answer.text);
      }
      await realSleep(RETRY_MS, signal);
    }
  }

  async function attempt(method: Method, path: string, body: unknown, headers: readonly string[]) {
    try {
      const { access, agent } = await present();
      const response = await request(`${access.server}${path}`, {
        method,
        dispatcher: agent,
        headers: ['accept', 'application/json', ...headers],
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.statusCode, text: await response.body.text() };
    } catch {
      return undefined; // no answer: the caller asks again
    }
  }

  return {
    get: (path) => send('GET', path),
    create: (path, body, headers) => send('POST', path, body, 'application/json', headers),
    patch: (path, body, type = 'application/merge-patch+json') => send('PATCH', path, body, type),
    delete: async (path, options) => void (await send('DELETE', path, options)),
    async ask(method, path, body) {
      for (;;) {
        const answer = await attempt(method, path, body, ['content-type', 'application/json']);
        if (answer !== undefined) return answer;
        await realSleep(RETRY_MS, signal);
      }
    },
    async *watch(path) {
      const { access, agent } = await present();
      const { statusCode, body } = await request(`${access.server}${path}`, {
        dispatcher: agent,
        signal,
        bodyTimeout: 0,
      });
      if (statusCode !== 200) throw new ApiServerError('GET', path, statusCode, await body.text());
      let rest = '';
      for await (const chunk of body.setEncoding('utf8') as AsyncIterable<string>) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) yield JSON.parse(line) as WatchEvent;
      }
    },
    close: async () => current?.agent.destroy(),
  };
}

function agentFor({ caPem, certPem, keyPem }: TargetAccess): Agent {
  return new Agent({
    connect: { ca: caPem, cert: certPem, key: keyPem },
    connections: 6,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
}
