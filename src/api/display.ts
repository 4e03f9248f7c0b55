import { detach } from './detach.ts';

/** Longest text that {@link escapeForDisplay} returns by default, in UTF-16 units. */
export const DISPLAY_LIMIT = 256;

// Controls, formats (bidirectional overrides, zero-width), unassigned and private code points, lone surrogates, line and
// paragraph separators, every space but the common one, and what is invisible by default (Hangul fillers, variation selectors).
const UNSAFE = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Makes text from outside safe for a terminal, a log line, an event and a status: characters that could move the cursor, or
 * reorder or hide text, are shown as `\u{202e}`; a text longer than `limit` is cut and ends in `…`.
 */
export function escapeForDisplay(text: string, limit: number = DISPLAY_LIMIT): string {
  const head = text.length > limit ? text.slice(0, limit + 1) : text;
  const escaped = PLAIN.test(head) ? head : head.replace(UNSAFE, escapeCharacter);
  return escaped.length > limit ? cut(escaped, limit) : escaped;
}

function escapeCharacter(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function cut(text: string, limit: number): string {
  const end = Math.max(0, limit - 1);
  // Half of a pair would itself be an unsafe character.
  const splitsPair = /[\ud800-\udbff]/.test(text.charAt(end - 1));
  return detach(`${text.slice(0, splitsPair ? end - 1 : end)}…`);
}
