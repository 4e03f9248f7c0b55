import { foldCase } from '../api/fold-case.ts';

/** A text, split once for any number of patterns: a policy may have hundreds. */
export type Segments = readonly string[];

/** True for a text that matches. */
export type Matches = (text: Segments) => boolean;

export function segmentsOf(text: string): Segments {
  return foldCase(text).split('/');
}

/**
 * A pattern in which `*` stands for any run of characters other than `/`. Case is ignored. The time to match grows with the
 * length of the pattern and of the text, without backtracking: the leftmost match of each part is always good enough.
 */
export function compileWildcard(pattern: string): Matches {
  const segments = segmentsOf(pattern).map((segment) => segment.split(/\*+/));
  return (text) =>
    text.length === segments.length && segments.every((segment, index) => fits(segment, text[index] ?? ''));
}

/** `literals` are the texts between the stars of one segment. */
function fits(literals: readonly string[], text: string): boolean {
  const [first = ''] = literals;
  if (literals.length === 1) return text === first;
  if (!text.startsWith(first)) return false;
  const last = literals.at(-1) ?? '';
  let from = first.length;
  for (const literal of literals.slice(1, -1)) {
    const found = text.indexOf(literal, from);
    if (found === -1) return false;
    from = found + literal.length;
  }
  return text.length - last.length >= from && text.endsWith(last);
}
