import { escapeForDisplay } from '../../api/display.ts';

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x00, 'NUL; is the file UTF-16?'],
  [0x1b, 'escape'],
  [0x7f, 'delete'],
  [0x85, 'next line'],
  [0xa0, 'no-break space'],
  [0xad, 'soft hyphen'],
  [0x200b, 'zero-width space'],
  [0x200c, 'zero-width non-joiner'],
  [0x200d, 'zero-width joiner'],
  [0x200e, 'left-to-right mark'],
  [0x200f, 'right-to-left mark'],
  [0x2010, 'hyphen'],
  [0x2011, 'non-breaking hyphen'],
  [0x2012, 'figure dash'],
  [0x2013, 'en dash'],
  [0x2014, 'em dash'],
  [0x2015, 'horizontal bar'],
  [0x2018, 'left single quotation mark'],
  [0x2019, 'right single quotation mark'],
  [0x201c, 'left double quotation mark'],
  [0x201d, 'right double quotation mark'],
  [0x2026, 'ellipsis; was the text shortened for display?'],
  [0x2028, 'line separator'],
  [0x2029, 'paragraph separator'],
  [0x202f, 'narrow no-break space'],
  [0x2060, 'word joiner'],
  [0x2212, 'minus sign'],
  [0x3000, 'ideographic space'],
  [0xfeff, 'byte order mark'],
  [0xfffd, 'replacement character; the text was decoded wrongly before'],
]);

const FAMILIES: readonly (readonly [RegExp, string])[] = [
  [/\p{Cc}/u, 'control character'],
  [/\p{Bidi_Control}/u, 'bidirectional control'],
  [/\p{Zs}/u, 'a space, but not the common one'],
  [/\p{Pd}/u, 'a dash, but not the common one'],
  [/\p{Script=Cyrillic}/u, 'Cyrillic letter'],
  [/\p{Script=Greek}/u, 'Greek letter'],
  [/[\uff01-\uff5e]/u, 'full-width character'],
  [/\p{Default_Ignorable_Code_Point}/u, 'invisible character'],
];

/** Names a character so that a person can find it: `"!"`, `a space`, `U+00A0 (no-break space)`, `U+4E2D`. */
export function characterName(codePoint: number): string {
  if (codePoint === 0x20) return 'a space';
  if (codePoint > 0x20 && codePoint < 0x7f) return `"${escapeForDisplay(String.fromCodePoint(codePoint))}"`;
  const code = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
  const name = NAMES.get(codePoint) ?? familyOf(codePoint);
  return name === undefined ? code : `${code} (${name})`;
}

function familyOf(codePoint: number): string | undefined {
  const character = String.fromCodePoint(codePoint);
  return FAMILIES.find(([family]) => family.test(character))?.[1];
}
