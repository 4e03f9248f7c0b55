/** The first wait of a doubling backoff and its longest, in ms. */
export interface BackoffRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The wait before attempt number `attempt` (from 0) of a doubling backoff, in ms. */
export function backoffMs({ fromMs, toMs }: BackoffRange, attempt: number): number {
  return Math.min(toMs, fromMs * 2 ** Math.min(attempt, 30));
}

/** Randomises the upper half of a wait, so that clients that failed together retry apart. */
export function jittered(ms: number, random: () => number): number {
  return ms * (0.5 + 0.5 * random());
}

/** Growing pauses between attempts. */
export interface Backoff {
  /** The next pause in milliseconds, at least `retryAfterMs`. */
  next(retryAfterMs?: number): number;
  /** Resets the pause to the shortest, after a success. */
  reset(): void;
}

/** Longest accepted pause: a server may ask for any. */
const MAX_RETRY_AFTER_MS = 300_000;

/** Pauses that double from `fromMs` to `toMs`, before jitter. */
export function createBackoff(range: BackoffRange, random: () => number): Backoff {
  let failures = 0;
  return {
    next: (retryAfterMs = 0) =>
      Math.max(jittered(backoffMs(range, failures++), random), Math.min(retryAfterMs, MAX_RETRY_AFTER_MS)),
    reset() {
      failures = 0;
    },
  };
}
