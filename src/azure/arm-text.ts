import { escapeForDisplay } from '../api/display.ts';

/** Longest text of ARM that is kept, in UTF-16 units. Refusals name scopes and actions and have several hundred. */
const LIMIT = 2048;

/**
 * Makes a text from ARM, or from a proxy in its place, safe for statuses, events and logs: one line, escaped, and URLs without
 * their query, because the query of an operation's URL grants access like a token. Empty for a value that is not a text.
 */
export function armText(value: unknown): string {
  if (typeof value !== 'string') return '';
  const line = value
    .slice(0, 2 * LIMIT)
    // A URL without a query is matched whole as well: a second search from each position inside it would take quadratic time.
    .replace(/(https?:\/\/[^\s"'<>?#]+)(?:\?[^\s"'<>]*)?/gi, '$1')
    .replace(/[ \t\r\n]+/g, ' ')
    // Some services add a second full stop: "contact support..".
    .replace(/(?<!\.)\.\.(?= |$)/g, '.')
    .trim();
  return escapeForDisplay(line, LIMIT);
}
