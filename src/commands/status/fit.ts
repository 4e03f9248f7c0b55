import type { ClusterReport } from './cluster-report.ts';
import type { Look } from './look.ts';
import { render } from './render.ts';
import { piece, type Line } from './text.ts';
import type { Outcome } from './verdict.ts';

/** How short everything may be made for a small window, the gentlest first. */
const SHORTER: readonly { readonly lines?: number; readonly pools: number }[] = [
  { pools: 5 },
  { lines: 3, pools: 3 },
  { lines: 2, pools: 2 },
  { lines: 1, pools: 1 },
];

/**
 * The view in at most `room` lines: texts as long, and as many pools a cluster, as there is room for; when even that is too
 * much, what is worst comes first, and the end is left out.
 */
export function fitted(reports: readonly ClusterReport[], look: Look, room: number): Line[] {
  const most = Math.max(0, ...reports.map(({ nodePools }) => nodePools.length));
  let lines = render(reports, look);
  for (const { pools: least, ...shorter } of SHORTER) {
    for (let pools = most; lines.length > room;) {
      lines = render(reports, { ...look, ...shorter, pools });
      if (pools <= least) break;
      pools = Math.max(least, Math.min(pools - 1, room, pools - (lines.length - room)));
    }
  }
  if (lines.length <= room) return lines;
  const sorted = reports.toSorted((a, b) => WORST_FIRST[a.verdict.outcome] - WORST_FIRST[b.verdict.outcome]);
  const shortest = render(sorted, { ...look, ...SHORTER.at(-1) });
  const hidden = shortest.length - room + 1;
  return [...shortest.slice(0, room - 1), [piece(`… ${hidden} lines more than the window has`, 'faint')]];
}

const WORST_FIRST: Readonly<Record<Outcome, number>> = { Stuck: 0, InProgress: 1, Converged: 2 };
