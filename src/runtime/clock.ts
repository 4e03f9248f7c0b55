import type { Clock } from '../kubernetes/clock.ts';

export { type Clock, pause } from '../kubernetes/clock.ts';

/** Node fires longer timers at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of the machine. Timers longer than 24 days fire early, so every user checks the time again when a timer fires. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout(fn, ms) {
    const timer = setTimeout(fn, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
};
