/**
 * A request to an API server failed.
 *
 * `status` is the HTTP status, or 0 without an answer (refused, reset, timed out, no token). `reason` is the reason of the
 * server's `Status` object (`Conflict`, `NotFound`, `Expired`…), else one of the client: `Timeout`, `NoCredentials`,
 * `InvalidPath`, `AddressRefused`, `UnexpectedAnswer`, `TooLarge`, or the code of the network error (`ECONNREFUSED`…).
 */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';
  readonly status: number;
  readonly reason: string;
  /** The wait that the server asked for. */
  readonly retryAfterMs?: number;
  /** True when the server answered with a `Status`, as only API servers do: reason and message are the server's own. */
  readonly hasStatus: boolean;

  constructor(
    status: number,
    reason: string,
    message: string,
    options: { retryAfterMs?: number | undefined; cause?: unknown; hasStatus?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.reason = reason;
    this.hasStatus = options.hasStatus ?? status > 0;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

const REASON = /^[A-Za-z]{1,64}$/;

interface StatusBody {
  kind?: unknown;
  code?: unknown;
  reason?: unknown;
  message?: unknown;
  details?: { retryAfterSeconds?: unknown } | null;
}

/**
 * Reads the `Status` object of a refused request or of a watch's ERROR event. Any other body (such as a proxy's HTML page) is not
 * quoted.
 *
 * @param request the request, for the message: `GET /api/v1/nodes`
 * @param retryAfter the Retry-After header, in seconds
 */
export function errorFromStatus(request: string, code: number, body: unknown, retryAfter?: string): KubernetesError {
  const status: StatusBody = isStatus(body) ? body : {};
  const reason = typeof status.reason === 'string' && REASON.test(status.reason) ? status.reason : reasonOf(code);
  const said =
    typeof status.message === 'string' && status.message !== '' ? shown(status.message) : 'no Status in the answer';
  const seconds = retryAfterSeconds(retryAfter) ?? retryAfterSeconds(status.details?.retryAfterSeconds);
  return new KubernetesError(code, reason, `${request}: ${code} ${reason}: ${said}`, {
    retryAfterMs: seconds === undefined ? undefined : seconds * 1000,
    hasStatus: isStatus(body),
  });
}

/** A target's API server is not trusted: its texts are shown in logs and statuses. */
function shown(message: string): string {
  return message.slice(0, 1024).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}

function isStatus(body: unknown): body is StatusBody {
  return typeof body === 'object' && body !== null && (body as StatusBody).kind === 'Status';
}

/** A server may name any time; a longer one than this is ignored. */
const LONGEST_SECONDS = 3600;

function retryAfterSeconds(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const seconds = Number(value);
  return seconds > 0 ? Math.min(seconds, LONGEST_SECONDS) : undefined;
}

function reasonOf(code: number): string {
  switch (code) {
    case 401:
      return 'Unauthorized';
    case 403:
      return 'Forbidden';
    case 404:
      return 'NotFound';
    case 409:
      return 'Conflict';
    case 410:
      return 'Expired';
    case 429:
      return 'TooManyRequests';
    case 503:
      return 'ServiceUnavailable';
    default:
      return 'UnexpectedAnswer';
  }
}
