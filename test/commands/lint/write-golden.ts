/** Writes golden/: `node test/commands/lint/write-golden.ts`. Read what it changes before it is committed. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { BAD_INPUTS } from './bad-inputs.ts';
import { goldenOf } from './golden.ts';

const folder = new URL('golden/', import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const [name, content] of Object.entries(BAD_INPUTS))
  writeFileSync(new URL(`${name}.txt`, folder), goldenOf(name, Buffer.from(content)));
