import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonProblem } from '../../../src/kubernetes/client/json-limits.ts';
import { fastest } from '../../fastest.ts';

const LIMITS = { values: 10, depth: 3 };
const problemOf = (text: string, limits = LIMITS) => jsonProblem(Buffer.from(text), limits);

describe('JSON from a server that is not ours', () => {
  it.each([
    ['as many values as it may have', JSON.stringify([1, 2, 3, 4, 5, 6, 7, 8, 9]), undefined],
    ['one more', JSON.stringify([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]), /more than 10 values/],
    ['empty arrays', '[[],[],[],[],[],[]]', /more than 10 values/],
    ['members', JSON.stringify(Object.fromEntries(Array.from({ length: 12 }, (_, n) => [n, n]))), /values/],
    ['arrays in each other as deep as they may be', '[[[]]]', undefined],
    ['arrays in each other', '[[[[', /nested more than 3 deep/],
    ['objects in each other', '{"a":{"a":{"a":{', /nested more than 3 deep/],
    ['brackets and commas in a string', JSON.stringify('[[[[{{{{,,,,,,,,,,,,,,'), undefined],
    ['them after an escaped quote', JSON.stringify('\\"[[[[,,,,,,,,,,,,,,,\\'), undefined],
    ['a string that never ends', '["[[[[,,,,,,,,,,,,,,,', undefined],
    ['no JSON', '<html>', undefined],
  ])('is judged by what it would become: %s', (_what, text, problem) => {
    if (problem === undefined) expect(problemOf(text)).toBeUndefined();
    else expect(problemOf(text)).toMatch(problem);
  });

  it('is never refused for less than its limits', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(problemOf(text, { values: text.length + 1, depth: text.length + 1 })).toBeUndefined();
      }),
    );
  });

  it('is judged in a time that grows with its size, for any content', () => {
    for (const piece of ['"a",', '\\"', '"\\\\', '\\', '"', '[]', 'x']) {
      const once = Buffer.from(`"${piece.repeat(400_000)}`);
      const twice = Buffer.concat([once, once]);
      const limits = { values: Infinity, depth: Infinity };
      expect(fastest(() => jsonProblem(twice, limits))).toBeLessThan(4 * fastest(() => jsonProblem(once, limits)) + 20);
    }
  });
});
