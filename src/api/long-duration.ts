/** A day, in ms. */
export const DAY = 24 * 60 * 60_000;

/**
 * Milliseconds of `72h` or `30d`, the form of durations in CertificateRotation objects; undefined for anything else.
 *
 * @param dayMs the length of a day, which is shorter for a simulated cluster
 */
export function readLongDuration(text: string, dayMs = DAY): number | undefined {
  const [, number, unit] = /^([1-9]\d{0,4})([hd])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (unit === 'h' ? dayMs / 24 : dayMs);
}
