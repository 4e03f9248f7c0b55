import { isNativeError } from 'node:util/types';
import { Pool, type Dispatcher } from 'undici';
import { type Credentials, bearerToken } from './credentials.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { errorFromStatus, KubernetesError } from './error.ts';
import { readLines, readText } from './lines.ts';

export { KubernetesError } from './error.ts';

/** One API server, through one pool of connections. */
export interface Connection {
  /** URL of the API server, for messages. */
  readonly server: string;
  /**
   * One request, one answer: the JSON of it, or its text when it is `text/plain` (the health endpoints), or undefined
   * when it is empty.
   *
   * @throws KubernetesError for anything but a 2xx answer; the signal's reason when the caller aborted
   */
  request(request: KubernetesRequest): Promise<unknown>;
  /**
   * The lines of a long answer (a watch), as they come. Ends without an error when the server ends it, throws as
   * `request` does when it breaks. Abort the signal or leave the loop to end it: what is never read holds its connection.
   */
  stream(request: KubernetesRequest): Promise<AsyncIterable<string>>;
  /** Ends everything, what is under way included. */
  close(): Promise<void>;
  /** The server's clock when it last answered (its Date header; whole seconds), in milliseconds since the epoch. */
  readonly lastResponseDate?: number | undefined;
}

export interface KubernetesRequest {
  /** Default: GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root of the API server: `/api/v1/nodes`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON, which is what every patch type takes (YAML included). */
  readonly body?: unknown;
  /** Default: `application/json`. */
  readonly contentType?: string;
  /** Default: `application/json`. */
  readonly accept?: string;
  readonly signal?: AbortSignal | undefined;
  /** How long the answer, or the first byte of a stream, may take. */
  readonly timeoutMs?: number;
}

export interface ConnectOptions {
  /** Default: `aks-ca-trust`. */
  readonly userAgent?: string;
  /** For requests that do not say; default 30 s. */
  readonly timeoutMs?: number;
  /** A longer answer is refused, default 128 MiB: lists come in pages. */
  readonly maxAnswerBytes?: number;
  /** A longer line of a stream is refused, default 16 MiB; the API server takes objects of 1.5 MiB. */
  readonly maxLineBytes?: number;
}

/** Opens nothing yet: connections come with the first request, and are kept. */
export function connect(credentials: Credentials, options: ConnectOptions = {}): Connection {
  const { timeoutMs = 30_000, maxAnswerBytes = 128 * 2 ** 20, maxLineBytes = 16 * 2 ** 20 } = options;
  const base = new URL(credentials.server);
  const prefix = base.pathname.replace(/\/+$/, '');
  const pool = openPool(base, credentials);
  let lastResponseDate: number | undefined;

  async function send(request: KubernetesRequest, deadline: Deadline): Promise<Dispatcher.ResponseData> {
    const token = await bearerToken(credentials);
    const query = new URLSearchParams(request.query).toString();
    const answer = await pool.request({
      method: request.method ?? 'GET',
      path: `${prefix}${request.path}${query === '' ? '' : `?${query}`}`,
      headers: {
        accept: request.accept ?? 'application/json',
        'user-agent': options.userAgent ?? 'aks-ca-trust',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: deadline.signal,
    });
    const date = Date.parse(header(answer, 'date') ?? '');
    if (!Number.isNaN(date)) lastResponseDate = date;
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    const text = await readText(answer.body, maxAnswerBytes);
    throw errorFromStatus(describe(request), answer.statusCode, parseJson(text), header(answer, 'retry-after'));
  }

  function explain(request: KubernetesRequest, deadline: Deadline, error: unknown): unknown {
    if (error instanceof KubernetesError) return error;
    if (request.signal?.aborted) return request.signal.reason;
    const asked = describe(request);
    if (deadline.expired()) {
      return new KubernetesError(0, 'Timeout', `${asked}: no answer within ${request.timeoutMs ?? timeoutMs} ms`);
    }
    const code = isNativeError(error) && 'code' in error ? String(error.code) : 'NetworkError';
    const message = isNativeError(error) ? error.message : String(error);
    return new KubernetesError(0, code, `${asked}: ${message || code}`, { cause: error });
  }

  async function* lines(request: KubernetesRequest, deadline: Deadline, answer: Dispatcher.ResponseData) {
    try {
      yield* readLines(answer.body, maxLineBytes);
    } catch (error) {
      throw explain(request, deadline, error);
    } finally {
      deadline.release();
    }
  }

  return {
    server: credentials.server,
    async request(request) {
      const deadline = startDeadline(request.timeoutMs ?? timeoutMs, request.signal);
      try {
        const answer = await send(request, deadline);
        const text = await readText(answer.body, maxAnswerBytes);
        return readBody(describe(request), answer, text);
      } catch (error) {
        throw explain(request, deadline, error);
      } finally {
        deadline.release();
      }
    },
    async stream(request) {
      const deadline = startDeadline(request.timeoutMs ?? timeoutMs, request.signal);
      try {
        const answer = await send(request, deadline);
        deadline.lift();
        return lines(request, deadline, answer);
      } catch (error) {
        deadline.release();
        throw explain(request, deadline, error);
      }
    },
    close: () => pool.destroy(),
    get lastResponseDate() {
      return lastResponseDate;
    },
  };
}

function openPool(base: URL, credentials: Credentials): Pool {
  return new Pool(base.origin, {
    // Long watches over HTTP/2 have leaked memory in other Node clients; one connection a watch is cheap.
    allowH2: false,
    // Below the idle timeout of the API server and of load balancers before it, so that we are the side that closes.
    keepAliveTimeout: 20_000,
    keepAliveMaxTimeout: 60_000,
    // Deadlines are ours: a watch may well be silent for ten minutes.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      timeout: 10_000,
      ...(credentials.caPem === undefined ? {} : { ca: credentials.caPem }),
      ...(credentials.certPem === undefined ? {} : { cert: credentials.certPem }),
      ...(credentials.keyPem === undefined ? {} : { key: credentials.keyPem }),
      ...(credentials.tlsServerName === undefined ? {} : { servername: credentials.tlsServerName }),
    },
  });
}

function readBody(asked: string, answer: Dispatcher.ResponseData, text: string): unknown {
  if (text === '') return undefined;
  const type = header(answer, 'content-type') ?? '';
  if (type.startsWith('text/plain')) return text;
  const parsed = type.includes('json') ? parseJson(text) : undefined;
  if (parsed !== undefined) return parsed;
  throw new KubernetesError(
    answer.statusCode,
    'UnexpectedAnswer',
    `${asked}: the answer (${type || 'no content type'}) is not JSON: is a proxy in the way?`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function header(answer: Dispatcher.ResponseData, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function describe(request: KubernetesRequest): string {
  return `${request.method ?? 'GET'} ${request.path}`;
}
