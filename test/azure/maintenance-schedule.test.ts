import { describe, expect, it } from '@jest/globals';
import type { MaintenanceWindow, Schedule } from '@azure/arm-containerservice';
import fc from 'fast-check';
import { nextOpening, openUntil } from '../../src/azure/maintenance-schedule.ts';

const DAY = 86_400_000;
const date = (day: string) => new Date(`${day}T00:00:00Z`);
const span = (start: string, end: string) => ({ start: date(start), end: date(end) });

function windowOf(schedule: Schedule, more: Partial<MaintenanceWindow> = {}): MaintenanceWindow {
  return { schedule, durationHours: 4, startTime: '22:00', ...more };
}

function opens(window: MaintenanceWindow, now: string): string | undefined {
  const at = nextOpening(window, Date.parse(now));
  return at === undefined ? undefined : new Date(at).toISOString().replace(':00.000Z', 'Z');
}

const DAILY = windowOf({ daily: { intervalDays: 1 } });
const weekly = (intervalWeeks: number, more?: Partial<MaintenanceWindow>) =>
  windowOf({ weekly: { intervalWeeks, dayOfWeek: 'Friday' } }, more);
const onDate = (dayOfMonth: number, intervalMonths: number, more?: Partial<MaintenanceWindow>) =>
  windowOf({ absoluteMonthly: { dayOfMonth, intervalMonths } }, more);
const onWeekday = (weekIndex: 'First' | 'Second' | 'Third' | 'Fourth' | 'Last', intervalMonths = 1, more = {}) =>
  windowOf({ relativeMonthly: { weekIndex, dayOfWeek: 'Monday', intervalMonths } }, more);

// 2026-11-20 is a Friday.
describe('a daily window', () => {
  it.each([
    ['today, when its time is still to come', DAILY, '2026-11-20T21:59Z', '2026-11-20T22:00Z'],
    ['tomorrow, from the minute on in which it opens', DAILY, '2026-11-20T22:00Z', '2026-11-21T22:00Z'],
    [
      'every third day counted from startDate',
      windowOf({ daily: { intervalDays: 3 } }, { startDate: date('2026-11-18') }),
      '2026-11-19T00:00Z',
      '2026-11-21T22:00Z',
    ],
    [
      'on startDate, when that is to come',
      windowOf({ daily: { intervalDays: 3 } }, { startDate: date('2026-12-24') }),
      '2026-11-19T00:00Z',
      '2026-12-24T22:00Z',
    ],
  ])('opens %s', (_when, window, now, expected) => {
    expect(opens(window, now)).toBe(expected);
  });
});

describe('a weekly window', () => {
  it.each([
    ['on its day', weekly(1), '2026-11-16T00:00Z', '2026-11-20T22:00Z'],
    ['a week later, once it has opened', weekly(1), '2026-11-20T22:00Z', '2026-11-27T22:00Z'],
    ['every week where nobody says since when', weekly(4), '2026-11-20T22:00Z', '2026-11-27T22:00Z'],
    [
      'in every second week of those counted from startDate',
      weekly(2, { startDate: date('2026-11-16') }),
      '2026-11-20T22:00Z',
      '2026-12-04T22:00Z',
    ],
    [
      'in the week of startDate only when its day is not over',
      weekly(2, { startDate: date('2026-11-21') }),
      '2026-11-16T00:00Z',
      '2026-12-04T22:00Z',
    ],
  ])('opens %s', (_when, window, now, expected) => {
    expect(opens(window, now)).toBe(expected);
  });
});

describe('a window on a date of the month', () => {
  it.each([
    ['in this month', onDate(25, 1), '2026-11-20T00:00Z', '2026-11-25T22:00Z'],
    ['in the next one', onDate(15, 1), '2026-11-20T00:00Z', '2026-12-15T22:00Z'],
    ['in the next month that has such a date', onDate(31, 1), '2026-11-20T00:00Z', '2026-12-31T22:00Z'],
    ['in February in leap years only', onDate(29, 1), '2027-01-30T00:00Z', '2027-03-29T22:00Z'],
    [
      'every third month counted from startDate, over the turn of the year',
      onDate(1, 3, { startDate: date('2026-10-15') }),
      '2026-11-20T00:00Z',
      '2027-01-01T22:00Z',
    ],
  ])('opens %s', (_when, window, now, expected) => {
    expect(opens(window, now)).toBe(expected);
  });
});

