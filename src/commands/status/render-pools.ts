import { plural } from '../../api/wording.ts';
import { bar } from './bar.ts';
import type { ClusterReport, Pool } from './cluster-report.ts';
import { paragraph, type ViewOptions } from './layout.ts';
import { columnsOf, pad, padStart, piece, safe, type Line, type Piece, type Safe, type Style } from './text.ts';
import { ago, when } from './times.ts';

const INDENT = 2;
const GAP = '  ';
const LONGEST_NAME = 24;

/** A newer controller may know phases that are not here. */
const PHASES: Readonly<Record<string, Style>> = {
  Done: 'good',
  Reimaging: 'busy',
  Waiting: 'faint',
  Failed: 'bad',
  Excluded: 'faint',
};

/** Ranks of phases; the pools that need attention come first. */
const INTEREST: Readonly<Record<string, number>> = { Failed: 1, Reimaging: 2, Waiting: 3, Done: 4, Excluded: 5 };

/** Layouts from wide to narrow. The name and the phase are in all of them, because they matter most. */
const LAYOUTS: readonly Layout[] = [
  { bar: 20, numbers: true },
  { bar: 10, numbers: true },
  { bar: 10, numbers: false },
  { bar: 0, numbers: false },
];

interface Layout {
  /** Columns of the bar; 0 for none. */
  readonly bar: number;
  /** Whether there are columns for the nodes that are being replaced and that wait. */
  readonly numbers: boolean;
}

interface Column {
  readonly head: string;
  readonly width: number;
  readonly side: 'left' | 'right';
  readonly cell: (pool: Pool) => string;
  readonly style?: (pool: Pool) => Style;
}

/** The table of pools; a blocker stands below the row of its pool. */
export function renderPools({ nodePools }: ClusterReport, view: ViewOptions): Line[] {
  if (nodePools.length === 0) return [];
  const { shown, folded } = chosen(nodePools, view.pools);
  const columns = columnsFor(shown, view);
  const start = INDENT + (columns[0]?.width ?? 0) + GAP.length;
  const rows = shown.flatMap((pool): Line[] => {
    const cells = columns.map((column) => {
      const text = fitted(safe(column.cell(pool)), column);
      return { text, style: column.style?.(pool) };
    });
    const below = notesOn(pool, view.now).flatMap(({ text, style }) =>
      paragraph('', text, view, { indent: start, labelWidth: 0, ...(style ? { style } : {}) }),
    );
    return [inRow(cells), ...below];
  });
  const header = columns.map((column): Piece => ({ text: fitted(safe(column.head), column), style: 'faint' }));
  return [
    inRow(header),
    ...rows,
    ...(folded === '' ? [] : paragraph('', folded, view, { labelWidth: 0, style: 'faint' })),
  ];
}

function columnsFor(pools: readonly Pool[], view: ViewOptions): Column[] {
  const { glyphs } = view;
  const width = (head: string, cell: (pool: Pool) => string, most = Infinity) =>
    Math.min(most, Math.max(head.length, ...pools.map((pool) => columnsOf(safe(cell(pool))))));
  const name = ({ name: text }: Pool) => text;
  const phaseStyle = (pool: Pool) => PHASES[pool.phase] ?? 'faint';
  const all = ({ bar: barWidth, numbers }: Layout): Column[] => [
    { head: 'POOL', width: width('POOL', name, LONGEST_NAME), side: 'left', cell: name, style: () => 'strong' },
    ...(barWidth === 0
      ? []
      : [
          {
            head: '',
            width: barWidth + glyphs.open.length + glyphs.close.length,
            side: 'left' as const,
            cell: (pool: Pool) => barOf(pool, barWidth, view),
            style: phaseStyle,
          },
        ]),
    { head: 'NODES', width: width('NODES', countOf), side: 'right', cell: countOf },
    ...(numbers
      ? [
          { head: 'NOW', width: 3, side: 'right' as const, cell: (pool: Pool) => numberOf(pool, pool.reimaging) },
          { head: 'WAITING', width: 7, side: 'right' as const, cell: (pool: Pool) => numberOf(pool, pool.waiting) },
        ]
      : []),
    {
      head: 'PHASE',
      width: width('PHASE', phaseOf),
      side: 'left',
      cell: phaseOf,
      style: (pool) => (isBlocked(pool) ? 'bad' : phaseStyle(pool)),
    },
  ];
  const taken = (columns: readonly Column[]) =>
    columns.reduce((sum, column) => sum + column.width + GAP.length, INDENT - GAP.length);
  const layouts = LAYOUTS.map(all);
  return layouts.find((columns) => taken(columns) <= view.columns) ?? layouts.at(-1) ?? [];
}

function fitted(text: Safe, { side, width }: Column): Safe {
  return side === 'left' ? pad(text, width) : padStart(text, width);
}

function inRow(cells: readonly Piece[]): Line {
  return [piece(' '.repeat(INDENT)), ...cells.flatMap((cell, place) => (place === 0 ? [cell] : [piece(GAP), cell]))];
}

function isBlocked({ blockedBy }: Pool): boolean {
  return blockedBy !== undefined;
}

/** `Reimaging, blocked`. */
export function phaseOf(pool: Pool): string {
  return isBlocked(pool) ? `${pool.phase}, blocked` : pool.phase;
}

/** `4/9`, or only the number of nodes for an excluded pool. */
export function countOf({ phase, nodes, reimaged = 0 }: Pool): string {
  return phase === 'Excluded' ? `${nodes}` : `${reimaged}/${nodes}`;
}

interface Note {
  readonly text: string;
  readonly style?: Style;
}

function notesOn(pool: Pool, now: number): Note[] {
  const { blockedBy, blockedSince, message } = pool;
  const passed = blockedSince === undefined ? undefined : ago(blockedSince, now);
  const since =
    blockedSince === undefined ? '' : ` since ${when(blockedSince, now)}${passed === undefined ? '' : ` (${passed})`}`;
  return [
    ...(blockedBy === undefined ? [] : [{ text: `blocked${since}: ${blockedBy}`, style: 'bad' as const }]),
    ...(message === undefined ? [] : [{ text: message }]),
  ];
}

function barOf({ phase, nodes, reimaged = 0, reimaging = 0 }: Pool, width: number, { glyphs }: ViewOptions): string {
  return phase === 'Excluded' ? '-' : bar({ done: reimaged, now: reimaging, total: nodes }, width, glyphs);
}

/** `-` for excluded pools, and where only the state of ARM is known. */
function numberOf({ phase }: Pool, count: number | undefined): string {
  return phase === 'Excluded' || count === undefined ? '-' : `${count}`;
}

/** Pools in the order of ARM; where there are too many, blocked and failed pools come first. */
function chosen(pools: readonly Pool[], limit: number | undefined): { shown: readonly Pool[]; folded: string } {
  // A row that says "1 pool more" takes as much room as that pool.
  if (limit === undefined || pools.length <= Math.max(2, limit)) return { shown: pools, folded: '' };
  const rank = (pool: Pool) => (isBlocked(pool) ? 0 : (INTEREST[pool.phase] ?? 1));
  const sorted = pools.toSorted((a, b) => rank(a) - rank(b));
  const rest = sorted.slice(Math.max(1, limit - 1));
  const phases = Map.groupBy(rest, ({ phase }) => phase);
  const counts = [...phases].map(([phase, some]) => `${some.length} ${phase}`);
  return {
    shown: sorted.slice(0, Math.max(1, limit - 1)),
    folded: `and ${plural(rest.length, 'pool')} more: ${counts.join(', ')}`,
  };
}
