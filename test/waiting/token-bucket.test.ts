import { describe, expect, it } from '@jest/globals';
import { refill, untilTokens } from '../../src/waiting/token-bucket.ts';

const TEN_A_SECOND = { burst: 20, perSecond: 10 };

describe('a token bucket', () => {
  it.each([
    ['gets its tokens back at their rate', 5, 1000, 15],
    ['holds no more than a burst', 15, 60_000, 20],
    ['repays what callers took in advance first', -5, 300, -2],
    ['neither gains nor loses by a clock that was set back', 5, -60_000, 5],
  ])('%s', (_what, tokens, passed, expected) => {
    const level = { tokens, at: 100_000 };
    refill(level, TEN_A_SECOND, 100_000 + passed);
    expect(level.tokens).toBeCloseTo(expected, 9);
    refill(level, TEN_A_SECOND, 100_000 + passed);
    expect(level.tokens).toBeCloseTo(expected, 9);
  });

  it.each([
    ['nothing when they are there', 3, 3, 0],
    ['the time of those that are missing', 0.5, 1, 50],
    ['the time of those in advance of a caller too', -2, 1, 300],
  ])('needs for tokens %s', (_what, tokens, wanted, ms) => {
    expect(untilTokens({ tokens, at: 0 }, TEN_A_SECOND, wanted)).toBe(ms);
  });
});
