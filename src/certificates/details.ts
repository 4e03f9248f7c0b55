import type { X509Certificate } from 'node:crypto';
import type { CertificateDetails, CertificateWarning } from './certificate.ts';
import { readCertificateFields } from './certificate-fields.ts';
import type { CertificateFields } from './certificate-fields.ts';
import { escapeForDisplay } from './escape.ts';
import { isWeakSignature } from './weak-signature.ts';

/** Shortest RSA key without a warning (NIST SP 800-131A; what the CA/Browser Forum asks of roots). */
const MIN_RSA_BITS = 2048;

/** Reads what a status row shows of a certificate and its bytes. The dates are known to be readable: others are refused before. */
export function readDetails(x509: X509Certificate, der: Buffer): CertificateDetails {
  const fields = readCertificateFields(der);
  const subject = oneLine(x509.subject);
  return {
    subject,
    issuer: fields?.selfIssued === true ? subject : oneLine(x509.issuer),
    notBefore: toSeconds(x509.validFromDate),
    notAfter: toSeconds(x509.validToDate),
    warnings: readWarnings(x509, fields),
  };
}

/**
 * Node prints one relative name a line, in the order of the certificate, escaped as RFC 4514 says. RFC 4514 puts the
 * last one first, which brings the common name to the front. Node gives nothing for an empty name.
 */
function oneLine(name: string | undefined): string {
  return escapeForDisplay((name ?? '').split('\n').reverse().join(', '));
}

function toSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function readWarnings(x509: X509Certificate, fields: CertificateFields | undefined): CertificateWarning[] {
  const warnings: CertificateWarning[] = [];
  // Roots of version 1 cannot say that they are authorities; being self-issued has to do.
  const authority = x509.ca || (fields?.version === 1 && fields.selfIssued);
  if (!authority) warnings.push('NotACertificateAuthority');
  // Of a self-signed root nobody checks the signature; it is said all the same, because it dates the root.
  if (fields !== undefined && isWeakSignature(fields.signature)) warnings.push('WeakSignatureAlgorithm');
  if (fields?.rsaBits !== undefined && fields.rsaBits < MIN_RSA_BITS) warnings.push('WeakKey');
  if (fields?.negativeSerialNumber === true) warnings.push('NegativeSerialNumber');
  return warnings;
}
