import type { CertificateRow } from './judgement.ts';

const DAY = 24 * 60 * 60 * 1000;

/** Days before the end of a certificate at which its row changes. */
const THRESHOLDS = [1, 7, 30] as const;

/** The part of its life, in percent, at which a kubelet has renewed its certificate at the latest: it chooses a time from 70 to 90 (client-go, certificate_manager.go). */
export const RENEWED_AT_PERCENT = 90;

/** Start and end of a certificate's validity, RFC 3339. */
export interface Dates {
  readonly notBefore: string;
  readonly notAfter: string;
}

/** What the dates of a certificate say of it at one time. It is valid at both of its dates (RFC 5280, section 4.1.2.5). */
export interface ByDate extends Pick<CertificateRow, 'expiresWithinDays'> {
  readonly health: 'Healthy' | 'Expiring' | 'Expired' | 'NotYetValid';
  /** From 0 to 100, rounded down. */
  readonly lifeUsedPercent: number;
}

/** Judges a certificate by its dates; `now` in ms. */
export function byDate({ notBefore, notAfter }: Dates, now: number): ByDate {
  const [from, to] = [Date.parse(notBefore), Date.parse(notAfter)];
  const lifeUsedPercent = percentOf(now - from, to - from);
  if (now > to) return { health: 'Expired', lifeUsedPercent };
  if (now < from) return { health: 'NotYetValid', lifeUsedPercent };
  const within = THRESHOLDS.find((days) => to - now <= days * DAY);
  return within === undefined
    ? { health: 'Healthy', lifeUsedPercent }
    : { health: 'Expiring', lifeUsedPercent, expiresWithinDays: within };
}

/** The dates of a row; undefined where it has none. */
export function datesOf({ notBefore, notAfter }: CertificateRow): Dates | undefined {
  return notBefore === undefined || notAfter === undefined ? undefined : { notBefore, notAfter };
}

/** The times, in ms, at which what a row says changes by itself. */
export function turningPoints(row: CertificateRow): number[] {
  const dates = datesOf(row);
  if (!dates) return [];
  const [from, to] = [Date.parse(dates.notBefore), Date.parse(dates.notAfter)];
  const late = row.name === 'KubeletClient' || row.name === 'KubeletServing';
  return [
    from,
    ...THRESHOLDS.map((days) => to - days * DAY),
    to,
    ...(late ? [from + ((to - from) * RENEWED_AT_PERCENT) / 100] : []),
  ];
}

function percentOf(used: number, life: number): number {
  if (life <= 0) return used >= 0 ? 100 : 0;
  return Math.min(100, Math.max(0, Math.floor((100 * used) / life)));
}
