import type { CertificateDetails, CertificateWarning } from '../certificate.ts';

/** Warnings that depend on the time; `now` in milliseconds since 1970. A certificate is valid at both of its dates (RFC 5280, section 4.1.2.5). */
export function validityWarnings(
  details: Pick<CertificateDetails, 'notBefore' | 'notAfter'>,
  now: number,
): CertificateWarning[] {
  if (now > Date.parse(details.notAfter)) return ['Expired'];
  return now < Date.parse(details.notBefore) ? ['NotYetValid'] : [];
}
