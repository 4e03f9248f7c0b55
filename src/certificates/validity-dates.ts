import type { X509Certificate } from 'node:crypto';
import type { CertificateDetails } from './certificate.ts';
import { childrenOf } from './der.ts';
import type { DerElement } from './der.ts';
import { readTime } from './der-time.ts';

export type Validity = Pick<CertificateDetails, 'notBefore' | 'notAfter'>;

const VERSION = 0xa0;

/** Reads the dates out of the signed part of a certificate. */
export function readValidity(der: Buffer, signed: DerElement): Validity | undefined {
  const fields = childrenOf(der, signed, 5);
  const element = fields?.[fields[0]?.tag === VERSION ? 4 : 3];
  const [from, to] = (element && childrenOf(der, element, 2)) ?? [];
  const notBefore = from && readTime(der, from);
  const notAfter = to && readTime(der, to);
  return notBefore === undefined || notAfter === undefined ? undefined : { notBefore, notAfter };
}

/**
 * The dates as OpenSSL reads them: it also takes fractions of seconds and other zones. They are looked at only when it
 * can print them, because Node's Date of a time that cannot be read is a random one.
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
