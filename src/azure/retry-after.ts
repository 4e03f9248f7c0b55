/** Longest accepted wait, in ms: a server may ask for any. */
export const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * The wait of a Retry-After header, in ms and at most an hour; undefined where it is neither a number of seconds nor a date of
 * HTTP (RFC 9110 section 10.2.3). A date may be over already: by the time it is read, or by a clock that is ahead.
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const value = header?.trim() ?? '';
  const ms = /^\d{1,20}(?:\.\d{1,9})?$/.test(value)
    ? Number(value) * 1000
    : /^[A-Z][a-z]{2,8},? .{8,30} GMT$/.test(value)
      ? Date.parse(value) - now
      : NaN;
  return Number.isNaN(ms) ? undefined : Math.min(LONGEST_RETRY_AFTER_MS, Math.max(0, ms));
}
