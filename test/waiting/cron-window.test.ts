import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cronWindowAt } from '../../src/waiting/cron-window.ts';
import { localClock } from '../../src/waiting/local-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** `until` or `from` and a time, or the kind alone. */
function stateOf(schedule: string, timeZone: string, durationHours: number, now: string): string {
  const state = cronWindowAt({ schedule, timeZone, durationHours }, Date.parse(now));
  const minute = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  if (state.kind === 'Open') return `until ${minute(state.until)}`;
  return state.kind === 'Closed' ? `from ${minute(state.opensAt)}` : state.kind;
}

// 2026-12-05 is a Saturday.
it('is the same whatever was asked before, and in whichever order of time', () => {
  const times = fc.array(fc.integer({ min: 0, max: 14 * 24 * 60 }), { minLength: 2, maxLength: 12 });
  const schedules = fc.constantFrom('0 2 * * 6', '0 0,2 * * *', '30 2 * * *', '*/20 * * * *', '0 0 30 2 *');
  const start = Date.parse('2026-10-20T00:00Z');
  let spaces = 1;
  fc.assert(
    fc.property(schedules, fc.integer({ min: 1, max: 5 }), times, (schedule, durationHours, minutes) => {
      for (const minute of minutes) {
        const at = start + minute * MINUTE;
        const window = { schedule, timeZone: 'Europe/Berlin', durationHours };
        // Another number of blanks is the same schedule, which was not asked for before.
        const fresh = { ...window, schedule: schedule.replace(' ', ' '.repeat(++spaces)) };
        expect(cronWindowAt(window, at)).toEqual(cronWindowAt(fresh, at));
      }
    }),
    { numRuns: 60 },
  );
});

it('is not decided by another window whose parts make the same text', () => {
  const now = Date.parse('2026-12-01T00:00Z');
  expect(cronWindowAt({ schedule: '0 2 * * 6/Etc', timeZone: 'UTC', durationHours: 4 }, now)).toMatchObject({
    kind: 'BadSchedule',
  });
  expect(stateOf('0 2 * * 6', 'Etc/UTC', 4, '2026-12-01T00:00Z')).toBe('from 2026-12-05T02:00');
});

