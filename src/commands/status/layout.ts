import type { Glyphs } from './bar.ts';
import type { Outcome } from './verdict.ts';
import { piece, safe, shortened, wrap, type Line, type Safe, type Style } from './text.ts';

/** What decides about the look of a view, besides its data. */
export interface Look {
  /** Columns there are; Infinity where nothing has to be broken, as in a pipe. */
  readonly columns: number;
  readonly glyphs: Glyphs;
  /** Rows of certificates too. */
  readonly certificates: boolean;
  /** Most lines that one text takes; undefined: all. What is more is left out. */
  readonly lines?: number | undefined;
  /** Most pools that have a row each; undefined: all. What is more is counted in a last row. */
  readonly pools?: number | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

export const STYLES: Readonly<Record<Outcome, Style>> = { Converged: 'good', InProgress: 'busy', Stuck: 'bad' };

/** A label, and beside it a text that may take several lines. */
export function paragraph(label: string, text: string, look: Look, options: Paragraph = {}): Line[] {
  const { indent = 2, labelWidth = 10, style } = options;
  const start = indent + labelWidth;
  const width = Math.max(16, look.columns - start);
  return limited(wrap(safe(text), width), look.lines, width).map((part, row): Line => {
    const before =
      row === 0
        ? `${' '.repeat(indent)}${labelWidth > 0 ? `${label.padEnd(labelWidth - 1)} ` : ''}`
        : ' '.repeat(start);
    return [piece(before, 'faint'), { text: part, style }];
  });
}

function limited(lines: readonly Safe[], most = Infinity, width: number): readonly Safe[] {
  if (lines.length <= most) return lines;
  return [...lines.slice(0, most - 1), shortened(lines[most - 1] ?? safe(''), width)];
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
