import { describe, expect, it } from '@jest/globals';
import { DAY, readLongDuration } from '../../src/api/long-duration.ts';

describe('a duration of days or hours', () => {
  it.each<[string, number | undefined]>([
    ['30d', 30 * DAY],
    ['72h', 3 * DAY],
    ['1h', DAY / 24],
    ['99999d', 99_999 * DAY],
    ['0d', undefined],
    ['030d', undefined],
    ['100000d', undefined],
    ['1.5d', undefined],
    ['30', undefined],
    ['30m', undefined],
    ['-1d', undefined],
    [' 30d', undefined],
    ['30d\n', undefined],
    ['', undefined],
  ])('%j is %s ms', (text, ms) => {
    expect(readLongDuration(text)).toBe(ms);
  });

  it('has shorter days where that is asked for', () => {
    expect(readLongDuration('2d', 2400)).toBe(4800);
    expect(readLongDuration('3h', 2400)).toBe(300);
  });
});
