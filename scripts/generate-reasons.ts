/** Writes the table of docs/reference/reasons.md from src/api/reasons.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { REASONS } from '../src/api/reasons.ts';

const PAGE = fileURLToPath(new URL('../docs/reference/reasons.md', import.meta.url));
const MARK = '<!-- Generated from src/api/reasons.ts: make generate -->';
const ENDS = { Person: 'a person', Controller: 'the controller', Time: 'time' } as const;
const STALLS = { AtOnce: 'at once', AfterPatience: 'after `--stalled-after`', Never: 'never' } as const;

const rows = Object.entries(REASONS)
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([reason, { endedBy, severity, stalls }]) => [`\`${reason}\``, ENDS[endedBy], severity, STALLS[stalls]]);
const table = [['reason', 'ends by', 'event', 'Stalled'], ['-', '-', '-', '-'], ...rows]
  .map((cells) => `| ${cells.join(' | ')} |`)
  .join('\n');
const text = readFileSync(PAGE, 'utf8');
const head = text.slice(0, text.indexOf(MARK) + MARK.length);
writeFileSync(PAGE, await format(`${head}\n\n${table}\n`, { parser: 'markdown', printWidth: 120 }));
