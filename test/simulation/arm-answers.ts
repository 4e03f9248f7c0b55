import type { Answer } from './lasting.ts';

export function error(status: number, code: string, message: string): Answer {
  return { status, text: JSON.stringify({ error: { code, message } }) };
}

export function throttled(seconds: number): Answer {
  return { ...error(429, 'Throttled', 'too many requests'), headers: { 'retry-after': String(seconds) } };
}

export const NOT_FOUND = error(404, 'ResourceNotFound', 'the cluster was not found');
