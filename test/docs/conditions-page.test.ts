import { expect, it } from '@jest/globals';
import { CONDITION_TYPES } from '../../src/api/conditions.ts';
import { textOf } from './commands.ts';

it('docs/reference/conditions.md has each condition of an object, in their order', () => {
  const [, ofObjects = ''] = textOf('docs/reference/conditions.md').split(/^## /m);
  const rows = [...ofObjects.matchAll(/^\| `(\w+)`/gm)].map(([, type]) => type);
  expect(rows).toEqual([...CONDITION_TYPES]);
});
