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
   * One request, one answer: the JSON of it, or its text when it is `text/plain` (the health endpoints), or undefined
   * when it is empty. Sent again when the server asks to come again later, for as long as its time allows and it surely was
   * not done; and once when the server does not believe us, if that can help.
   *
   * @throws KubernetesError for anything but a 2xx answer; the signal's reason when the caller aborted
   */
  request(request: KubernetesRequest): Promise<unknown>;
  /**
   * The lines of a long answer (a watch), as they come. Ends without an error when the server ends it, throws as
   * `request` does when it breaks. Abort the signal or leave the loop to end it: what is never read holds its connection.
   * Not sent again, and not counted among the requests under way.
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
  /**
   * From the root of the API server: `/api/v1/nodes`, as `apiPath` makes it. One with a blank, `..`, an empty name or an encoded
   * slash is refused with `InvalidPath`.
   */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON, which is what every patch type takes (YAML included). */
  readonly body?: unknown;
  /** Default: `application/json`. */
  readonly contentType?: string;
  /** Default: `application/json`. */
  readonly accept?: string;
  /** Asked each time when the request is about to go out on its connection, however long it waited; to throw keeps it back. */
  readonly mayLeave?: () => void;
  readonly signal?: AbortSignal | undefined;
  /** How long the answer, or the first byte of a stream, may take. */
  readonly timeoutMs?: number;
  /** True: sent at once, however many requests are under way. For what must not be late, a lease. */
  readonly urgent?: boolean;
}

export interface ConnectOptions {
  /** Default: `aks-ca-trust`. */
  readonly userAgent?: string;
  /** Deadline of requests without their own; default 30 s. It includes the time that a request waits for others or the server. */
  readonly timeoutMs?: number;
  /** How many requests may be under way at a time, and use how many connections; default 8. Others wait in line. */
  readonly maxRequests?: number;
  /** A longer answer is refused, default 128 MiB: lists come in pages. Answers are never compressed: those that are, are refused. */
  readonly maxAnswerBytes?: number;
  /** An answer, or a line of a stream, with more in it is refused before it is parsed; default: no limit. */
  readonly maxJson?: JsonLimits;
  /** A longer line of a stream is refused, default 16 MiB; the API server takes objects of 1.5 MiB. */
  readonly maxLineBytes?: number;
  /** The addresses that may be connected to, after names were resolved; default: all. Others fail with `AddressRefused`. */
  readonly mayDial?: MayDial;
  /** Finds the addresses of a name; default: as Node does. */
  readonly resolve?: Resolve;
  /** The budget that counts the bytes that are read, for a payer; default: they are not counted. */
  readonly reads?: { readonly budget: ReadBudget; readonly payer: string };
  /** Keeps the requests that have not ended. One ends here only when nothing of it is left in the pool either. */
  readonly outstanding?: Outstanding;
  /** Called for every request that was sent, with its method, the HTTP status of the answer, and the seconds until the answer began. */
  readonly observe?: (method: string, code: number | 'error', seconds: number) => void;
  /** Called for every request that got no answer of an API server: network, certificate, time, or another kind of server. */
  readonly failed?: (error: KubernetesError) => void;
  /** Called for every new connection, which is one TLS handshake. */
  readonly connected?: () => void;
}

/** Opens nothing yet: connections come with the first request, and are kept. */
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

  /** Once more when the server does not believe us, but would perhaps believe what we can read anew. */
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
    // A parser of HTTP has an empty code.
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

  /** Deadline of a request that may be sent at all, and what is to be called when it has ended. */
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

/** Each begins the headers anew, so that their bound does not count them together. */
function refuseMany(asked: string): () => void {
  let provisional = 0;
  return () => {
    if (++provisional > MOST_PROVISIONAL)
      throw new KubernetesError(0, 'UnexpectedAnswer', `${asked}: provisional answers come, and no end of them`);
  };
}

/** undici's own type takes arrays that it may change. */
function mutable(headers: Headers): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

function describe(request: KubernetesRequest): string {
  return `${request.method ?? 'GET'} ${request.path}`;
}

/** This answer is not waited for any more, and it still holds its connection. */
function letGo({ body }: Answer): void {
  body.on('error', () => {}).destroy();
}
