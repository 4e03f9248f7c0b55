import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { remark } from 'remark';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** One command that a page shows, as a person pastes it into a shell: several lines where it needs them. */
export interface Command {
  readonly page: string;
  readonly line: number;
  readonly text: string;
}

interface Block {
  readonly language: string | undefined;
  readonly text: string;
  readonly line: number;
}

interface Node {
  readonly type: string;
  readonly lang?: string | null;
  readonly value?: string;
  readonly position?: { readonly start: { readonly line: number } };
  readonly children?: readonly Node[];
}

export const textOf = (page: string) => readFileSync(`${ROOT}${page}`, 'utf8');

/** The pages for users: README.md, and everything below docs/. */
export function pages(): string[] {
  return ['README.md', ...globSync('docs/**/*.md', { cwd: ROOT, exclude: ['docs/node_modules/**'] }).toSorted()];
}

/** The code blocks of a page, those in lists included. */
export function blocksOf(page: string): Block[] {
  const walk = (node: Node): Block[] =>
    node.type === 'code'
      ? [{ language: node.lang ?? undefined, text: node.value ?? '', line: node.position?.start.line ?? 0 }]
      : (node.children ?? []).flatMap(walk);
  return walk(remark().parse(textOf(page)) as Node);
}

/** The blocks of commands of a page. */
export function shellBlocksOf(page: string): Block[] {
  return blocksOf(page).filter(({ language }) => language === 'sh');
}

/** The commands of the `sh` blocks of a page, in order. */
export function commandsOf(page: string): Command[] {
  return shellBlocksOf(page).flatMap(({ text, line }) =>
    split(text).map((part) => ({ page, line: line + 1 + part.offset, text: part.text })),
  );
}

/** A command is the fewest lines that bash parses as a whole. */
function split(block: string): { readonly text: string; readonly offset: number }[] {
  const parts: { text: string; offset: number }[] = [];
  let open: string[] = [];
  for (const [index, line] of block.split('\n').entries()) {
    if (open.length === 0 && /^\s*(?:#.*)?$/.test(line)) continue;
    open.push(line);
    if (!isWhole(open.join('\n'))) continue;
    parts.push({ text: open.join('\n'), offset: index - open.length + 1 });
    open = [];
  }
  if (open.length > 0) throw new Error(`bash does not parse this block:\n${block}`);
  return parts;
}

function isWhole(text: string): boolean {
  // `<name>` is a placeholder here, and a redirection for bash.
  const typed = text.replaceAll(/<[a-z][a-z0-9 -]*>/g, 'placeholder');
  if (/\\$/.test(typed)) return false;
  const { status, stderr } = spawnSync('bash', ['-n'], { input: typed, encoding: 'utf8' });
  return status === 0 && stderr === '';
}
