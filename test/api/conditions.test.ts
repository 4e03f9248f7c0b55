import { expect, it } from '@jest/globals';
import { nextConditions } from '../../src/api/conditions.ts';

it.each([
  ['is cut in the middle of a character', `${'x'.repeat(32_767)}\u{1f600}`],
  ['has half of a character', 'Cut here: \ud83d'],
])('a message that %s is written as the API server stores it', (_what, message) => {
  const [condition] = nextConditions(undefined, { Ready: { status: 'False', reason: 'X', message } }, 0);
  expect(condition?.message.isWellFormed()).toBe(true);
  const [again] = nextConditions([condition!], { Ready: { status: 'False', reason: 'X', message } }, 1);
  expect(again).toEqual(condition);
});
