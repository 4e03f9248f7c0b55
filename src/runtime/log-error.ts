import { isNativeError } from 'node:util/types';

/** Longest message and stack that are logged, in characters. */
const LONGEST = 8192;
/** Errors of the program itself: their stacks are needed, and hold no data of others. */
const FAULTS = new Set(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'AssertionError']);

/** The fields of an error in a log line. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  /** The line of code, for a defect of the program. */
  readonly at?: string;
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
 * @param stacks whether the stack is kept
 * @param depth how many causes of causes are followed
 */
export function serializeError(error: unknown, stacks: boolean, depth = 4): LoggedError {
  // Errors of another realm (a worker, a test's sandbox) are not instances of this Error.
  if (!isNativeError(error))
    return { type: typeof error, message: typeof error === 'string' ? cut(error) : 'not an Error' };
  const fields = error as { code?: unknown; status?: unknown; statusCode?: unknown; reason?: unknown };
  const status = fields.status ?? fields.statusCode;
  return {
    type: error.name,
    message: cut(error.message),
    ...placeOf(error, stacks),
    ...(typeof fields.code === 'string' || typeof fields.code === 'number' ? { code: fields.code } : {}),
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof fields.reason === 'string' ? { reason: fields.reason } : {}),
    ...(error.cause === undefined || depth <= 0 ? {} : { cause: serializeError(error.cause, stacks, depth - 1) }),
  };
}

function placeOf({ name, stack }: Error, stacks: boolean): Pick<LoggedError, 'at' | 'stack'> {
  if (stack === undefined) return {};
  if (stacks) return { stack: cut(stack) };
  const line = FAULTS.has(name)
    ? stack
        .slice(-LONGEST)
        .split('\n')
        .find((one) => one.startsWith('    at '))
    : undefined;
  return line === undefined ? {} : { at: line.slice('    at '.length) };
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
