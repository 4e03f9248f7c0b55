import { isNativeError } from 'node:util/types';

/** What a log line says of an error. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly status?: number;
  readonly reason?: string;
  readonly cause?: LoggedError;
}

/**
 * Cuts an error down to a few known fields: errors of HTTP clients carry whole requests with their headers, and pino's own
 * serializer writes every property.
 *
 * @param depth how many causes of causes are followed
 */
export function serializeError(error: unknown, depth = 4): LoggedError {
  // Errors of another realm (a worker, a test's sandbox) are no instances of our Error.
  if (!isNativeError(error)) return { type: typeof error, message: typeof error === 'string' ? error : 'not an Error' };
  const fields = error as { code?: unknown; status?: unknown; statusCode?: unknown; reason?: unknown };
  const status = fields.status ?? fields.statusCode;
  return {
    type: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(typeof fields.code === 'string' || typeof fields.code === 'number' ? { code: fields.code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof fields.reason === 'string' ? { reason: fields.reason } : {}),
    ...(error.cause === undefined || depth <= 0 ? {} : { cause: serializeError(error.cause, depth - 1) }),
  };
}
