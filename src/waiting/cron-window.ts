import { Cron } from 'croner';
import { localClock, type LocalClock } from './local-clock.ts';
import type { WindowState } from './window-state.ts';

/** A window that a schedule opens again and again. */
export interface CronWindow {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly schedule: string;
  /** IANA name. */
  readonly timeZone: string;
  /** How long it stays open, in hours of elapsed time. */
  readonly durationHours: number;
}

/** `BadSchedule`: `detail` is what is wrong, in a few words. */
export type CronState =
  WindowState | { readonly kind: 'BadSchedule'; readonly detail: string } | { readonly kind: 'BadTimeZone' };

const HOUR = 60 * 60_000;
/** The most openings in a row that are joined to one window. */
const MOST_JOINED = 100;
/** The most wall times that one step passes over; the clock of no zone is set back by more minutes than a day has. */
const MOST_PASSED = 2000;
const MOST_KEPT = 2000;

/**
 * The state of the window at `now`, in ms. The window opens at the first instant at which the clock of its zone shows a time of the
 * schedule or a later one: a time that the clock leaves out opens it when the clock is set forward, and a time that the clock shows
 * twice opens it once.
 */
export function cronWindowAt(window: CronWindow, now: number): CronState {
  const { schedule, timeZone, durationHours } = window;
  // Texts of different objects: joined by a character, those of one could be made to look like those of another.
  const key = JSON.stringify([schedule, timeZone, durationHours]);
  const before = states.get(key);
  if (before && before.from <= now && now < before.until) return before.state;
  const found = stateAt(window, now);
  if (states.size >= MOST_KEPT) states.clear();
  states.set(key, { ...found, from: now });
  return found.state;
}

/** The states of windows, each with the time in which it is the same: one costs up to a millisecond, and objects may have thousands. */
const states = new Map<string, { readonly state: CronState; readonly from: number; readonly until: number }>();

function stateAt({ schedule, timeZone, durationHours }: CronWindow, now: number): { state: CronState; until: number } {
  const clock = localClock(timeZone);
  if (!clock) return { state: { kind: 'BadTimeZone' }, until: Infinity };
  const cron = readSchedule(schedule);
  if (!(cron instanceof Cron)) return { state: cron, until: Infinity };
  const length = durationHours * HOUR;
  const first = openingAfter(cron, clock, now - length);
  if (first === undefined) return { state: { kind: 'NeverOpens' }, until: Infinity };
  if (first > now) return { state: { kind: 'Closed', opensAt: first }, until: first };
  let until = first + length;
  let last = first;
  for (let joined = 0; joined < MOST_JOINED; joined++) {
    const next = openingAfter(cron, clock, last);
    if (next === undefined || next > until) break;
    [last, until] = [next, next + length];
  }
  return { state: { kind: 'Open', until }, until: first + length };
}

/** The first opening after an instant; undefined where none is to come. */
function openingAfter(cron: Cron, clock: LocalClock, instant: number): number | undefined {
  let wall: Date | null = new Date(clock.shows(instant));
  for (let passed = 0; passed < MOST_PASSED; passed++) {
    wall = cron.nextRun(wall);
    if (!wall) return undefined;
    const opening = clock.firstAt(wall.getTime());
    if (opening > instant) return opening;
  }
  return undefined;
}

type Unusable = Extract<CronState, { kind: 'BadSchedule' | 'NeverOpens' }>;

const kept = new Map<string, Cron | Unusable>();

/** The schedule over wall times, or why it opens nothing. */
function readSchedule(schedule: string): Cron | Unusable {
  const known = kept.get(schedule);
  if (known !== undefined) return known;
  if (kept.size >= MOST_KEPT) kept.clear();
  const read = parse(schedule);
  kept.set(schedule, read);
  return read;
}

/** The characters of each field. The library would also take a date, a nickname and a field for seconds. */
const FIVE_FIELDS = /^[\w*,/#-]+(?: +[\w*,/#-]+){4}$/;

function parse(schedule: string): Cron | Unusable {
  if (!FIVE_FIELDS.test(schedule)) return { kind: 'BadSchedule', detail: 'it should have five fields' };
  try {
    const cron = new Cron(schedule, { mode: '5-part', timezone: 'UTC', paused: true });
    // The 30th of February: to search for it takes milliseconds, so that is done once.
    return cron.nextRun(new Date(0)) ? cron : { kind: 'NeverOpens' };
  } catch (error) {
    const detail = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    return { kind: 'BadSchedule', detail };
  }
}
