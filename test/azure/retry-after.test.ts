import { describe, expect, it } from '@jest/globals';
import { LONGEST_RETRY_AFTER_MS, readRetryAfter } from '../../src/azure/retry-after.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('a Retry-After', () => {
  it.each<[string | undefined, number | undefined]>([
    ['17', 17_000],
    [' 0.5 ', 500],
    ['0', 0],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    [undefined, undefined],
    ['', undefined],
    ['-5', undefined],
    ['NaN', undefined],
    ['0x10', undefined],
    ['1e300', undefined],
    ['soon', undefined],
    ['5 apples', undefined],
    ['apples 5', undefined],
    ['Sat, 99 Foo 2026 12:00:30 GMT', undefined],
  ])('%j is %j ms', (header, ms) => {
    expect(readRetryAfter(header, NOW)).toBe(ms);
  });

  it.each(['3601', '31536000', '9999999999999', '9007199254740993', '9'.repeat(20), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'is never more than an hour: %s',
    (header) => {
      expect(readRetryAfter(header, NOW)).toBe(LONGEST_RETRY_AFTER_MS);
    },
  );
});
