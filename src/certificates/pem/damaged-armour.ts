import { characterName } from './character-name.ts';
import { isKnownLabel } from './label.ts';

/** A misspelt BEGIN or END line. */
export interface DamagedArmour {
  readonly opens: boolean;
  readonly label: string;
  /** Column of the first wrong character, in UTF-16 units, counted from 1. */
  readonly column: number;
  readonly message: string;
}

const LONGEST = 160;
/** A cheap test that excludes most lines; invisible characters may hide in the word. */
const CANDIDATE = /begin|end|[^\x20-\x7e\t]/i;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu;
const DASHES = /[\p{Pd}\u2212]/gu;
const SPACES = /\p{Z}+/gu;
const ARMOUR = /^-{0,16} ?(BEGIN|END) ?([A-Z0-9. ]{1,48}?) ?-{0,16}$/;
/** Cyrillic and Greek capitals with the shape of the markers' letters. */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map(
  [...'АВСЕНІЈКМОРЅТХҮΑΒΕΖΗΙΚΜΝΟΡΤΥΧ'].map((letter, index) => [letter, 'ABCEHIJKMOPSTXYABEZHIKMNOPTYX'.charAt(index)]),
);
const FOREIGN_CAPITALS = /[\u0370-\u04ff]/g;

/** Recognises a line that is a marker except for other dashes, spaces and letters of the same shape, case, and the number of dashes. */
export function damagedArmour(line: string): DamagedArmour | undefined {
  if (line.length > LONGEST || !CANDIDATE.test(line)) return undefined;
  const plain = line
    .replace(INVISIBLE, '')
    .replace(DASHES, '-')
    .replace(SPACES, ' ')
    .normalize('NFKC')
    .trim()
    .toUpperCase()
    .replace(FOREIGN_CAPITALS, (letter) => LOOK_ALIKES.get(letter) ?? letter);
  const [, word, label] = ARMOUR.exec(plain) ?? [];
  if (word === undefined || label === undefined || !isKnownLabel(label) || !plain.includes('-')) return undefined;
  const meant = `-----${word} ${label}-----`;
  const indent = line.length - line.trimStart().length;
  const wrong = firstDifference(line.trimStart(), meant);
  const codePoint = line.codePointAt(indent + wrong);
  const found = codePoint === undefined ? 'ends too early' : `has ${characterName(codePoint)} here`;
  return {
    opens: word === 'BEGIN',
    label,
    column: indent + wrong + 1,
    message: `the line should read ${meant} and ${found}: copy the certificate again as plain text`,
  };
}

function firstDifference(text: string, meant: string): number {
  let at = 0;
  while (at < meant.length && text[at] === meant[at]) at++;
  return at;
}
