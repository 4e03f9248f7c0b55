/** What the generators of pages in docs/reference share. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';

/** A table in Markdown: the names of its columns, then its rows. A bar in a cell would end the cell. */
export function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [columns, columns.map(() => '-'), ...rows].map(line).join('\n');
}

/** Writes a page of docs/reference as a whole. */
export async function writePage(name: string, text: string): Promise<void> {
  writeFileSync(pathOf(name), await format(text, { parser: 'markdown', printWidth: 120 }));
}

/** Writes the part of a page of docs/reference that follows the line that says from what it is generated. */
export async function writeBelow(name: string, mark: string, text: string): Promise<void> {
  const page = readFileSync(pathOf(name), 'utf8');
  await writePage(name, `${page.slice(0, page.indexOf(mark) + mark.length)}\n\n${text}\n`);
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../docs/reference/${name}.md`, import.meta.url));
}
