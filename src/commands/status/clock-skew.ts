import type { Connection } from '../../kubernetes/client/connection.ts';

/** A date of HTTP has whole seconds, and takes some time to come. */
const NOTHING_MS = 5000;

/**
 * How far the API server's clock is ahead of ours, ms. The times of objects are nearer to its clock than to that of whoever looks
 * at them. To be asked right after an answer.
 */
export function skewOf({ lastResponseDate }: Connection, now: number): number {
  const skew = (lastResponseDate ?? now) - now;
  return Math.abs(skew) < NOTHING_MS ? 0 : skew;
}
