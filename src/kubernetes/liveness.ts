/** Whether a loop that should never end is still running, as seen from outside. */
export interface Liveness {
  /** It did something, or heard something. */
  active(): void;
  /** It will do nothing for so long, on purpose. */
  pausing(ms: number): void;
  /** It has come to its end, on purpose. */
  ended(): void;
  /** When it last was active, or will be again, by the clock; undefined before it began. */
  lastActivity(): number | undefined;
  isStuck(now: number): boolean;
}

/**
 * @param now the clock, in milliseconds
 * @param longestSilence ms for which nothing needs to happen in a loop that is well
 */
export function watchOver(now: () => number, longestSilence: number): Liveness {
  let last: number | undefined;
  let over = false;
  return {
    active() {
      last = now();
    },
    pausing(ms) {
      last = now() + ms;
    },
    ended() {
      over = true;
    },
    lastActivity: () => last,
    isStuck: (at) => !over && last !== undefined && at - last > longestSilence,
  };
}
