/** Growing pauses between attempts at one thing. */
export interface Backoff {
  /** The next pause in milliseconds, at least `retryAfterMs`. */
  next(retryAfterMs?: number): number;
  /** It worked: the next pause is the shortest again. */
  reset(): void;
}

/** A server may name any time to come again; beyond this it is not believed. */
const MAX_RETRY_AFTER_MS = 300_000;

/** Doubles from `minMs` to `maxMs`; the upper half of each pause is random, so that clients part. */
export function createBackoff(options: {
  readonly minMs: number;
  readonly maxMs: number;
  readonly random: () => number;
}): Backoff {
  const { minMs, maxMs, random } = options;
  let failures = 0;
  return {
    next(retryAfterMs = 0) {
      // The first doubling is given to jitter at once: two clients that fail together should not come back together.
      const ceiling = Math.min(maxMs, minMs * 2 ** (failures + 1));
      if (ceiling < maxMs) failures++;
      return Math.max(ceiling * (0.5 + 0.5 * random()), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
    },
    reset() {
      failures = 0;
    },
  };
}
