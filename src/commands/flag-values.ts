/** Timers of Node overflow after 24 days and then fire at once. */
export const LONGEST_MS = 24 * 3_600_000;

/** The units of a duration, in ms. */
export const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of `500ms`, `15s`, `10m` or `1h`; undefined for anything else, and for more than a day. */
export function parseDuration(value: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value) ?? [];
  const ms = Number(number) * (UNITS[unit as keyof typeof UNITS] ?? NaN);
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined;
}

/** Says why an address cannot be used; undefined for a usable one. An address with a password is not quoted. */
export function addressProblem(value: string, path: 'withPath' | 'withoutPath'): string | undefined {
  const { protocol, username, password, pathname, search, hash } = URL.parse(value) ?? {};
  if (username || password || value.includes('@')) return 'holds a user name or password; an address has neither';
  if (protocol !== 'https:') return `is "${value}"; it must be an https address`;
  if (search || hash) return `is "${value}"; it must be an address without query`;
  return path === 'withoutPath' && pathname !== '/' ? `is "${value}"; it must be an address without path` : undefined;
}
