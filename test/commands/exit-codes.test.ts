import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { EXIT, SIGNAL_EXIT_CODES } from '../../src/commands/exit-codes.ts';

it('docs/how-to/commands.md has each exit code of the commands, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/how-to/commands.md'), 'utf8');
  const codes = [...page.matchAll(/^\| (\d+) /gm)].map(([, code]) => Number(code));
  const known = [...Object.values(EXIT), ...Object.values(SIGNAL_EXIT_CODES)];
  expect(codes).toEqual(known.toSorted((a, b) => a - b));
});
