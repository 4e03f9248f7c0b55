import { describe, expect, it } from '@jest/globals';
import { expiryDate, residual } from '../../../src/commands/certs/dates.ts';

const DAY = 24 * 3_600_000;

describe('the date of a certificate', () => {
  it.each([
    ['2028-12-30T23:36:59Z', 'Dec 30, 2028 23:36 UTC'],
    ['2049-05-03T01:05:00Z', 'May 03, 2049 01:05 UTC'],
    ['soon', 'soon'],
  ])('%s is written as %s, as kubeadm does', (time, written) => {
    expect(expiryDate(time)).toBe(written);
  });

  it.each([
    [29.6 * 365 * DAY, '29y'],
    [729.9 * DAY, '729d'],
    [800 * DAY, '800d'],
    [801 * DAY, '2y'],
    [DAY, '1d'],
    [DAY - 1, '23h'],
    [3_600_000, '1h'],
    [3_599_999, '59m'],
    [1, '0m'],
    [0, 'expired'],
    [-DAY, 'expired'],
  ])('with %d ms left has %s', (ms, written) => {
    expect(residual(ms)).toBe(written);
  });
});
