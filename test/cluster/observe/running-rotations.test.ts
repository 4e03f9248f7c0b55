import { expect, it } from '@jest/globals';
import { createRunningRotations } from '../../../src/cluster/observe/running-rotations.ts';

const GAP = 120_000;

it('says of a rotation that it ran a moment ago, and of no other attempt, cluster or time', () => {
  let now = 1_000_000;
  const running = createRunningRotations(GAP, () => now);
  expect(running.note('a', 'one/1', false)).toBe(false);
  expect(running.note('a', 'one/1', true)).toBe(true);
  now += GAP;
  expect(running.note('a', 'one/1', false)).toBe(true);
  expect(running.note('a', 'one/2', false)).toBe(false);
  expect(running.note('b', 'one/1', false)).toBe(false);
  now += 1;
  expect(running.note('a', 'one/1', false)).toBe(false);
  // The clock was set back.
  now -= 2 * GAP;
  expect(running.note('a', 'one/1', false)).toBe(false);
});

it('forgets the clusters that were seen first', () => {
  const running = createRunningRotations(GAP, () => 0);
  for (let index = 0; index <= 1000; index++) running.note(`c${index}`, 'one/1', true);
  expect(running.note('c0', 'one/1', false)).toBe(false);
  expect(running.note('c1', 'one/1', false)).toBe(true);
});
