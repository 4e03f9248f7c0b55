import { foldCase } from '../api/fold-case.ts';

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
