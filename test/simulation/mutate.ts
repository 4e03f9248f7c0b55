import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutants.ts';

const ROOT = join(import.meta.dirname, '../..');

/** A copy of src with a bug in it. */
export interface Mutated {
  /** To be given to run.ts. */
  readonly source: string;
  readonly remove: () => void;
}

/** Plants a bug. Throws where its place has changed, so that no mutant goes on as a copy of what is right. */
export function mutate({ name, edits }: Mutant): Mutated {
  const directory = mkdtempSync(join(tmpdir(), 'mutant-'));
  const source = join(directory, 'src');
  cpSync(join(ROOT, 'src'), source, { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  for (const { file, find, replace } of edits) {
    const path = join(source, file);
    const parts = readFileSync(path, 'utf8').split(find);
    if (parts.length !== 2) throw new Error(`"${name}": ${file} has ${parts.length - 1} of: ${find}`);
    writeFileSync(path, parts.join(replace));
  }
  return { source, remove: () => rmSync(directory, { recursive: true }) };
}
