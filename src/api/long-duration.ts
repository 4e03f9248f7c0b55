const UNITS = { h: 3_600_000, d: 86_400_000 } as const;

/** Milliseconds of `72h` or `30d`, the form of durations in CertificateRotation objects; undefined for anything else. */
export function readLongDuration(text: string): number | undefined {
  const [, number, unit] = /^([1-9]\d{0,4})([hd])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit as keyof typeof UNITS];
}