describe('a window on a weekday of the month', () => {
  it.each([
    ['the first one', onWeekday('First'), '2026-11-20T00:00Z', '2026-12-07T22:00Z'],
    ['the second one', onWeekday('Second'), '2026-11-20T00:00Z', '2026-12-14T22:00Z'],
    ['the third one', onWeekday('Third'), '2026-11-20T00:00Z', '2026-12-21T22:00Z'],
    ['the fourth one', onWeekday('Fourth'), '2026-11-20T00:00Z', '2026-11-23T22:00Z'],
    ['the last one, where there are five', onWeekday('Last'), '2026-11-20T00:00Z', '2026-11-30T22:00Z'],
    ['the last one, where there are four', onWeekday('Last'), '2026-12-01T00:00Z', '2026-12-28T22:00Z'],
    [
      'in every second month counted from startDate',
      onWeekday('First', 2, { startDate: date('2026-11-01') }),
      '2026-11-20T00:00Z',
      '2027-01-04T22:00Z',
    ],
  ])('opens on %s', (_when, window, now, expected) => {
    expect(opens(window, now)).toBe(expected);
  });
});

describe('a window of another time zone', () => {
  it.each([
    ['ahead of UTC', '+05:30', '2026-11-20T16:29Z', '2026-11-20T16:30Z'],
    ['ahead of UTC, a day on already', '+14:00', '2026-11-20T12:00Z', '2026-11-21T08:00Z'],
    ['behind UTC', '-08:00', '2026-11-20T12:00Z', '2026-11-21T06:00Z'],
    ['of UTC itself', '+00:00', '2026-11-20T12:00Z', '2026-11-20T22:00Z'],
  ])('%s opens by its own clock', (_zone, utcOffset, now, expected) => {
    expect(opens({ ...DAILY, utcOffset }, now)).toBe(expected);
  });

  it('goes by its own weekdays', () => {
    const early = weekly(1, { utcOffset: '+05:30', startTime: '01:15' });
    expect(opens(early, '2026-11-16T00:00Z')).toBe('2026-11-19T19:45Z');
    expect(opens(weekly(1, { utcOffset: '-08:00' }), '2026-11-16T00:00Z')).toBe('2026-11-21T06:00Z');
  });
});

describe('dates on which nothing is allowed', () => {
  const spans = (...notAllowedDates: { start: Date; end: Date }[]) => ({ ...DAILY, notAllowedDates });

  it.each([
    ['both ends included', spans(span('2026-11-20', '2026-11-22')), '2026-11-23T22:00Z'],
    ['one day long', spans(span('2026-11-20', '2026-11-20')), '2026-11-21T22:00Z'],
    [
      'one after the other',
      spans(span('2026-11-20', '2026-11-21'), span('2026-11-22', '2026-11-30')),
      '2026-12-01T22:00Z',
    ],
    ['that are over', spans(span('2026-11-01', '2026-11-19')), '2026-11-20T22:00Z'],
    [
      "in the window's own days",
      { ...spans(span('2026-11-20', '2026-11-20')), utcOffset: '-08:00' },
      '2026-11-22T06:00Z',
    ],
  ])('%s are passed over', (_which, window, expected) => {
    expect(opens(window, '2026-11-20T12:00Z')).toBe(expected);
  });

  it('may leave no opening within 400 days', () => {
    expect(opens(spans(span('2026-01-01', '2029-01-01')), '2026-11-20T12:00Z')).toBeUndefined();
  });
});

describe('a window that never opens', () => {
  it.each([
    ['has no schedule that is known', windowOf({})],
    ['starts beyond the horizon', { ...DAILY, startDate: date('2028-11-20') }],
    ['opens at no time of day', { ...DAILY, startTime: '7 pm' }],
    ['is of a zone that nobody knows', { ...DAILY, utcOffset: 'UTC+1' }],
    ['is for a date no month has', onDate(32, 1)],
  ])('%s', (_why, window) => {
    expect(opens(window, '2026-11-20T12:00Z')).toBeUndefined();
  });
});

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const schedules: fc.Arbitrary<Schedule> = fc.oneof(
  fc.record({ daily: fc.record({ intervalDays: fc.integer({ min: 1, max: 7 }) }) }),
  fc.record({
    weekly: fc.record({ intervalWeeks: fc.integer({ min: 1, max: 4 }), dayOfWeek: fc.constantFrom(...WEEKDAYS) }),
  }),
  fc.record({
    absoluteMonthly: fc.record({
      intervalMonths: fc.integer({ min: 1, max: 6 }),
      dayOfMonth: fc.integer({ min: 1, max: 28 }),
    }),
  }),
  fc.record({
    relativeMonthly: fc.record({
      intervalMonths: fc.integer({ min: 1, max: 6 }),
      dayOfWeek: fc.constantFrom(...WEEKDAYS),
      weekIndex: fc.constantFrom('First', 'Second', 'Third', 'Fourth', 'Last'),
    }),
  }),
);
const START = Date.parse('2026-01-01T00:00:00Z');
const moments = fc.integer({ min: START, max: START + 4 * 365 * DAY });
const twoDigits = (value: number) => String(value).padStart(2, '0');
const windows = fc
  .record({
    schedule: schedules,
    hour: fc.integer({ min: 0, max: 23 }),
    minute: fc.integer({ min: 0, max: 59 }),
    /** Quarters of an hour, as time zones have them. */
    quarters: fc.integer({ min: -48, max: 56 }),
    startDay: fc.option(fc.integer({ min: 0, max: 150 }), { nil: undefined }),
  })
  .map(({ schedule, hour, minute, quarters, startDay }) => {
    const offsetMinutes = quarters * 15;
    const [hours, minutes] = [Math.floor(Math.abs(offsetMinutes) / 60), Math.abs(offsetMinutes) % 60];
    const utcOffset = `${offsetMinutes < 0 ? '-' : '+'}${twoDigits(hours)}:${twoDigits(minutes)}`;
    const startTime = `${twoDigits(hour)}:${twoDigits(minute)}`;
    const startDate = startDay === undefined ? {} : { startDate: new Date(START + startDay * DAY) };
    return { offsetMinutes, window: windowOf(schedule, { startTime, utcOffset, ...startDate }) };
  });

