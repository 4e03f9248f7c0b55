import { expect, it } from '@jest/globals';
import { omit } from '../../../src/cluster/model/omit.ts';

it('leaves out the named members and keeps all others', () => {
  expect(omit({ a: 1, b: 2, c: undefined }, ['a'])).toStrictEqual({ b: 2, c: undefined });
});
