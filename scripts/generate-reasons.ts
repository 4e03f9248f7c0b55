/** Writes the table of docs/reference/reasons.md from src/api/reasons.ts. */
import { REASONS } from '../src/api/reasons.ts';
import { tableOf, writeBelow } from './pages.ts';

const MARK = '<!-- Generated from src/api/reasons.ts: make generate -->';
const ENDS = { Person: 'a person', Controller: 'the controller', Time: 'time' } as const;
const STALLS = { AtOnce: 'at once', AfterPatience: 'after `--stalled-after`', Never: 'never' } as const;

const rows = Object.entries(REASONS)
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([reason, { endedBy, severity, stalls }]) => [`\`${reason}\``, ENDS[endedBy], severity, STALLS[stalls]]);
await writeBelow('reasons', MARK, tableOf(['reason', 'ends by', 'event', 'Stalled'], rows));
