import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { localClock } from '../../src/waiting/local-clock.ts';

const wall = (time: string) => Date.parse(`${time}Z`);
const first = (zone: string, time: string) => new Date(localClock(zone)!.firstAt(wall(time))).toISOString();

describe('the clock of a time zone', () => {
  it.each([
    ['is the only one', 'Europe/Berlin', '2026-06-01T02:00', '2026-06-01T00:00:00.000Z'],
    [
      'is the first of two, where the clock is set back',
      'Europe/Berlin',
      '2026-10-25T02:30',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'is the change, where the clock is set forward over it',
      'Europe/Berlin',
      '2026-03-29T02:30',
      '2026-03-29T01:00:00.000Z',
    ],
    ['is the change at its very start', 'Europe/Berlin', '2026-03-29T02:00', '2026-03-29T01:00:00.000Z'],
    ['comes after the change', 'Europe/Berlin', '2026-03-29T03:00', '2026-03-29T01:00:00.000Z'],
    ['is the first of two in America', 'America/New_York', '2026-11-01T01:59', '2026-11-01T05:59:00.000Z'],
    ['is the change in America', 'America/New_York', '2026-03-08T02:01', '2026-03-08T07:00:00.000Z'],
    ['is the change in the south', 'America/Santiago', '2026-09-06T00:30', '2026-09-06T04:00:00.000Z'],
    ['is the change by half an hour', 'Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:30:00.000Z'],
    ['is the first of two by half an hour', 'Australia/Lord_Howe', '2026-04-05T01:45', '2026-04-04T14:45:00.000Z'],
    ['is the end of a day that was left out', 'Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00:00.000Z'],
    ['needs no change', 'Asia/Kathmandu', '2026-10-25T02:30', '2026-10-24T20:45:00.000Z'],
    ['is in UTC', 'Etc/UTC', '2026-10-25T02:30', '2026-10-25T02:30:00.000Z'],
  ])('shows a time, which %s (%s %s)', (_, zone, time, instant) => {
    expect(first(zone, time)).toBe(instant);
  });

  it.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Pacific/Chatham'])(
    'shows a wall time or a later one at its instant for the first time (%s)',
    (zone) => {
      const clock = localClock(zone)!;
      const minutes = fc.integer({ min: wall('2025-01-01T00:00') / 60_000, max: wall('2028-01-01T00:00') / 60_000 });
      fc.assert(
        fc.property(minutes, (minute) => {
          const instant = clock.firstAt(minute * 60_000);
          expect(clock.shows(instant)).toBeGreaterThanOrEqual(minute * 60_000);
          for (const before of [1, 60_000, 30 * 60_000, 90 * 60_000, 3 * 3_600_000])
            expect(clock.shows(instant - before)).toBeLessThan(minute * 60_000);
        }),
        { numRuns: 300 },
      );
    },
  );

  it('is not known for a name that is no zone', () => {
    expect(['Mars/Olympus', '', 'Europe/Berlin\n', '../etc/passwd', '__proto__'].map(localClock)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });

  it('does not depend on capitals', () => {
    expect(localClock('europe/BERLIN')!.shows(wall('2026-06-01T00:00'))).toBe(wall('2026-06-01T02:00'));
  });
});
