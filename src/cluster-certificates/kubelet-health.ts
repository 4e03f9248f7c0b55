import { sentences } from '../api/sentences.ts';
import { byDate } from './health.ts';
import type { CertificateRow } from './judgement.ts';
import { isLate, lateness, NO_POOL, ROW_NAMES, type KubeletCertificate, type Use } from './kubelet-certificates.ts';
import { secondsOf } from './times.ts';

export const ADJECTIVES: Readonly<Record<Use, string>> = { Client: 'client', Serving: 'serving' };

/** The part of a certificate that is judged. */
type Judged = Omit<KubeletCertificate, 'source' | 'facts'>;

/** What a certificate's dates say of it. */
type State = Pick<CertificateRow, 'health' | 'lifeUsedPercent' | 'expiresWithinDays'>;

/** A certificate whose life is known is renewed at 90 percent of it: until then the days that are left say nothing. */
export function healthOf(certificate: Judged, now: number): State {
  const { notBefore, notAfter, lateAt } = certificate;
  const dates = { notBefore: secondsOf(notBefore ?? Math.min(now, notAfter)), notAfter: secondsOf(notAfter) };
  const { lifeUsedPercent, health, ...within } = byDate(dates, now);
  const used = notBefore === undefined ? {} : { lifeUsedPercent };
  if (health === 'Expired') return { health, ...used };
  if (isLate(certificate, now)) return { health: 'Late', ...used, ...within };
  if (lateAt !== undefined || health === 'NotYetValid') return { health: 'Healthy', ...used };
  return { health, ...used, ...within };
}

/** What the health means, and what to do; empty where nothing has to be done. */
export function adviceFor(use: Use, pool: string, { node, notAfter }: Judged, health: State['health']): string {
  const certificate = `The ${ADJECTIVES[use]} certificate of the kubelet of node ${node}`;
  const date = secondsOf(notAfter);
  const replace =
    pool === NO_POOL
      ? 'Replace the node'
      : `Replace the nodes of pool ${pool} (az aks nodepool upgrade --node-image-only)`;
  switch (health) {
    case 'Expired':
      return use === 'Client'
        ? `${certificate} expired at ${date}: the node can no longer sign in to the API server, nor renew the certificate. ${replace}, or recreate the pool.`
        : `${certificate} expired at ${date}: clients that verify it, such as metrics-server, refuse it. ${replace}.`;
    case 'Late':
      return `${certificate} expires at ${date}, and should have been renewed: a kubelet renews its certificate at 70 to 90 percent of its life. Restart that kubelet, or replace the node. ${replace} before that date if others are late as well.`;
    case 'Expiring':
      return `${certificate} expires at ${date}. A kubelet renews its certificate by itself; it is not known how long this one was valid. ${replace} if it is not renewed.`;
    default:
      return '';
  }
}

/**
 * The row of before at the present time.
 *
 * @param note why it could not be read again, in whole sentences; empty where nothing was read
 */
export function agedRow(row: CertificateRow, now: number, note = ''): CertificateRow {
  const {
    notAfter,
    notBefore,
    node = '',
    pool = NO_POOL,
    lifeUsedPercent: _,
    expiresWithinDays: __,
    message,
    ...rest
  } = row;
  const [to, from] = [Date.parse(notAfter ?? ''), Date.parse(notBefore ?? '')];
  if (notAfter === undefined || Number.isNaN(to)) return row;
  const use = row.name === ROW_NAMES.Serving ? 'Serving' : 'Client';
  const dates = { node, notAfter: to, ...(Number.isNaN(from) ? {} : { notBefore: from }) };
  const certificate: Judged = { ...dates, ...lateness(dates, use) };
  const state = healthOf(certificate, now);
  const isSame = state.health === row.health && note === '';
  const text = isSame ? (message ?? '') : sentences(adviceFor(use, pool, certificate, state.health), note);
  return {
    ...rest,
    ...(row.node === undefined ? {} : { node }),
    ...(row.pool === undefined ? {} : { pool }),
    ...(notBefore === undefined ? {} : { notBefore }),
    notAfter,
    ...state,
    ...(text === '' ? {} : { message: text }),
  };
}
