import type { X509Certificate } from 'node:crypto';
import { escapeForDisplay } from '../api/display.ts';
import { sentences } from '../api/sentences.ts';
import { identify } from '../certificates/x509/identify.ts';
import { shownName } from '../certificates/x509/shown-name.ts';
import type { Finding } from './evidence.ts';
import { byDate, datesOf, type ByDate } from './health.ts';
import type { CertificateRow } from './judgement.ts';

/** How the rows of one name are written. */
export interface RowKind {
  readonly name: CertificateRow['name'];
  readonly maintainedBy: CertificateRow['maintainedBy'];
  /** Why the row is not known while nothing was asked that shows it, and what would make it known. */
  readonly notAsked: Unknown;
  /** What a health by date means, and what to do, for a row that has its dates. */
  readonly advice: (row: CertificateRow, health: 'Expiring' | 'Expired') => string;
  /** What the row says while it is `Intercepted`. */
  readonly intercepted?: (row: CertificateRow) => string;
}

type Unknown = Pick<Extract<Finding<never>, { readonly known: false }>, 'why' | 'fix'>;

type Noted = Pick<Extract<Finding<never>, { readonly known: true }>, 'source' | 'note'>;

/** The fields of a row that come from the certificate alone. */
type Facts = Pick<CertificateRow, 'subject' | 'issuer' | 'fingerprintSHA256' | 'notBefore' | 'notAfter'>;

/** The longest text of a source, a cause or a fix that a row repeats. */
const LONGEST_TEXT = 512;

/** SHA-256 of the DER bytes, in lower-case hexadecimal digits. */
export function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

/** The certificates, each once, in their order. */
export function distinct(certificates: readonly X509Certificate[]): X509Certificate[] {
  return [...new Map(certificates.map((one) => [fingerprintOf(one), one])).values()];
}

/** The row of a certificate that was read. `note`: what else is to be said of it, besides what the finding notes. */
export function knownRow(
  kind: RowKind,
  certificate: X509Certificate,
  { source, note: noted = '' }: Noted,
  now: number,
  { note = '', ...more }: Partial<CertificateRow> & { readonly note?: string } = {},
): CertificateRow {
  const row: CertificateRow = {
    name: kind.name,
    maintainedBy: kind.maintainedBy,
    health: 'Unknown',
    ...factsOf(certificate),
    source: bounded(source),
    ...more,
  };
  return dated(kind, row, now, sentences(note, bounded(noted)));
}

/** The row of a source that was not asked, or showed nothing, now or before. */
export function unknownRow({ name, maintainedBy, notAsked }: RowKind, finding: Unknown = notAsked): CertificateRow {
  return { name, maintainedBy, health: 'Unknown', message: reasonOf(finding) };
}

/**
 * The row of before at the present time. `failed`: why it could not be read again, which its message says; without it nothing was
 * read, and the message stays while the health does.
 */
export function keptRow(kind: RowKind, before: CertificateRow, now: number, failed?: Unknown): CertificateRow {
  if (!isKnown(before)) return failed ? unknownRow(kind, failed) : before;
  const note = failed ? sentences('It could not be read again', reasonOf(failed)) : '';
  const dates = datesOf(before);
  if (!dates) return failed ? { ...before, message: note } : before;
  const next = dated(kind, before, now, note);
  const isSame = next.health === before.health && next.expiresWithinDays === before.expiresWithinDays;
  if (failed || !isSame || before.message === undefined) return next;
  return { ...next, message: before.message };
}

/** The row of `name` in a judgement. */
export function rowNamed(rows: readonly CertificateRow[], name: CertificateRow['name']): CertificateRow | undefined {
  return rows.find((row) => row.name === name);
}

/** True for a row that shows something, whatever its health. */
export function isKnown(row: CertificateRow): boolean {
  return row.fingerprintSHA256 !== undefined || row.keyIDs !== undefined || row.health === 'Healthy';
}

/** The row with what its dates say of it at the present time. */
function dated(kind: RowKind, row: CertificateRow, now: number, note: string): CertificateRow {
  const { expiresWithinDays: _, message: __, lifeUsedPercent: ___, ...rest } = row;
  const dates = datesOf(row);
  if (!dates) return { ...rest, message: sentences('Its dates of validity cannot be read', note) };
  const { health, ...by } = byDate(dates, now);
  const isIntercepted = row.health === 'Intercepted' && kind.intercepted !== undefined;
  const message = sentences(isIntercepted ? kind.intercepted(row) : adviceFor(kind, row, health), note);
  return {
    ...rest,
    ...by,
    health: isIntercepted ? 'Intercepted' : health === 'NotYetValid' ? 'Unknown' : health,
    ...(message === '' ? {} : { message }),
  };
}

function adviceFor(kind: RowKind, row: CertificateRow, health: ByDate['health']): string {
  switch (health) {
    case 'Healthy':
      return '';
    case 'NotYetValid':
      return `The certificate becomes valid only at ${row.notBefore}. AKS makes certificates that are valid from 10 minutes before: compare the clock of the controller with another one.`;
    case 'Expiring':
    case 'Expired':
      return kind.advice(row, health);
  }
}

function factsOf(certificate: X509Certificate): Facts {
  const { raw } = certificate;
  const read = identify(raw, raw.toString('base64'));
  const fingerprintSHA256 = fingerprintOf(certificate);
  if (read.kind === 'problem') return { fingerprintSHA256 };
  const { subject, issuer, notBefore, notAfter } = read.certificate.details;
  return { subject: shownName(subject), issuer: shownName(issuer), fingerprintSHA256, notBefore, notAfter };
}

function reasonOf({ why, fix = '' }: Unknown): string {
  return sentences(bounded(why), bounded(fix));
}

function bounded(text: string): string {
  return escapeForDisplay(text, LONGEST_TEXT);
}
