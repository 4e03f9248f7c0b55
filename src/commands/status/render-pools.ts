import { bar } from './bar.ts';
import type { ClusterReport, Pool } from './cluster-report.ts';
import { paragraph, plural, type Look } from './look.ts';
import { columnsOf, cut, pad, padStart, piece, safe, type Line, type Style } from './text.ts';
import { ago, when } from './times.ts';

const INDENT = 2;
const GAP = '  ';
const LONGEST_NAME = 24;

const PHASES: Readonly<Record<Pool['phase'], Style>> = {
  Done: 'good',
  Reimaging: 'busy',
  Waiting: 'faint',
  Failed: 'bad',
  Excluded: 'faint',
};

/** What a person wants to see first. */
const INTEREST: Readonly<Record<Pool['phase'], number>> = { Failed: 1, Reimaging: 2, Waiting: 3, Done: 4, Excluded: 5 };

/** The table of pools, with what keeps a pool from being replaced below its row. */
export function renderPools({ nodePools }: ClusterReport, look: Look): Line[] {
  if (nodePools.length === 0) return [];
  const { shown, folded } = chosen(nodePools, look.pools);
  const names = shown.map(({ name }) => safe(name));
  const nameWidth = Math.min(LONGEST_NAME, Math.max(4, ...names.map(columnsOf)));
  const counts = shown.map((pool) => safe(countOf(pool)));
  const countWidth = Math.max(5, ...counts.map(columnsOf));
  const barWidth = look.columns < 72 ? 10 : 20;
  const barColumns = barWidth + look.glyphs.open.length + look.glyphs.close.length;
  const start = INDENT + nameWidth + GAP.length;
  const header = [
    pad(safe('POOL'), nameWidth),
    pad(safe(''), barColumns),
    padStart(safe('NODES'), countWidth),
    safe('NOW'),
    safe('WAITING'),
    safe('PHASE'),
  ];
  const room = look.columns - start - barColumns - countWidth - 'NOW'.length - 'WAITING'.length - 4 * GAP.length;
  const rows = shown.flatMap((pool, place): Line[] => {
    const row: Line = [
      piece(' '.repeat(INDENT)),
      { text: pad(names[place]!, nameWidth), style: 'strong' },
      piece(GAP),
      { text: pad(safe(barOf(pool, barWidth, look)), barColumns), style: PHASES[pool.phase] },
      piece(GAP),
      { text: padStart(counts[place]!, countWidth) },
      piece(GAP),
      { text: padStart(numberOf(pool, pool.reimaging), 'NOW'.length) },
      piece(GAP),
      { text: padStart(numberOf(pool, pool.waiting), 'WAITING'.length) },
      piece(GAP),
      { text: cut(safe(phaseOf(pool)), Math.max(8, room)), style: isBlocked(pool) ? 'bad' : PHASES[pool.phase] },
    ];
    const notes = notesOn(pool, look.now);
    const below = notes.flatMap(({ text, style }) =>
      paragraph('', text, look, { indent: start, labelWidth: 0, ...(style ? { style } : {}) }),
    );
    return [row, ...below];
  });
  return [
    [piece(`${' '.repeat(INDENT)}${header.join(GAP)}`, 'faint')],
    ...rows,
    ...(folded === '' ? [] : paragraph('', folded, look, { labelWidth: 0, style: 'faint' })),
  ];
}

export function isBlocked({ blockedBy }: Pool): boolean {
  return blockedBy !== undefined;
}

/** `Reimaging, blocked`. */
export function phaseOf(pool: Pool): string {
  return isBlocked(pool) ? `${pool.phase}, blocked` : pool.phase;
}

/** `4/9`, or the bare number of a pool that takes no part. */
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

function barOf({ phase, nodes, reimaged = 0, reimaging = 0 }: Pool, width: number, { glyphs }: Look): string {
  return phase === 'Excluded' ? '-' : bar({ done: reimaged, now: reimaging, total: nodes }, width, glyphs);
}

/** Nothing where ARM alone speaks, and of pools that take no part. */
function numberOf({ phase }: Pool, count: number | undefined) {
  return safe(phase === 'Excluded' || count === undefined ? '-' : `${count}`);
}

/** In the order of ARM; where there are too many, those first that hold the change up. */
function chosen(pools: readonly Pool[], limit: number | undefined): { shown: readonly Pool[]; folded: string } {
  if (limit === undefined || pools.length <= limit) return { shown: pools, folded: '' };
  const rank = (pool: Pool) => (isBlocked(pool) ? 0 : INTEREST[pool.phase]);
  const sorted = pools.toSorted((a, b) => rank(a) - rank(b));
  const rest = sorted.slice(Math.max(1, limit - 1));
  const phases = Map.groupBy(rest, ({ phase }) => phase);
  const counts = [...phases].map(([phase, some]) => `${some.length} ${phase}`);
  return {
    shown: sorted.slice(0, Math.max(1, limit - 1)),
    folded: `and ${plural(rest.length, 'pool')} more: ${counts.join(', ')}`,
  };
}
