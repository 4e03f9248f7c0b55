import { plural } from '../../api/wording.ts';
import type { ClusterReport } from './cluster-report.ts';
import { BLANK, type ViewOptions } from './layout.ts';
import { render } from './render.ts';
import { clip, piece, type Line } from './text.ts';
import type { Outcome } from './verdict.ts';

/** Steps that shorten the view for a small window, the mildest first. */
const SHORTER: readonly { readonly lines?: number; readonly pools: number }[] = [
  { pools: 5 },
  { lines: 3, pools: 3 },
  { lines: 2, pools: 2 },
  { lines: 1, pools: 1 },
];

/** Fewest lines of a cluster: its name, its id, its nodes, and a blank line before the next. */
const LEAST = 4;

/**
 * The view in at most `room` lines. Texts and tables of pools are shortened step by step; where that is not enough, the clusters
 * in the worst state come first, and the end is left out.
 */
export function fitted(reports: readonly ClusterReport[], view: ViewOptions, room: number): Line[] {
  if (reports.length * LEAST - 1 > room) return beginning(reports, view, room);
  const most = Math.max(0, ...reports.map(({ nodePools }) => nodePools.length));
  let lines = render(reports, view);
  for (const { pools: least, ...shorter } of SHORTER) {
    for (let pools = most; lines.length > room;) {
      lines = render(reports, { ...view, ...shorter, pools });
      if (pools <= least) break;
      pools = Math.max(least, Math.min(pools - 1, room, pools - (lines.length - room)));
    }
  }
  return lines.length <= room ? lines : beginning(reports, view, room);
}

const WORST_FIRST: Readonly<Record<Outcome, number>> = { Stuck: 0, InProgress: 1, Converged: 2 };

function beginning(reports: readonly ClusterReport[], view: ViewOptions, room: number): Line[] {
  const sorted = reports.toSorted((a, b) => WORST_FIRST[a.verdict.outcome] - WORST_FIRST[b.verdict.outcome]);
  const lines: Line[] = [];
  let begun = 0;
  // Only the clusters that fit are rendered: there may be hundreds.
  for (; lines.length < room && begun < sorted.length; begun++)
    lines.push(
      ...(begun === 0 ? [] : [BLANK]),
      ...render(sorted.slice(begun, begun + 1), { ...view, ...SHORTER.at(-1) }),
    );
  const counts = [...Map.groupBy(sorted.slice(begun), ({ verdict }) => verdict.outcome)]
    .map(([outcome, some]) => `${some.length} ${outcome}`)
    .join(', ');
  const more =
    counts === ''
      ? `… ${lines.length - room + 1} lines more than the window has`
      : `… and ${plural(sorted.length - begun, 'cluster')} more: ${counts}`;
  return [...lines.slice(0, room - 1), clip([piece(more, 'faint')], view.columns)];
}
