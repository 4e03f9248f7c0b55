import type { Connection } from '../../kubernetes/client/connection.ts';

/** Smaller differences are noise: an HTTP date has whole seconds, and its answer takes time to arrive. */
const NOISE_MS = 5000;

/**
 * How far the API server's clock is ahead of ours, in ms. The times in objects follow its clock, not that of the machine where the
 * command runs. Call it right after an answer.
 */
export function skewOf({ lastResponseDate }: Connection, now: number): number {
  const skew = (lastResponseDate ?? now) - now;
  return Math.abs(skew) < NOISE_MS ? 0 : skew;
}
