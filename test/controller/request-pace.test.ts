import { describe, expect, it } from '@jest/globals';
import { createRequestPace } from '../../src/controller/request-pace.ts';

const APART = 30_000;

describe('requests for a fresh read', () => {
  it('count at once when an object has not asked lately', () => {
    const pace = createRequestPace(APART);
    expect(pace.delay('a', 1000)).toBe(0);
    expect(pace.delay('b', 1000)).toBe(0);
    expect(pace.delay('a', 1000 + APART)).toBe(0);
  });

  it('count once in thirty seconds, and none is lost', () => {
    const pace = createRequestPace(APART);
    expect(pace.delay('a', 0)).toBe(0);
    expect(pace.delay('a', 1000)).toBe(29_000);
    expect(pace.delay('a', 2000)).toBe(28_000);
    expect(pace.delay('a', 29_999)).toBe(1);
    expect(pace.delay('a', 30_001)).toBe(29_999);
  });

  it('count at once again after a while without any, and are thirty seconds apart from then on', () => {
    const pace = createRequestPace(APART);
    pace.delay('a', 0);
    expect(pace.delay('a', 3_600_000)).toBe(0);
    expect(pace.delay('a', 3_600_001)).toBe(29_999);
  });

  it('make no more than one read in thirty seconds, however often an object asks', () => {
    const pace = createRequestPace(APART);
    const reads = new Set<number>();
    for (let now = 0; now < 600_000; now += 100) reads.add(now + pace.delay('a', now));
    expect(reads.size).toBeLessThanOrEqual(600_000 / APART + 1);
  });

  it('are forgotten with the object', () => {
    const pace = createRequestPace(APART);
    pace.delay('a', 0);
    pace.forget('a');
    expect(pace.delay('a', 1)).toBe(0);
  });
});
