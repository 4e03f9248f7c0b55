import type { ClusterReport } from './cluster-report.ts';
import { BLANK, plural, type Look } from './layout.ts';
import { render } from './render.ts';
import { clip, piece, type Line } from './text.ts';
import type { Outcome } from './verdict.ts';

/** How short everything may be made for a small window, the gentlest first. */
const SHORTER: readonly { readonly lines?: number; readonly pools: number }[] = [
  { pools: 5 },
  { lines: 3, pools: 3 },
  { lines: 2, pools: 2 },
  { lines: 1, pools: 1 },
];

/** Lines that every cluster takes: its name, its id, its nodes, and a blank one before the next. */
const LEAST = 4;

/**
 * The view in at most `room` lines: texts as long, and as many pools a cluster, as there is room for; when even that is too
 * much, what is worst comes first, and the end is left out.
 */
export function fitted(reports: readonly ClusterReport[], look: Look, room: number): Line[] {
  if (reports.length * LEAST - 1 > room) return beginning(reports, look, room);
  const most = Math.max(0, ...reports.map(({ nodePools }) => nodePools.length));
  let lines = render(reports, look);
  for (const { pools: least, ...shorter } of SHORTER) {
    for (let pools = most; lines.length > room;) {
      lines = render(reports, { ...look, ...shorter, pools });
      if (pools <= least) break;
      pools = Math.max(least, Math.min(pools - 1, room, pools - (lines.length - room)));
    }
  }
  return lines.length <= room ? lines : beginning(reports, look, room);
}

const WORST_FIRST: Readonly<Record<Outcome, number>> = { Stuck: 0, InProgress: 1, Converged: 2 };

function beginning(reports: readonly ClusterReport[], look: Look, room: number): Line[] {
  const sorted = reports.toSorted((a, b) => WORST_FIRST[a.verdict.outcome] - WORST_FIRST[b.verdict.outcome]);
  const lines: Line[] = [];
  let begun = 0;
  // What nobody sees is not drawn either: there may be hundreds.
  for (; lines.length < room && begun < sorted.length; begun++)
    lines.push(
      ...(begun === 0 ? [] : [BLANK]),
      ...render(sorted.slice(begun, begun + 1), { ...look, ...SHORTER.at(-1) }),
    );
  const counts = [...Map.groupBy(sorted.slice(begun), ({ verdict }) => verdict.outcome)]
    .map(([outcome, some]) => `${some.length} ${outcome}`)
    .join(', ');
  const more =
    counts === ''
      ? `… ${lines.length - room + 1} lines more than the window has`
      : `… and ${plural(sorted.length - begun, 'cluster')} more: ${counts}`;
  return [...lines.slice(0, room - 1), clip([piece(more, 'faint')], look.columns)];
}
