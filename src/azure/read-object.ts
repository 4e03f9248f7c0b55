import { assertPlainShape } from './json-shape.ts';

/** Texts up to this length, in UTF-16 units, cost little with any content. */
const SMALL = 1024 * 1024;

/** Parses a body that is a JSON object; undefined where it is anything else, or would take too much memory. */
export function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    if (text.length > SMALL) assertPlainShape(text);
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
