import type { CustomCATrustSpec } from '../../src/api/generated/customcatrusts.ts';
import type { Random } from './random.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Window = NonNullable<CustomCATrustSpec['window']>;

/** A date that never comes. */
const NEVER = '0 0 30 2 *';

/** A window of an hour a day that opens or closes soon, or never. */
export function drawWindow(random: Random, now: number): Window {
  if (random.chance(0.1)) return { schedule: NEVER, durationHours: 1 };
  const opens = new Date(now + random.between(-70, 30) * MINUTE);
  return { schedule: `${opens.getUTCMinutes()} ${opens.getUTCHours()} * * *`, durationHours: 1 };
}

/** Whether a drawn window is open at some time from `from` to `to`; read without the help of src. */
export function isOpenBetween(window: Window | undefined, from: number, to: number): boolean {
  if (!window) return true;
  const { schedule = NEVER } = window;
  if (schedule === NEVER) return false;
  const [minute = NaN, hour = NaN] = schedule.split(' ').map(Number);
  const yesterday = Math.floor(from / DAY) * DAY - DAY;
  return [0, 1, 2].some((day) => {
    const opening = yesterday + day * DAY + hour * HOUR + minute * MINUTE;
    return opening <= to && from < opening + HOUR;
  });
}
