const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A time of the API in UTC, with its day where that is not today; a text that is no time is returned unchanged. */
export function when(time: string, now: number): string {
  const at = Date.parse(time);
  if (Number.isNaN(at)) return time;
  const [day = '', clock = ''] = new Date(at).toISOString().split('T');
  const today = new Date(now).toISOString().startsWith(day);
  return `${today ? '' : `${day} `}${clock.slice(0, 5)} UTC`;
}

/** How long ago, rounded to about two digits; undefined for texts that are no time, and for times in the future. */
export function ago(time: string, now: number): string | undefined {
  const ms = now - Date.parse(time);
  if (!(ms >= 0)) return undefined;
  if (ms < 2 * MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < 2 * HOUR) return `${Math.floor(ms / MINUTE)} min`;
  return ms < 2 * DAY ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} d`;
}

/** The time to the second, for log lines. */
export function stamp(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
}
