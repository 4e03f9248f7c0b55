import { VERSION } from '../../api/version.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { isNativeError } from 'node:util/types';
import { escapeForDisplay } from '../../api/display.ts';
import { type Answer, dateOf, readBody, readRefusal } from './response-body.ts';
import { bearerToken, extraHeaders } from '../auth/credentials.ts';
import type { Credentials, Headers } from '../auth/types.ts';
import { type Deadline, startDeadline } from '../../waiting/deadline.ts';
import { unlessAborted } from '../../waiting/unless-aborted.ts';
import type { MayDial, Resolve } from './dial.ts';
import { KubernetesError } from '../error.ts';
import { createGate } from './concurrency-limit.ts';
import type { JsonLimits } from './json-limits.ts';
import { readLines } from './line-reader.ts';
import { createOutstanding, type Outstanding } from './outstanding.ts';
import { createPools, type Lane } from './pools.ts';
import type { Meter, ReadBudget } from './read-budget.ts';
import { pathProblem } from './request-path.ts';
import { pauseBeforeResend } from './retry-after.ts';
import { withoutTrailingSlashes } from '../trailing-slashes.ts';

export { KubernetesError } from '../error.ts';

/** One API server, through one pool of connections. */
export interface Connection {
  /** URL of the API server, for messages. */
  readonly server: string;
  /**
   * One request and its answer: the JSON, or the text of `text/plain` (the health endpoints), or undefined for an empty answer.
   * It is sent again when the server asks for that with a Retry-After, within its deadline and if it certainly was not processed;
   * and once after a 401, if newer credentials may help.
   *
   * @throws KubernetesError for anything but a 2xx answer; the signal's reason when the caller aborted
   */
  request(request: KubernetesRequest): Promise<unknown>;
  /**
   * The lines of a long answer (a watch), as they arrive. Ends without an error when the server ends it, and throws as `request`
   * does when it breaks. Abort the signal or leave the loop to end it: an answer that is not read keeps its connection. It is not
   * sent again, and does not count among the running requests.
   */
  stream(request: KubernetesRequest): Promise<AsyncIterable<string>>;
  /** Ends everything, running requests included. */
  close(): Promise<void>;
  /** The server's clock in its last answer (the Date header; whole seconds), in milliseconds since the epoch. */
  readonly lastResponseDate?: number | undefined;
}

export interface KubernetesRequest {
  /** Default: GET. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /**
   * From the root of the API server: `/api/v1/nodes`, as `apiPath` makes it. One with a blank, `..`, an empty name or an encoded
   * slash is refused with `InvalidPath`.
   */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON, which every patch type accepts (YAML included). */
  readonly body?: unknown;
  /** Default: `application/json`. */
  readonly contentType?: string;
  /** Default: `application/json`. */
  readonly accept?: string;
  /** Called each time when the request is about to leave on its connection, however long it waited; throwing keeps it back. */
  readonly mayLeave?: () => void;
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for the answer, or for the first byte of a stream. */
  readonly timeoutMs?: number;
  /** True: sent at once, however many requests run. For requests that must not be late, such as for a lease. */
  readonly urgent?: boolean;
}

export interface ConnectOptions {
  /** Default: `aks-ca-trust`. */
  readonly userAgent?: string;
  /** Deadline of requests without their own; default 30 s. It includes the time that a request waits for others or the server. */
  readonly timeoutMs?: number;
  /** Most requests that run at a time, and most connections; default 8. Others wait in order. */
  readonly maxRequests?: number;
  /**
   * A longer answer is refused; default 128 MiB, because lists have pages. Compressed answers are refused, because none is
   * requested.
   */
  readonly maxAnswerBytes?: number;
  /** Limits of the JSON of an answer or of a line of a stream, checked before it is parsed; default: none. */
  readonly maxJson?: JsonLimits;
  /** A longer line of a stream is refused; default 16 MiB. The API server accepts objects of 1.5 MiB. */
  readonly maxLineBytes?: number;
  /** The addresses that may be connected to, checked after names were resolved; default: all. Others fail with `AddressRefused`. */
  readonly mayDial?: MayDial;
  /** Finds the addresses of a name; default: as Node does. */
  readonly resolve?: Resolve;
  /** The budget that counts the bytes that are read, for a payer; default: they are not counted. */
  readonly reads?: { readonly budget: ReadBudget; readonly payer: string };
  /** Tracks the requests that have not ended. A request has ended once nothing of it is left in the pool. */
  readonly outstanding?: Outstanding;
  /** Called for every request that was sent, with its method, the HTTP status of the answer, and the seconds until the answer began. */
  readonly observe?: (method: string, code: number | 'error', seconds: number) => void;
  /**
   * Called for every request without an answer of an API server: because of the network, a certificate, time, or another kind of
   * server.
   */
  readonly failed?: (error: KubernetesError) => void;
  /** Called for every new connection, which is one TLS handshake. */
  readonly connected?: () => void;
}

