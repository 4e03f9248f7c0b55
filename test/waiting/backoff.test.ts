import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createBackoff } from '../../src/waiting/backoff.ts';

describe('a backoff', () => {
  it('doubles from the shortest pause to the longest, and starts anew after a success', () => {
    const backoff = createBackoff({ fromMs: 1600, toMs: 30_000 }, () => 0);
    expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([
      800, 1600, 3200, 6400, 12_800, 15_000, 15_000, 15_000,
    ]);
    backoff.reset();
    expect(backoff.next()).toBe(800);
  });

  it('stays between the shortest and the longest pause whatever chance says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 100 }),
        (dice) => {
          let throws = 0;
          const backoff = createBackoff({ fromMs: 1600, toMs: 30_000 }, () => dice[throws++] ?? 0);
          for (const _die of dice) {
            const ms = backoff.next();
            expect(ms).toBeGreaterThanOrEqual(800);
            expect(ms).toBeLessThanOrEqual(30_000);
          }
        },
      ),
    );
  });

  it('waits as long as the server asked, up to five minutes', () => {
    const backoff = createBackoff({ fromMs: 1600, toMs: 30_000 }, () => 0);
    expect(backoff.next(60_000)).toBe(60_000);
    expect(backoff.next(3_600_000)).toBe(300_000);
  });
});
