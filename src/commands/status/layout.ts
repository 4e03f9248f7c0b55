import type { Glyphs } from './bar.ts';
import type { Outcome } from './verdict.ts';
import { piece, safe, shortened, wrap, type Line, type Safe, type Style } from './text.ts';

/** How a view is laid out. */
export interface ViewOptions {
  /** Columns of the terminal; Infinity in a pipe, where lines are not broken. */
  readonly columns: number;
  readonly glyphs: Glyphs;
  /** Whether certificates have rows. */
  readonly certificates: boolean;
  /** Most lines of one text; undefined: no limit. The rest is left out. */
  readonly lines?: number | undefined;
  /** Most rows of pools; undefined: no limit. A last row counts the rest. */
  readonly pools?: number | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

export const STYLES: Readonly<Record<Outcome, Style>> = { Converged: 'good', InProgress: 'busy', Stuck: 'bad' };

/** A label with a text beside it, which may take several lines. */
export function paragraph(
  label: string,
  text: string,
  view: Pick<ViewOptions, 'columns' | 'lines'>,
  options: Paragraph = {},
): Line[] {
  const { indent = 2, labelWidth = 10, style } = options;
  const start = indent + labelWidth;
  const width = Math.max(16, view.columns - start);
  return limited(wrap(safe(text), width), view.lines, width).map((part, row): Line => {
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
