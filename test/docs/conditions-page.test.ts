import { expect, it } from '@jest/globals';
import { CONDITION_TYPES, ROTATION_CONDITION_TYPES } from '../../src/api/conditions.ts';
import { textOf } from './commands.ts';

it('docs/reference/conditions.md has each condition of an object, in their order', () => {
  const [, ofTrusts = '', ofRotations = ''] = textOf('docs/reference/conditions.md').split(/^## /m);
  const rows = (section: string) => [...section.matchAll(/^\| `(\w+)`/gm)].map(([, type]) => type);
  expect(rows(ofTrusts)).toEqual([...CONDITION_TYPES]);
  expect(rows(ofRotations)).toEqual([...ROTATION_CONDITION_TYPES]);
});