/** Opens no connection yet: connections are made with the first request, and are kept. */
export function connect(credentials: Credentials, options: ConnectOptions = {}): Connection {
  const { timeoutMs = 30_000, maxAnswerBytes = 128 * 2 ** 20, maxLineBytes = 16 * 2 ** 20, maxRequests = 8 } = options;
  const {
    observe = () => {},
    connected = () => {},
    outstanding = createOutstanding(),
    maxJson,
    mayDial,
    resolve,
    reads,
  } = options;
  const answerLimits = { bytes: maxAnswerBytes, ...(maxJson === undefined ? {} : { json: maxJson }) };
  const prefix = withoutTrailingSlashes(new URL(credentials.server).pathname);
  const pools = createPools(credentials, { connections: maxRequests, connected, mayDial, resolve });
  const gate = createGate(maxRequests);
  let lastResponseDate: number | undefined;

  async function sendOnce(request: KubernetesRequest, lane: Lane, deadline: Deadline): Promise<Answer> {
    const { method = 'GET', path, body } = request;
    const { signal } = deadline;
    const token = await unlessAborted(bearerToken(credentials), signal);
    const extra = await unlessAborted(extraHeaders(credentials), signal);
    const query = new URLSearchParams(request.query).toString();
    const sentAt = performance.now();
    const seconds = () => (performance.now() - sentAt) / 1000;
    const settled = outstanding.began(`${describe(request)}, in the pool`, sentAt + deadline.left());
    try {
      const sent = pools.request(
        lane,
        {
          method,
          path: `${prefix}${path}${query === '' ? '' : `?${query}`}`,
          headers: {
            ...mutable(extra),
            accept: request.accept ?? 'application/json',
            'user-agent': options.userAgent ?? `aks-ca-trust/${VERSION}`,
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
          },
          body: body === undefined ? null : JSON.stringify(body),
          signal,
          onInfo: refuseMany(describe(request)),
        },
        request.mayLeave,
      );
      sent.then(settled, settled);
      const answer = await unlessAborted(sent, signal, letGo);
      observe(method, answer.statusCode, seconds());
      lastResponseDate = dateOf(answer) ?? lastResponseDate;
      return answer;
    } catch (error) {
      observe(method, 'error', seconds());
      throw error;
    }
  }

  /** Sends again after a 401, if the credentials can be read again. */
  async function send(request: KubernetesRequest, lane: Lane, deadline: Deadline, meter?: Meter): Promise<Answer> {
    const { signal } = deadline;
    let answer = await sendOnce(request, lane, deadline);
    if (answer.statusCode === 401 && credentials.distrust !== undefined) {
      await unlessAborted(answer.body.dump(), signal);
      credentials.distrust();
      answer = await sendOnce(request, lane, deadline);
    }
    if (answer.statusCode >= 200 && answer.statusCode < 300) return answer;
    throw await unlessAborted(readRefusal(describe(request), answer, { ...answerLimits, meter }), signal);
  }

  async function exchange(request: KubernetesRequest, deadline: Deadline): Promise<unknown> {
    const { signal } = deadline;
    const leave = request.urgent === true ? () => {} : await gate.enter(signal);
    const meter = meterFor(request);
    try {
      const answer = await send(request, request.urgent === true ? 'free' : 'bounded', deadline, meter);
      return await unlessAborted(readBody(describe(request), answer, { ...answerLimits, meter }), signal);
    } finally {
      meter?.close();
      leave();
    }
  }

  function explain(request: KubernetesRequest, deadline: Deadline, thrown: unknown): unknown {
    const error = explained(request, deadline, thrown);
    if (error instanceof KubernetesError && !error.hasStatus) options.failed?.(error);
    return error;
  }

  function explained(request: KubernetesRequest, deadline: Deadline, error: unknown): unknown {
    if (error instanceof KubernetesError) return error;
    if (request.signal?.aborted) return request.signal.reason;
    const asked = describe(request);
    if (deadline.expired()) {
      return new KubernetesError(0, 'Timeout', `${asked}: no answer within ${request.timeoutMs ?? timeoutMs} ms`);
    }
    const { code: own } = isNativeError(error) ? (error as NodeJS.ErrnoException) : {};
    // Errors of the HTTP parser have an empty code.
    const code = own === undefined ? 'NetworkError' : own;
    const message = isNativeError(error) ? error.message : String(error);
    return new KubernetesError(0, code, `${asked}: ${message || code}`, { cause: error });
  }

  function meterFor(request: KubernetesRequest): Meter | undefined {
    return reads?.budget.open(reads.payer, describe(request));
  }

  async function* lines(request: KubernetesRequest, deadline: Deadline, answer: Answer) {
    const meter = meterFor(request);
    meter?.onGivenUp((error) => answer.body.destroy(error));
    try {
      yield* readLines(answer.body, maxLineBytes, maxJson, meter);
    } catch (error) {
      throw explain(request, deadline, error);
    } finally {
      meter?.close();
      deadline.release();
    }
  }

  /** Deadline of a request, and the function to call when it has ended. */
  function begin(request: KubernetesRequest): readonly [Deadline, () => void] {
    const problem = pathProblem(request.path);
    if (problem !== undefined) {
      const shown = escapeForDisplay(describe(request));
      throw new KubernetesError(0, 'InvalidPath', `${shown}: this path is not sent: ${problem}`);
    }
    const deadline = startDeadline(request.timeoutMs ?? timeoutMs, request.signal);
    const settled = outstanding.began(describe(request), performance.now() + deadline.left());
    return [deadline, settled];
  }

  return {
    server: credentials.server,
    async request(request) {
      const [deadline, settled] = begin(request);
      try {
        for (let sent = 1; ; sent++) {
          try {
            return await exchange(request, deadline);
          } catch (error) {
            const ms = pauseBeforeResend(error, request.method ?? 'GET', sent, deadline.left());
            if (ms === undefined) throw error;
            await sleep(ms, undefined, { signal: deadline.signal });
          }
        }
      } catch (error) {
        throw explain(request, deadline, error);
      } finally {
        deadline.release();
        settled();
      }
    },
    async stream(request) {
      const [deadline, settled] = begin(request);
      try {
        const meter = meterFor(request);
        const answer = await send(request, 'free', deadline, meter).finally(() => meter?.close());
        deadline.lift();
        return lines(request, deadline, answer);
      } catch (error) {
        deadline.release();
        throw explain(request, deadline, error);
      } finally {
        settled();
      }
    },
    close: () => pools.destroy(),
    get lastResponseDate() {
      return lastResponseDate;
    },
  };
}

/** Provisional answers (1xx) before the one that counts. An API server sends none. */
const MOST_PROVISIONAL = 16;

/** Each one restarts the headers, so their limit does not count them together. */
function refuseMany(asked: string): () => void {
  let provisional = 0;
  return () => {
    if (++provisional > MOST_PROVISIONAL)
      throw new KubernetesError(0, 'UnexpectedAnswer', `${asked}: the server sends only provisional answers`);
  };
}

/** undici's own type has arrays that it may change. */
function mutable(headers: Headers): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

function describe(request: KubernetesRequest): string {
  return `${request.method ?? 'GET'} ${request.path}`;
}

/** The caller no longer waits for this answer, which still keeps its connection. */
function letGo({ body }: Answer): void {
  body.on('error', () => {}).destroy();
}
