/** Shows whether a loop that should never end is still running. */
export interface Liveness {
  /** The loop did something, or received data. */
  active(): void;
  /** The loop pauses for this time, on purpose. */
  pausing(ms: number): void;
  /** The loop has ended, on purpose. */
  ended(): void;
  isStuck(now: number): boolean;
}

/**
 * @param now the clock, in milliseconds
 * @param longestSilence ms for which a healthy loop may do nothing
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
    isStuck: (at) => !over && last !== undefined && at - last > longestSilence,
  };
}
