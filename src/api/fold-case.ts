/**
 * Folds case one character at a time, as ARM does when it compares ids: two texts fold alike where their letters have the same
 * capitals. A character whose other case is longer stays as it is, and no letter outside of ASCII becomes one inside: `ß` is not
 * `ss`, and the Kelvin sign is not `k`, because they name other groups. A character folds alike at every position.
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
  const lower = single(upper, upper.toLowerCase());
  // The small letter of the Angstrom sign is that of another capital.
  return single(lower, lower.toUpperCase()) === upper ? lower : upper;
}

function single(character: string, folded: string): string {
  return Array.from(folded).length === 1 && !ASCII.test(folded) ? folded : character;
}
