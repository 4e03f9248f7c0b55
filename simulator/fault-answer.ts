import { realError } from './corpus.ts';
import type { Fault } from './faults.ts';
import { json } from './http/answer.ts';
import type { Answer } from './http/answer.ts';

/** The answer of a fault in place of any other; undefined when the fault only disturbs the connection. */
export function faultAnswer(fault: Fault | undefined): Answer | undefined {
  if (fault === undefined) return undefined;
  const real = fault.error === undefined ? undefined : realError(fault.error);
  const retryAfter = fault.retryAfterSeconds ?? real?.retryAfter;
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  if (fault.rawBody !== undefined) {
    const type = fault.contentType ?? 'application/json; charset=utf-8';
    return { status: fault.status ?? 200, headers: { ...headers, 'content-type': type }, body: fault.rawBody };
  }
  if (real !== undefined) return json(fault.status ?? real.status, real.body, headers);
  if (fault.status === undefined) return undefined;
  if (fault.status === 204) return { status: 204, headers };
  const error = {
    code: fault.code ?? 'InternalServerError',
    message: fault.message ?? 'The simulator answers this because a fault was set.',
  };
  return json(fault.status, fault.unwrapped === true ? error : { error }, headers);
}
