import type { Dispatcher } from 'undici';
import { errorFromStatus, KubernetesError } from './error.ts';
import { readText } from './lines.ts';

/** The head of an answer, and its body to come. */
export type Answer = Dispatcher.ResponseData;

/** @throws KubernetesError for a body that is neither JSON nor text where text may be expected */
export async function readBody(asked: string, answer: Answer, maxBytes: number): Promise<unknown> {
  const text = await readText(answer.body, maxBytes);
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

/** Why the server did not do what it was asked. */
export async function readRefusal(asked: string, answer: Answer, maxBytes: number): Promise<KubernetesError> {
  const text = await readText(answer.body, maxBytes);
  return errorFromStatus(asked, answer.statusCode, parseJson(text), header(answer, 'retry-after'));
}

/** The server's clock (its Date header; whole seconds), in milliseconds since the epoch. */
export function dateOf(answer: Answer): number | undefined {
  const date = Date.parse(header(answer, 'date') ?? '');
  return Number.isNaN(date) ? undefined : date;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function header(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
