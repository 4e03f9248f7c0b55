/** Writes the table of docs/reference/assumptions.md from scripts/live-check/assumptions.ts. */
import { ASSUMPTIONS } from './live-check/assumptions.ts';
import { tableOf, writeBelow } from './pages.ts';

const MARK = '<!-- Generated from scripts/live-check/assumptions.ts: make generate -->';

const rows = Object.entries(ASSUMPTIONS).map(([id, { question, assumed, source }]) => [
  `\`${id}\``,
  question,
  assumed,
  source,
]);
await writeBelow('assumptions', MARK, tableOf(['id', 'question', 'assumed', 'source'], rows));
