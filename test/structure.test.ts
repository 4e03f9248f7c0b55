import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');

/** Files below a folder and the files of the project that each of them imports, types included; paths from the root. */
function importsBelow(folder: string): Map<string, Set<string>> {
  const files = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    files.map((file) => {
      const specifiers = readFileSync(file, 'utf8').matchAll(/^(?:import|export|\})[^;]*? from '(\.[^']+)';/gm);
      const targets = [...specifiers].map(([, specifier = '']) => relative(ROOT, join(dirname(file), specifier)));
      return [relative(ROOT, file), new Set(targets)];
    }),
  );
}

/** Groups of nodes that can reach each other; those of one node are left out. After Tarjan (1972). */
function circlesIn(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  function visit(node: string): void {
    const index = order.size;
    order.set(node, index);
    lowest.set(node, index);
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (open.includes(next)) lowest.set(node, Math.min(lowest.get(node) ?? index, lowest.get(next) ?? index));
    }
    if (lowest.get(node) !== index) return;
    const circle = open.splice(open.indexOf(node));
    if (circle.length > 1) circles.push(circle);
  }
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return circles;
}

/** The folders of the files, and the folders that each of them imports. */
function byFolder(files: ReadonlyMap<string, ReadonlySet<string>>): Map<string, Set<string>> {
  const folders = new Map<string, Set<string>>();
  for (const [file, imports] of files) {
    const from = dirname(file);
    const known = folders.get(from) ?? new Set();
    for (const target of imports) if (dirname(target) !== from) known.add(dirname(target));
    folders.set(from, known);
  }
  return folders;
}

describe('the imports of', () => {
  it.each(['src', 'simulator'])('%s form no circle, types included', (folder) => {
    const files = importsBelow(folder);
    expect(files.size).toBeGreaterThan(20);
    expect(circlesIn(files)).toEqual([]);
  });

  it('src are held by a wall for each of its folders', () => {
    const config = readFileSync(join(ROOT, 'eslint.config.mjs'), 'utf8');
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const walls = (name: string) => [`'src/${name}/**/*.ts'`, `'src/${name}/*.ts'`];
    const bare = folders.filter(({ name }) => !walls(name).some((files) => config.includes(files)));
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  it('the folders of src/cluster go one way', () => {
    const folders = byFolder(importsBelow('src/cluster'));
    // Only the table of contents is above all folders, and nothing imports it.
    expect(folders.size).toBeGreaterThan(8);
    expect(circlesIn(folders)).toEqual([]);
  });
});

describe('docs/structure.md', () => {
  const page = readFileSync(join(ROOT, 'docs/structure.md'), 'utf8');
  const blocks = [...page.matchAll(/\n```\n([^]*?)\n```\n/g)].map(([, block = '']) => block.split('\n'));

  it('names every folder of src in its tree, and no other', () => {
    const path: string[] = [];
    const named = (blocks[0] ?? []).flatMap((line) => {
      const [, indent = '', name] = /^( *)([\w-]+)\//.exec(line) ?? [];
      if (name === undefined || indent.length > 8) return [];
      path.splice(indent.length / 2, path.length, name);
      return path[0] === 'src' && path.length > 1 ? [path.join('/')] : [];
    });
    const folders = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(named.sort()).toEqual(folders.map((entry) => relative(ROOT, join(entry.parentPath, entry.name))).sort());
  });

  it('puts each folder of src/cluster on a floor above those that it imports', () => {
    const floors = (blocks[2] ?? []).map((line) => line.trim().split(/ {2,}/));
    const floorOf = (folder: string) => floors.findIndex((names) => names.includes(relative('src/cluster', folder)));
    const imports = [...byFolder(importsBelow('src/cluster'))].filter(([from]) => from !== 'src/cluster');
    const inside = imports.flatMap(([from, targets]) => [...targets].map((to) => [from, to] as const));
    const wrong = inside.filter(([from, to]) => to.startsWith('src/cluster/') && floorOf(from) >= floorOf(to));
    expect(wrong).toEqual([]);
    expect(imports.filter(([from]) => floorOf(from) < 0)).toEqual([]);
  });

  it('sends a reader to files and folders that exist', () => {
    const paths = [...page.matchAll(/^\| .*$/gm)].flatMap(([row]) => [...row.matchAll(/`([\w-]+\/[\w./-]*)`/g)]);
    const missing = paths.filter(([, path = '']) => !['', 'src'].some((base) => existsSync(join(ROOT, base, path))));
    expect(paths.length).toBeGreaterThan(20);
    expect(missing.map(([, path]) => path)).toEqual([]);
  });
});
