import { paragraph } from '../status/layout.ts';
import { columnsOf, pad, piece, safe, type Line, type Piece, type Style } from '../status/text.ts';

/** A column of a table. */
export interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => string;
  readonly style?: (row: T) => Style | undefined;
  /** Columns with a higher number are left out first where the table is too wide; those without one stay. */
  readonly spare?: number;
}

export interface TableOptions<T> {
  /** Columns of the terminal; Infinity where lines need not be broken. */
  readonly columns: number;
  /** Texts below a row. */
  readonly notes?: (row: T) => readonly string[];
}

const GAP = '  ';
const NOTE_INDENT = 4;
/** Widest column but for the last one; longer texts are cut. */
const WIDEST = 64;

/** A table with a heading, as wide as its texts. */
export function renderTable<T>(rows: readonly T[], columns: readonly Column<T>[], options: TableOptions<T>): Line[] {
  const { notes = () => [] } = options;
  const widthOf = (column: Column<T>) => {
    const width = Math.max(column.head.length, ...rows.map((row) => columnsOf(safe(column.cell(row)))));
    return column === columns.at(-1) ? width : Math.min(WIDEST, width);
  };
  const all = columns.map((column) => ({ column, width: widthOf(column) }));
  const order = all.filter(({ column: { spare } }) => spare !== undefined);
  order.sort((a, b) => (b.column.spare ?? 0) - (a.column.spare ?? 0));
  const shown = new Set(all);
  const taken = () => [...shown].reduce((sum, { width }) => sum + width + GAP.length, -GAP.length);
  for (const one of order) if (taken() > options.columns) shown.delete(one);
  const lineOf = (pieceOf: (one: (typeof all)[number]) => Piece): Line =>
    [...shown].flatMap((one, at) => (at === 0 ? [pieceOf(one)] : [piece(GAP), pieceOf(one)]));
  // Texts that the next row has as well are shown once, below the last of these rows.
  const texts = rows.map(notes);
  const unlessRepeated = (at: number) => (texts[at]?.join('\n') === texts[at + 1]?.join('\n') ? [] : (texts[at] ?? []));
  return [
    lineOf(({ column, width }) => ({ text: pad(safe(column.head), width), style: 'faint' })),
    ...rows.flatMap((row, at) => [
      lineOf(({ column, width }) => ({ text: pad(safe(column.cell(row)), width), style: column.style?.(row) })),
      ...unlessRepeated(at).flatMap((text) =>
        paragraph('', text, { columns: options.columns }, { indent: NOTE_INDENT, labelWidth: 0 }),
      ),
    ]),
  ];
}
