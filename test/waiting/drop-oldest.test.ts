import { expect, it } from '@jest/globals';
import { dropOldest } from '../../src/waiting/drop-oldest.ts';

it('forgets what was set first, and no more than it has to', () => {
  const entries = new Map([1, 2, 3, 4].map((key) => [key, String(key)]));
  dropOldest(entries, 4);
  expect([...entries.keys()]).toEqual([1, 2, 3, 4]);
  // What is set anew is the newest.
  entries.delete(1);
  entries.set(1, 'again');
  dropOldest(entries, 2);
  expect([...entries.entries()]).toEqual([
    [4, '4'],
    [1, 'again'],
  ]);
});
