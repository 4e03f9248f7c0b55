import { Pool } from 'undici';
import { now, sleep } from './time.ts';

export interface Access {
  readonly server: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

/** An API server as the bench sees it: objects made fast, changes watched, requests counted. */
export interface ApiServer {
  /** The JSON of the answer. Throws for anything but success. */
  send(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown>;
  /** Tells of every change of a collection from `resourceVersion` on, with the time it was seen. Returns how to end it. */
  watch<T>(path: string, resourceVersion: string, tell: (object: T, type: string, at: number) => void): () => void;
  /** Text of its metrics. */
  metrics(): Promise<string>;
  close(): Promise<void>;
}

/** Connections that are kept, and so the most requests under way. */
const CONNECTIONS = 32;

export function connectApiServer({ server, caPem, certPem, keyPem }: Access): ApiServer {
  const connect = { ca: caPem, cert: certPem, key: keyPem };
  const pool = new Pool(server, { connections: CONNECTIONS, connect, keepAliveTimeout: 600_000 });
  // Their own: a watch would keep one of the others for itself.
  const closing = new AbortController();
  const watches = new Pool(server, { connect, bodyTimeout: 0, headersTimeout: 0 });

  async function text(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<string> {
    const answer = await pool.request({
      method,
      path,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': contentType }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const read = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${path}: ${answer.statusCode} ${read.slice(0, 500)}`);
    return read;
  }

  return {
    send: async (method, path, body, contentType) => JSON.parse(await text(method, path, body, contentType)) as unknown,
    metrics: () => text('GET', '/metrics'),
    watch<T>(path: string, resourceVersion: string, tell: (object: T, type: string, at: number) => void) {
      const end = new AbortController();
      void follow(
        watches,
        path,
        resourceVersion,
        tell as (object: unknown, type: string, at: number) => void,
        AbortSignal.any([end.signal, closing.signal]),
      );
      return () => end.abort();
    },
    async close() {
      closing.abort();
      await Promise.all([pool.destroy(), watches.destroy()]);
    },
  };
}

interface Event {
  readonly type: string;
  readonly object: { readonly metadata?: { readonly resourceVersion?: string }; readonly message?: string };
}

/** Watches until told to end, taking up where the last watch left off. */
async function follow(
  pool: Pool,
  path: string,
  resourceVersion: string,
  tell: (object: unknown, type: string, at: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let version = resourceVersion;
  while (!signal.aborted) {
    try {
      const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${version}`;
      const { body } = await pool.request({ method: 'GET', path: `${path}?${query}`, signal });
      let rest = '';
      body.setEncoding('utf8');
      for await (const chunk of body as AsyncIterable<string>) {
        const at = now();
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const { type, object } = JSON.parse(line) as Event;
          if (type === 'ERROR') throw new Error(`The watch of ${path} failed: ${object.message ?? line}`);
          version = object.metadata?.resourceVersion ?? version;
          if (type !== 'BOOKMARK') tell(object, type, at);
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      console.error(error instanceof Error ? error.message : error);
      await sleep(100);
    }
  }
}
