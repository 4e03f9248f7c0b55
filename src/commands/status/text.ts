import { styleText } from 'node:util';
import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';
import { escapeForDisplay } from '../../api/display.ts';

/** Longest text of a status that is shown, in UTF-16 units; messages of conditions can have 32,768. */
const LONGEST = 4096;

export type Style = 'strong' | 'good' | 'busy' | 'bad' | 'faint';

const FORMATS = { strong: 'bold', good: 'green', busy: 'yellow', bad: 'red', faint: 'dim' } as const;

declare const SAFE: unique symbol;
/** Text without any control character of a terminal. Only {@link safe} makes it, so that no text bypasses the escaping. */
export type Safe = string & { readonly [SAFE]: true };

export interface Piece {
  readonly text: Safe;
  readonly style?: Style | undefined;
}

export type Line = readonly Piece[];

/** Escapes all characters that could move the cursor, or hide or reorder text. */
export function safe(text: string, limit: number = LONGEST): Safe {
  return escapeForDisplay(text, limit) as Safe;
}

export function piece(text: string, style?: Style): Piece {
  return { text: safe(text), style };
}

/** The line as it is written, without a line end. Without colour, it has no control codes. */
export function paint(line: Line, colour: boolean): string {
  const texts = line.map(({ text, style }) =>
    colour && style !== undefined ? styleText(FORMATS[style], text, { validateStream: false }) : text,
  );
  return texts.join('').trimEnd();
}

const NARROW = /^[\x20-\x7e]*$/;

/** Columns of a text on a terminal. */
export function columnsOf(text: Safe): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

/** The text in at most `columns` columns; a shortened text ends in `…`. */
export function cut(text: Safe, columns: number): Safe {
  return columnsOf(text) <= columns ? text : shortened(text, columns);
}

/** The start of the text with `…` after it, in at most `columns` columns together. */
export function shortened(text: Safe, columns: number): Safe {
  return `${fitting(text, columns - 1)}…` as Safe;
}

/** The line in at most `columns` columns, its end left out. */
export function clip(line: Line, columns: number): Line {
  let left = columns;
  return line.flatMap(({ text, style }) => {
    if (left <= 0) return [];
    const fits = cut(text, left);
    left -= columnsOf(fits);
    return [{ text: fits, style }];
  });
}

/** The text in exactly `columns` columns: filled with spaces, or cut. */
export function pad(text: Safe, columns: number): Safe {
  const fits = cut(text, columns);
  return `${fits}${' '.repeat(columns - columnsOf(fits))}` as Safe;
}

export function padStart(text: Safe, columns: number): Safe {
  return `${' '.repeat(Math.max(0, columns - columnsOf(text)))}${text}` as Safe;
}

/** Breaks at spaces, and within words that are longer than a line. */
export function wrap(text: Safe, columns: number): Safe[] {
  if (columnsOf(text) <= columns) return [text];
  return wrapAnsi(text, columns, { hard: true }).split('\n') as Safe[];
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The longest start that fits. */
function fitting(text: Safe, columns: number): string {
  if (NARROW.test(text)) return text.slice(0, columns);
  let end = 0;
  let taken = 0;
  for (const { segment } of graphemes.segment(text)) {
    taken += stringWidth(segment);
    if (taken > columns) break;
    end += segment.length;
  }
  return text.slice(0, end);
}
