/** True for a text that matches. */
export type Matches = (text: string) => boolean;

/**
 * A pattern in which `*` stands for any run of characters other than `/`. Case is ignored. The time to match grows with the
 * length of the pattern and of the text, and never by backtracking: the leftmost place of each part is always good enough.
 */
export function compileWildcard(pattern: string): Matches {
  const segments = foldCase(pattern)
    .split('/')
    .map((segment) => segment.split(/\*+/));
  return (text) => {
    const parts = foldCase(text).split('/');
    return parts.length === segments.length && segments.every((segment, index) => fits(segment, parts[index] ?? ''));
  };
}

/** `literals` are what stands between the stars of one segment. */
function fits(literals: readonly string[], text: string): boolean {
  const [first = '', ...others] = literals;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const literal of others) {
    const found = text.indexOf(literal, from);
    if (found === -1) return false;
    from = found + literal.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}

/**
 * Folds case one character at a time, as ARM does when it compares ids. A character whose other case is longer stays as it is,
 * and no letter outside of ASCII becomes one inside: `ß` is not `ss`, and the Kelvin sign is not `k`, for they name other groups.
 */
export function foldCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return Array.from(text, foldCharacter).join('');
}

// eslint-disable-next-line no-control-regex -- the whole of ASCII
const ASCII = /^[\x00-\x7f]*$/;

function foldCharacter(character: string): string {
  if (ASCII.test(character)) return character.toLowerCase();
  const upper = single(character, character.toUpperCase());
  return single(upper, upper.toLowerCase());
}

function single(character: string, folded: string): string {
  return Array.from(folded).length === 1 && !ASCII.test(folded) ? folded : character;
}