describe('a window with a schedule', () => {
  it.each([
    ['opens on Saturday', '0 2 * * 6', 'Etc/UTC', 4, '2026-12-01T00:00Z', 'from 2026-12-05T02:00'],
    ['is open from its first instant on', '0 2 * * 6', 'Etc/UTC', 4, '2026-12-05T02:00Z', 'until 2026-12-05T06:00'],
    ['is open to its last minute', '0 2 * * 6', 'Etc/UTC', 4, '2026-12-05T05:59:59Z', 'until 2026-12-05T06:00'],
    ['is closed at its end', '0 2 * * 6', 'Etc/UTC', 4, '2026-12-05T06:00Z', 'from 2026-12-12T02:00'],
    ['takes names of days', '0 2 * * SAT', 'Etc/UTC', 4, '2026-12-01T00:00Z', 'from 2026-12-05T02:00'],
    ['opens by local time', '0 2 * * 6', 'Europe/Berlin', 4, '2026-12-01T00:00Z', 'from 2026-12-05T01:00'],
    ['opens on another day by UTC', '0 2 * * 6', 'Pacific/Auckland', 4, '2026-12-01T00:00Z', 'from 2026-12-04T13:00'],
    ['opens on the first Saturday', '0 2 * * 6#1', 'Etc/UTC', 4, '2026-12-06T00:00Z', 'from 2027-01-02T02:00'],
    ['opens on the last Saturday', '0 2 * * 6#L', 'Etc/UTC', 4, '2026-12-06T00:00Z', 'from 2026-12-26T02:00'],
    ['opens on the last day of a month', '0 2 L * *', 'Etc/UTC', 4, '2027-02-01T00:00Z', 'from 2027-02-28T02:00'],
    ['opens on a date or a day of the week', '0 2 1 * 6', 'Etc/UTC', 4, '2026-12-26T12:00Z', 'from 2027-01-01T02:00'],
    ['waits for a leap year', '0 2 29 2 *', 'Etc/UTC', 4, '2026-12-01T00:00Z', 'from 2028-02-29T02:00'],
    ['spans midnight', '0 22 * * 5', 'Etc/UTC', 60, '2026-12-06T23:00Z', 'until 2026-12-07T10:00'],
    ['counts windows that touch as one', '0 0,4 * * 6', 'Etc/UTC', 4, '2026-12-05T01:00Z', 'until 2026-12-05T08:00'],
    ['counts windows that overlap as one', '0 0,2 * * 6', 'Etc/UTC', 4, '2026-12-05T01:00Z', 'until 2026-12-05T06:00'],
    ['counts no further than the gap', '0 0,5 * * 6', 'Etc/UTC', 4, '2026-12-05T01:00Z', 'until 2026-12-05T04:00'],
  ])('%s (%s, %s)', (_, schedule, zone, duration, now, expected) => {
    expect(stateOf(schedule, zone, duration, now)).toBe(expected);
  });

  it.each([
    // In Berlin the clock goes from 02:00 to 03:00 at 01:00 UTC, and from 03:00 to 02:00 at 01:00 UTC.
    ['opens at the change, where the clock leaves its time out', '2026-03-28T12:00Z', 'from 2026-03-29T01:00'],
    ['stays open for an hour of elapsed time then', '2026-03-29T01:30Z', 'until 2026-03-29T02:00'],
    ['opens at the first of two', '2026-10-24T12:00Z', 'from 2026-10-25T00:30'],
    ['is closed at the second of two', '2026-10-25T01:30Z', 'from 2026-10-26T01:30'],
  ])('%s (30 2 * * * in Berlin)', (_, now, expected) => {
    expect(stateOf('30 2 * * *', 'Europe/Berlin', 1, now)).toBe(expected);
  });

  it('is open exactly for its duration after each instant at which the clock reaches a time of the schedule', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata');
    const clockTime = fc.record({ hour: fc.nat(23), minute: fc.nat(59) });
    const around = fc.constantFrom('2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01');
    fc.assert(
      fc.property(
        zones,
        clockTime,
        fc.integer({ min: 1, max: 30 }),
        around,
        fc.integer({ min: -2880, max: 2880 }),
        (zone, time, duration, day, offset) => {
          const now = Date.parse(day) + offset * MINUTE;
          const clock = localClock(zone)!;
          // Minute by minute: the first one at or after which the clock has reached the time on each date.
          const reached = new Map<string, number>();
          for (let at = now - (duration + 30) * HOUR; at <= now; at += MINUTE) {
            const shown = new Date(clock.shows(at));
            const isPast = shown.getUTCHours() * 60 + shown.getUTCMinutes() >= time.hour * 60 + time.minute;
            const date = shown.toISOString().slice(0, 10);
            if (isPast && !reached.has(date)) reached.set(date, at);
          }
          // The first minute of the scan may lie after the time of its date.
          const openings = [...reached.values()].filter((at) => at > now - (duration + 30) * HOUR);
          const isOpen = openings.some((at) => at <= now && now < at + duration * HOUR);
          const schedule = `${time.minute} ${time.hour} * * *`;
          const state = cronWindowAt({ schedule, timeZone: zone, durationHours: duration }, now);
          expect([state.kind, zone, schedule, duration, new Date(now).toISOString()]).toEqual([
            isOpen ? 'Open' : 'Closed',
            ...[zone, schedule, duration, new Date(now).toISOString()],
          ]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ['0 0 30 2 *', 'NeverOpens'],
    ['0 0 31 4,6,9,11 *', 'NeverOpens'],
    ['60 2 * * *', 'BadSchedule'],
    ['0 24 * * *', 'BadSchedule'],
    ['0 2 * * 8', 'BadSchedule'],
    ['0 2 * *', 'BadSchedule'],
    ['* * * * * *', 'BadSchedule'],
    ['@daily', 'BadSchedule'],
    ['2026-12-05T02:00:00Z', 'BadSchedule'],
    ['0 2 * * saturday', 'BadSchedule'],
    ['*/0 * * * *', 'BadSchedule'],
    ['0 2\n* * 6', 'BadSchedule'],
    ['', 'BadSchedule'],
  ])('cannot be %j: %s', (schedule, kind) => {
    expect(stateOf(schedule, 'Etc/UTC', 4, '2026-12-01T00:00Z')).toBe(kind);
  });

  it('needs a time zone that exists', () => {
    expect(stateOf('0 2 * * 6', 'Mars/Olympus', 4, '2026-12-01T00:00Z')).toBe('BadTimeZone');
  });
});
