import type { Glyphs } from './bar.ts';
import type { Outcome } from './verdict.ts';
import { piece, safe, wrap, type Line, type Style } from './text.ts';

/** What decides about the look of a view, besides its data. */
export interface Look {
  /** Columns there are; Infinity where nothing has to be broken, as in a pipe. */
  readonly columns: number;
  readonly glyphs: Glyphs;
  /** Rows of certificates too. */
  readonly certificates: boolean;
  /** Most pools that have a row each; undefined: all. What is more is counted in a last row. */
  readonly pools?: number | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

export const STYLES: Readonly<Record<Outcome, Style>> = { Converged: 'good', InProgress: 'busy', Stuck: 'bad' };

/** A label, and beside it a text that may take several lines. */
export function paragraph(label: string, text: string, { columns }: Look, options: Paragraph = {}): Line[] {
  const { indent = 2, labelWidth = 10, style } = options;
  const start = indent + labelWidth;
  return wrap(safe(text), Math.max(16, columns - start)).map((part, row): Line => {
    const before = row === 0 ? `${' '.repeat(indent)}${label.padEnd(labelWidth)}` : ' '.repeat(start);
    return [piece(before, 'faint'), { text: part, style }];
  });
}

interface Paragraph {
  readonly indent?: number;
  readonly labelWidth?: number;
  readonly style?: Style;
}

export const BLANK: Line = [];

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
