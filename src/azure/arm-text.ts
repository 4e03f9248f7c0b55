import { escapeForDisplay } from '../api/display.ts';

/** Longest text of ARM's that goes any further, in UTF-16 units: its refusals name scopes and actions, and run to hundreds. */
const LIMIT = 2048;

/**
 * A text of ARM's or of whoever answered in its place, as statuses, events and logs may have it: on one line, escaped,
 * without the query of any address, for that of an operation is as good as a token. Empty where it is no text.
 */
export function armText(value: unknown): string {
  if (typeof value !== 'string') return '';
  const line = value
    .slice(0, 2 * LIMIT)
    // A URL without a query is matched whole as well: a second search from each position inside it would take quadratic time.
    .replace(/(https?:\/\/[^\s"'<>?#]+)(?:\?[^\s"'<>]*)?/gi, '$1')
    .replace(/[ \t\r\n]+/g, ' ')
    // Services close texts that were closed already: "contact support..".
    .replace(/(?<!\.)\.\.(?= |$)/g, '.')
    .trim();
  return escapeForDisplay(line, LIMIT);
}
