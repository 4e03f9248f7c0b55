const HOUR = 60 * 60_000;
/** Time zones are between UTC-12 and UTC+14. These lie beyond on both sides. */
const BEFORE = 15 * HOUR;
const AFTER = 13 * HOUR;
/** The most time zones that are kept; there are about 600, and any name may come in any spelling of capitals. */
const MOST_KEPT = 500;

/** The clock of a time zone. A wall time is a number that has in UTC the date and the time that the clock shows; all are in ms. */
export interface LocalClock {
  /** The wall time at an instant. */
  shows(instant: number): number;
  /**
   * The first instant at which the clock shows this wall time or a later one: where the time is set back, the first of the two, and
   * where it is set forward over the wall time, the moment of that.
   */
  firstAt(wall: number): number;
}

const kept = new Map<string, LocalClock | undefined>();

/** The clock of an IANA time zone, such as `Europe/Berlin`; undefined where there is no such zone. */
export function localClock(timeZone: string): LocalClock | undefined {
  const name = timeZone.toLowerCase();
  if (!kept.has(name)) {
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(name, createClock(timeZone));
  }
  return kept.get(name);
}

function createClock(timeZone: string): LocalClock | undefined {
  const format = formatOf(timeZone);
  if (!format) return undefined;
  const shows = (instant: number) => {
    const part = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const at = (type: Intl.DateTimeFormatPartTypes) => part.get(type) ?? 0;
    const seconds = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'));
    return seconds + (((instant % 1000) + 1000) % 1000);
  };
  const offsetAt = (instant: number) => shows(instant) - instant;
  return {
    shows,
    firstAt(wall) {
      const [before, after] = [offsetAt(wall - BEFORE), offsetAt(wall + AFTER)];
      const early = wall - before;
      if (before === after || offsetAt(early) === before) return early;
      const late = wall - after;
      if (offsetAt(late) === after) return late;
      // The clock is set forward over the wall time.
      return firstWithout(before, late, early);
    },
  };

  /** The first instant of another offset, after `from`, which has the offset, and up to `to`, which has not. */
  function firstWithout(offset: number, from: number, to: number): number {
    let [has, lacks] = [from, to];
    while (lacks - has > 1) {
      const middle = Math.floor((has + lacks) / 2);
      if (offsetAt(middle) === offset) has = middle;
      else lacks = middle;
    }
    return lacks;
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'iso8601',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
