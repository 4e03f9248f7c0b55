import type { Dispatcher } from 'undici';
import { escapeForDisplay } from '../../api/display.ts';
import { errorFromStatus, KubernetesError } from '../error.ts';
import { type JsonLimits, jsonProblem } from './json-limits.ts';
import { readBytes } from './line-reader.ts';
import type { Meter } from './read-budget.ts';

/** The head of an answer, and its body, which is not read yet. */
export type Answer = Dispatcher.ResponseData;

/** Largest size of an answer, in bytes. */
export interface AnswerLimits {
  readonly bytes: number;
  /** Limits of the JSON; absent: none. */
  readonly json?: JsonLimits;
  /** Counts the bytes that are held; absent: they are not counted. */
  readonly meter?: Meter | undefined;
}

/** Far longer than any Status. */
const REFUSAL_BYTES = 2 ** 20;

/**
 * @throws KubernetesError `UnexpectedAnswer` for a body that is neither JSON nor text where text is expected, or that is
 *   compressed: compression was not requested, and the unpacked bytes are not counted. `TooLarge` beyond the limits.
 */
export async function readBody(asked: string, answer: Answer, limits: AnswerLimits): Promise<unknown> {
  const encoding = header(answer, 'content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    await answer.body.dump();
    throw unexpected(asked, answer, 'it is compressed, although no compression was requested');
  }
  const bytes = await readMetered(answer, limits.bytes, limits.meter);
  if (bytes.length === 0) return undefined;
  const type = header(answer, 'content-type') ?? '';
  if (type.startsWith('text/plain')) return bytes.toString('utf8');
  const problem = limits.json && jsonProblem(bytes, limits.json);
  if (problem !== undefined) throw new KubernetesError(0, 'TooLarge', `${asked}: the answer is refused: ${problem}`);
  const parsed = type.includes('json') ? parseJson(bytes) : undefined;
  if (parsed !== undefined) return parsed;
  throw unexpected(asked, answer, `its content type is ${shownType(type)}, and it is not JSON`);
}

function readMetered({ body }: Answer, bytes: number, meter: Meter | undefined): Promise<Buffer> {
  meter?.onGivenUp((error) => body.destroy(error));
  return readBytes(body, bytes, meter);
}

function unexpected(asked: string, answer: Answer, why: string): KubernetesError {
  const message = `${asked}: the answer is not one of an API server: ${why}. Is a proxy in the way?`;
  return new KubernetesError(answer.statusCode, 'UnexpectedAnswer', message, { hasStatus: false });
}

/** A target's API server may send anything. */
function shownType(type: string): string {
  return type === '' ? 'missing' : escapeForDisplay(type, 64);
}

/** The reason why the server refused the request. */
export async function readRefusal(asked: string, answer: Answer, limits: AnswerLimits): Promise<KubernetesError> {
  const bytes = await readMetered(answer, Math.min(limits.bytes, REFUSAL_BYTES), limits.meter);
  const readable = limits.json === undefined || jsonProblem(bytes, limits.json) === undefined;
  const body = readable ? parseJson(bytes) : undefined;
  return errorFromStatus(asked, answer.statusCode, body, header(answer, 'retry-after'));
}

/** The server's clock (its Date header; whole seconds), in milliseconds since the epoch. */
export function dateOf(answer: Answer): number | undefined {
  const date = Date.parse(header(answer, 'date') ?? '');
  return Number.isNaN(date) ? undefined : date;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function header(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
