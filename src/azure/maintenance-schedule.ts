import type { MaintenanceWindow, Schedule } from '@azure/arm-containerservice';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Longer than any interval that AKS takes (6 months), twice. */
const HORIZON_DAYS = 400;
/** A window lasts 4 to 24 hours; a longer one would be cut. */
const LONGEST_DAYS = 7;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const WEEKS = ['First', 'Second', 'Third', 'Fourth'];

/**
 * When a planned maintenance window next opens after `now` (ms), by learn.microsoft.com/azure/aks/planned-maintenance; undefined
 * when it does not within 400 days, or when its time or zone cannot be read. Where several weeks or months lie between two
 * windows, they are counted from startDate; without one, every week or month counts, because AKS does not say from when it counts.
 */
export function nextOpening(window: MaintenanceWindow, now: number): number | undefined {
  for (const opening of openings(window, now, 0)) if (opening > now) return opening;
  return undefined;
}

/** When the window that is open at `now` closes, in ms; undefined where none is open, or its length cannot be read. */
export function openUntil(window: MaintenanceWindow, now: number): number | undefined {
  const hours = Number(window.durationHours);
  if (!(hours > 0)) return undefined;
  const length = Math.min(hours * 60 * MINUTE, LONGEST_DAYS * DAY);
  for (const opening of openings(window, now, LONGEST_DAYS)) {
    if (opening > now) return undefined;
    if (now < opening + length) return opening + length;
  }
  return undefined;
}

/** The openings from `daysBefore` days before `now` on, in order. */
function* openings(window: MaintenanceWindow, now: number, daysBefore: number): Generator<number, undefined> {
  const offset = readOffset(window.utcOffset ?? '+00:00');
  const time = readTime(window.startTime);
  if (offset === undefined || time === undefined) return;
  // startDate and notAllowedDates are dates without a time, which the SDK gives as midnight UTC.
  const start = window.startDate?.getTime();
  const today = Math.floor((now + offset) / DAY) * DAY;
  for (let day = today - daysBefore * DAY; day < today + HORIZON_DAYS * DAY; day += DAY) {
    if (start !== undefined && day < start) continue;
    const closed = window.notAllowedDates?.some((span) => span.start.getTime() <= day && day <= span.end.getTime());
    if (!closed && occursOn(window.schedule, day, start)) yield day + time - offset;
  }
}

/** `day` and `anchor` are midnights, in ms, of the window's own calendar. */
function occursOn(
  { daily, weekly, absoluteMonthly, relativeMonthly }: Schedule,
  day: number,
  anchor: number | undefined,
): boolean {
  const date = new Date(day);
  const weekday = WEEKDAYS[date.getUTCDay()];
  if (daily) return anchor === undefined || ((day - anchor) / DAY) % daily.intervalDays === 0;
  if (weekly) {
    const weeks = anchor === undefined ? 0 : Math.floor((startOfWeek(day) - startOfWeek(anchor)) / (7 * DAY));
    return weekday === weekly.dayOfWeek && weeks % weekly.intervalWeeks === 0;
  }
  if (absoluteMonthly) {
    return (
      date.getUTCDate() === absoluteMonthly.dayOfMonth &&
      monthsBetween(anchor, date) % absoluteMonthly.intervalMonths === 0
    );
  }
  if (!relativeMonthly || weekday !== relativeMonthly.dayOfWeek) return false;
  const index = Math.floor((date.getUTCDate() - 1) / 7);
  const last = new Date(day + 7 * DAY).getUTCMonth() !== date.getUTCMonth();
  const matches = relativeMonthly.weekIndex === 'Last' ? last : WEEKS[index] === relativeMonthly.weekIndex;
  return matches && monthsBetween(anchor, date) % relativeMonthly.intervalMonths === 0;
}

function startOfWeek(day: number): number {
  return day - new Date(day).getUTCDay() * DAY;
}

function monthsBetween(anchor: number | undefined, date: Date): number {
  if (anchor === undefined) return 0;
  const from = new Date(anchor);
  return (date.getUTCFullYear() - from.getUTCFullYear()) * 12 + date.getUTCMonth() - from.getUTCMonth();
}

/** `+05:30` as ms; undefined where it is of another form. */
function readOffset(text: string): number | undefined {
  const time = readTime(text.slice(1));
  return text.startsWith('+') ? time : text.startsWith('-') && time !== undefined ? -time : undefined;
}

/** `05:30` as ms. */
function readTime(text: string): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  return minutes === undefined ? undefined : (Number(hours) * 60 + Number(minutes)) * MINUTE;
}
