import { damagedArmour } from './damaged-armour.ts';
import type { DamagedArmour } from './damaged-armour.ts';

/**
 * A part of the text outside of blocks that is not a comment: a misspelt BEGIN or END line, base64 in one word or wrapped over
 * lines, or binary data. Offsets are of the text, `end` is exclusive.
 */
export type LoosePart =
  | { readonly kind: 'damage'; readonly start: number; readonly damage: DamagedArmour }
  | { readonly kind: 'base64'; readonly start: number; readonly end: number }
  | { readonly kind: 'binary'; readonly start: number };

/** Longest line of wrapped base64. Tools wrap at 60, 64 and 76 columns. */
const WIDEST_WRAP = 256;
/** Runs shorter than this are words. */
const SHORTEST = 40;
/** Lines like markers that are read closely; a text with more of them holds no certificate. */
const MOST_DAMAGES = 256;
/** "END CMS-": no misspelt line is shorter. */
const SHORTEST_LINE = 8;

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const PADDING = /^=$/;
/** A word without the quotes and tags that JSON, YAML, XML and shells put around a value. */
const WORD = /[^\s"'`,;[\]{}()<>]+/g;
/** Beginnings of a PEM text that is encoded as base64 once or twice. */
export const ENCODED_PEM = ['LS0tLS1CRUdJTi', 'TFMwdExTMUNSVWRKVGl'] as const;

interface Run {
  readonly kind: 'base64';
  readonly start: number;
  readonly end: number;
  /** Length of each of its lines; 0 when no other line may follow. */
  readonly width: number;
  /** It ends with "=". */
  readonly padded: boolean;
}

/** True for base64, whole or damaged, of a text that begins with a BEGIN line. */
export function startsEncodedPem(word: string): boolean {
  return ENCODED_PEM.some((start) => word.startsWith(start));
}

/** Finds the loose parts between two offsets, in order; all other text there is comment. */
export function* looseParts(text: string, from: number, to: number): Generator<LoosePart, void, undefined> {
  let run: Run | undefined;
  let controls = 0;
  let binaryStart = -1;
  let damages = 0;
  for (let at = from; at < to;) {
    const newline = text.indexOf('\n', at);
    const end = newline === -1 || newline > to ? to : newline;
    const start = at;
    at = end + 1;
    if (run === undefined && end - start < SHORTEST_LINE) continue;
    const line = text.slice(start, end);
    const longer: Run | undefined = run && continued(run, start, line);
    if (longer !== undefined) {
      run = longer;
      continue;
    }
    if (run !== undefined) yield run;
    run = undefined;
    const damage = damages < MOST_DAMAGES ? damagedArmour(line) : undefined;
    if (damage !== undefined) {
      damages++;
      yield { kind: 'damage', start, damage };
      continue;
    }
    if (line.trimStart().startsWith('#')) continue;
    // Found once: all that follows may belong to it. A line of binary data may be short.
    if (controls < MOST_CONTROLS) {
      const found = countControls(line);
      if (found > 0 && controls === 0) binaryStart = start;
      controls += found;
      if (controls >= MOST_CONTROLS) yield { kind: 'binary', start: binaryStart };
    }
    if (line.length < SHORTEST) continue;
    for (const match of line.matchAll(WORD)) {
      const [word] = match;
      if (word.length < SHORTEST) continue;
      if (!BASE64.test(word) && !startsEncodedPem(word)) continue;
      if (run !== undefined) yield run;
      run = runOf(start + match.index, word);
    }
  }
  if (run !== undefined) yield run;
}

function runOf(start: number, word: string): Run {
  const wraps = word.length <= WIDEST_WRAP && BASE64.test(word);
  return {
    kind: 'base64',
    start,
    end: start + word.length,
    width: wraps ? word.length : 0,
    padded: word.endsWith('='),
  };
}

/** A run with one more line: as long as those before, or shorter and then the last; of padding only, if there was some. */
function continued(run: Run, start: number, line: string): Run | undefined {
  const word = line.trim();
  if (word === '' || word.length > run.width || startsEncodedPem(word)) return undefined;
  if (!(run.padded ? PADDING : BASE64).test(word)) return undefined;
  const end = start + line.indexOf(word) + word.length;
  return { ...run, end, width: word.length < run.width ? 0 : run.width, padded: word.endsWith('=') };
}

/** A text with fewer control characters is not binary: any certificate in DER has more. */
const MOST_CONTROLS = 16;
const TAB = 0x09;
const CARRIAGE_RETURN = 0x0d;
const ESCAPE = 0x1b;
const REPLACEMENT = 0xfffd;

/** True for binary data: comments have no control characters except blanks and terminal colours, and little that is not UTF-8. */
function countControls(line: string): number {
  let controls = 0;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    const isBlank = code >= TAB && code <= CARRIAGE_RETURN;
    if ((code < 0x20 && !isBlank && code !== ESCAPE) || code === 0x7f || code === REPLACEMENT) controls++;
  }
  return controls;
}
