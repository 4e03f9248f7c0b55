import { describe, expect, it } from '@jest/globals';
import { implausible } from '../../../src/cluster/node-access/times.ts';
import { timeOf } from '../../../src/kubernetes/untrusted/untyped.ts';
import { HOUR, MINUTE, node, START } from '../../harness/build.ts';

const YEAR = 365 * 24 * HOUR;

describe('the times of nodes', () => {
  it.each<[string, number]>([
    ['of this moment', START],
    ['a minute ahead, by the clock of another instance', START + MINUTE],
    ['of years ago', START - 8 * YEAR],
  ])('are evidence: %s', (_which, createdAt) => {
    expect(implausible([node('a', createdAt)], START, START)).toBeUndefined();
    expect(implausible([node('a', createdAt)], undefined, START)).toBeUndefined();
  });

  it.each<[string, number, string]>([
    ['in the year 9999', Date.parse('9999-12-31T23:59:59Z'), '9999-12-31T23:59:59.000Z, which is in the future'],
    ['ten minutes ahead', START + 10 * MINUTE, '2026-03-02T08:10:00.000Z, which is in the future'],
    ['before Kubernetes', 0, '1970-01-01T00:00:00.000Z, which is before Kubernetes existed'],
    ['no time', NaN, 'no time'],
    ['beyond all dates', 9e15, 'no time'],
  ])('are none: %s', (_which, createdAt, shown) => {
    expect(implausible([node('fine', START), node('odd', createdAt)], START, START)).toMatch(
      `node odd has the creationTimestamp ${shown}`,
    );
    expect(implausible([node('odd', createdAt)], undefined, START)).toContain('node odd');
  });

  it('are none where the clock of the server is a year off', () => {
    const later = START + 5 * YEAR;
    expect(implausible([node('a', later)], later, START)).toBe(
      'the clock of the API server is 1825 days ahead of the clock of the controller. Correct the clock that is wrong',
    );
    expect(implausible([node('a', START)], START, later)).toContain('1825 days behind');
    expect(implausible([node('a', START)], START, START + HOUR)).toBeUndefined();
  });

  it('have the same message an hour later', () => {
    const [first, second] = [START, START + HOUR].map((now) => [
      implausible([node('odd', START + 5 * YEAR)], now, now),
      implausible([node('a', now)], now + 5 * YEAR, now),
    ]);
    expect(second).toEqual(first);
  });
});

describe('a time in an answer', () => {
  it.each<[unknown, number | undefined]>([
    ['2026-03-02T08:00:00Z', START],
    ['2026-03-02T08:00:00.000000Z', START],
    ['2026-03-02T09:00:00+01:00', START],
    ['2026-03-02', undefined],
    ['1772438400000', undefined],
    ['garbage', undefined],
    ['', undefined],
    ['2026-02-31T25:00:00Z', undefined],
    ['+275760-09-13T00:00:00Z', undefined],
    [START, undefined],
    [null, undefined],
    [undefined, undefined],
    [['2026-03-02T08:00:00Z'], undefined],
    [{ toString: () => '2026-03-02T08:00:00Z' }, undefined],
  ])('%j is %s', (text, ms) => {
    expect(timeOf(text)).toBe(ms);
  });
});
