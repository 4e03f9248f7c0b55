/** Writes the table of docs/reference/assumptions.md from scripts/live-check/assumptions.ts. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { ASSUMPTIONS } from './live-check/assumptions.ts';

const PAGE = fileURLToPath(new URL('../docs/reference/assumptions.md', import.meta.url));
const MARK = '<!-- Generated from scripts/live-check/assumptions.ts: make generate -->';

const rows = Object.entries(ASSUMPTIONS).map(
  ([id, { question, assumed, source }]) => `| \`${id}\` | ${question} | ${assumed} | ${source} |`,
);
const text = readFileSync(PAGE, 'utf8');
const head = text.slice(0, text.indexOf(MARK) + MARK.length);
const table = ['| id | question | assumed | source |', '| - | - | - | - |', ...rows].join('\n');
writeFileSync(PAGE, await format(`${head}\n\n${table}\n`, { parser: 'markdown', printWidth: 120 }));
