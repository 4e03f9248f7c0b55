import type { MaintenanceWindow, Schedule } from '@azure/arm-containerservice';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Longer than any interval that AKS takes (6 months), twice. */
const HORIZON_DAYS = 400;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const WEEKS = ['First', 'Second', 'Third', 'Fourth'];

/**
 * When a planned maintenance window next opens after `now` (ms), by learn.microsoft.com/azure/aks/planned-maintenance; undefined
 * when it does not within 400 days. Where several weeks or months lie between two windows, they are counted from startDate;
 * without one, every week or month counts, because AKS does not say from when it counts.
 */
export function nextOpening(window: MaintenanceWindow, now: number): number | undefined {
  const offset = readOffset(window.utcOffset ?? '+00:00');
  const [hours = 0, minutes = 0] = window.startTime.split(':').map(Number);
  // startDate and notAllowedDates are dates without a time, which the SDK gives as midnight UTC.
  const start = window.startDate?.getTime();
  const today = Math.floor((now + offset) / DAY) * DAY;
  for (let day = today; day < today + HORIZON_DAYS * DAY; day += DAY) {
    const opening = day + (hours * 60 + minutes) * MINUTE - offset;
    if (opening <= now || (start !== undefined && day < start)) continue;
    const closed = window.notAllowedDates?.some((span) => span.start.getTime() <= day && day <= span.end.getTime());
    if (!closed && occursOn(window.schedule, day, start)) return opening;
  }
  return undefined;
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

/** `+05:30` as ms. */
function readOffset(text: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d{2}):(\d{2})$/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE;
}
