import type { X509Certificate } from 'node:crypto';
import type { CertificateDetails } from '../certificate.ts';
import { childrenOf } from '../der.ts';
import type { DerElement } from '../der.ts';
import { readTime } from './der-time.ts';

export type Validity = Pick<CertificateDetails, 'notBefore' | 'notAfter'>;

const VERSION = 0xa0;

const SHORT_UTC = /^\d{10}(?:Z|[+-]\d{4})$/;
const SHORT_GENERALIZED = /^\d{12}(?:Z|[+-]\d{4})$/;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;

/** True where a date has no seconds, as in `2501010000Z`. Older OpenSSL and Go accept it, newer OpenSSL does not. */
export function hasDateWithoutSeconds(der: Buffer, signed: DerElement): boolean {
  return datesOf(der, signed).some(({ tag, content, end }) => {
    const text = der.toString('latin1', content, end);
    return (tag === UTC_TIME && SHORT_UTC.test(text)) || (tag === GENERALIZED_TIME && SHORT_GENERALIZED.test(text));
  });
}

/** Reads the dates out of the signed part of a certificate. */
export function readValidity(der: Buffer, signed: DerElement): Validity | undefined {
  const [from, to] = datesOf(der, signed);
  const notBefore = from && readTime(der, from);
  const notAfter = to && readTime(der, to);
  return notBefore === undefined || notAfter === undefined ? undefined : { notBefore, notAfter };
}

/**
 * The dates as OpenSSL reads them: it also accepts fractions of seconds and other zones. They are used only when OpenSSL can
 * print them, because Node gives a random Date for a time that cannot be read.
 */
export function printedValidity(x509: X509Certificate): Validity | undefined {
  if (!isDate(x509.validFrom) || !isDate(x509.validTo)) return undefined;
  return { notBefore: toSeconds(x509.validFromDate), notAfter: toSeconds(x509.validToDate) };
}

function isDate(printed: string): boolean {
  return printed !== 'Bad time value';
}

function toSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function datesOf(der: Buffer, signed: DerElement): readonly DerElement[] {
  const fields = childrenOf(der, signed, 5);
  const element = fields?.[fields[0]?.tag === VERSION ? 4 : 3];
  return (element && childrenOf(der, element, 2)) ?? [];
}