describe('a window that is open', () => {
  const until = (window: MaintenanceWindow, now: string) => {
    const at = openUntil(window, Date.parse(now));
    return at === undefined ? undefined : new Date(at).toISOString().replace(':00.000Z', 'Z');
  };
  // 2026-11-23 is a Monday.
  const mondays = windowOf(
    { weekly: { intervalWeeks: 1, dayOfWeek: 'Monday' } },
    { startTime: '06:00', durationHours: 8 },
  );

  it.each([
    ['from the minute on in which it opens', mondays, '2026-11-23T06:00Z', '2026-11-23T14:00Z'],
    ['in the middle', mondays, '2026-11-23T08:05Z', '2026-11-23T14:00Z'],
    ['in its last minute', mondays, '2026-11-23T13:59Z', '2026-11-23T14:00Z'],
    ['past midnight', DAILY, '2026-11-21T01:59Z', '2026-11-21T02:00Z'],
    [
      'past midnight, by its own clock',
      windowOf({ weekly: { intervalWeeks: 1, dayOfWeek: 'Monday' } }, { utcOffset: '-05:00' }),
      '2026-11-24T06:00Z',
      '2026-11-24T07:00Z',
    ],
    [
      'for a day and more',
      windowOf({ weekly: { intervalWeeks: 1, dayOfWeek: 'Monday' } }, { durationHours: 30 }),
      '2026-11-25T03:00Z',
      '2026-11-25T04:00Z',
    ],
  ])('%s says when it closes', (_when, window, now, end) => {
    expect(until(window, now)).toBe(end);
  });

  it.each([
    ['before it opens', mondays, '2026-11-23T05:59Z'],
    ['when it has closed', mondays, '2026-11-23T14:00Z'],
    ['on another day', mondays, '2026-11-24T08:00Z'],
    ['before startDate', { ...mondays, startDate: date('2026-11-24') }, '2026-11-23T08:00Z'],
    [
      'on a day on which nothing is allowed',
      { ...mondays, notAllowedDates: [span('2026-11-23', '2026-11-23')] },
      '2026-11-23T08:00Z',
    ],
    ['without a length', { ...mondays, durationHours: undefined as unknown as number }, '2026-11-23T08:00Z'],
    ['with a length that is none', { ...mondays, durationHours: 'long' as unknown as number }, '2026-11-23T08:00Z'],
    ['with a negative length', { ...mondays, durationHours: -8 }, '2026-11-23T08:00Z'],
  ])('is not there %s', (_when, window, now) => {
    expect(until(window, now)).toBeUndefined();
  });

  it('is bounded, however long it says it is', () => {
    expect(until({ ...mondays, durationHours: 1e9 }, '2026-11-23T08:05Z')).toBe('2026-11-30T06:00Z');
  });
});

describe('the next opening of any window', () => {
  it('is after now, on the minute of its own clock, on its day, and not before startDate', () => {
    fc.assert(
      fc.property(windows, moments, ({ window, offsetMinutes }, now) => {
        const at = nextOpening(window, now);
        expect(at).toBeGreaterThan(now);
        const local = new Date((at ?? 0) + offsetMinutes * 60_000);
        expect(local.toISOString().slice(11)).toBe(`${window.startTime}:00.000Z`);
        expect(local.getTime()).toBeGreaterThanOrEqual(window.startDate?.getTime() ?? 0);
        const { weekly: week, absoluteMonthly, relativeMonthly } = window.schedule;
        const dayOfWeek = week?.dayOfWeek ?? relativeMonthly?.dayOfWeek;
        if (dayOfWeek) expect(WEEKDAYS[local.getUTCDay()]).toBe(dayOfWeek);
        if (absoluteMonthly) expect(local.getUTCDate()).toBe(absoluteMonthly.dayOfMonth);
      }),
    );
  });

  it('is the same until it comes, and a later one from then on', () => {
    fc.assert(
      fc.property(windows, moments, ({ window }, now) => {
        const at = nextOpening(window, now) ?? 0;
        expect(nextOpening(window, at - 1)).toBe(at);
        expect(nextOpening(window, at)).toBeGreaterThan(at);
      }),
    );
  });
});
