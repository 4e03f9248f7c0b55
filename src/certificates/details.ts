import type { X509Certificate } from 'node:crypto';
import type { CertificateDetails, CertificateWarning } from './certificate.ts';
import { readCertificateFields } from './certificate-fields.ts';
import type { CertificateFields } from './certificate-fields.ts';
import { escapeForDisplay } from '../api/display.ts';
import type { Validity } from './validity-dates.ts';
import { isWeakSignature } from './weak-signature.ts';

/** Shortest RSA key without a warning (NIST SP 800-131A; what the CA/Browser Forum asks of roots). */
const MIN_RSA_BITS = 2048;

/** Reads what a status row shows of a certificate and its bytes; its dates were read before, to see that they can be. */
export function readDetails(x509: X509Certificate, der: Buffer, validity: Validity): CertificateDetails {
  const fields = readCertificateFields(der);
  const subject = oneLine(x509.subject);
  return {
    subject,
    issuer: fields?.selfIssued === true ? subject : oneLine(x509.issuer),
    ...validity,
    // OpenSSL reads more than DER; what only it can read does not show that it is an authority.
    warnings: fields === undefined ? ['NotACertificateAuthority'] : readWarnings(fields),
  };
}

/**
 * Node prints one relative name a line, in the order of the certificate, escaped as RFC 4514 says. RFC 4514 puts the
 * last one first, which brings the common name to the front. Node gives nothing for an empty name.
 */
function oneLine(name: string | undefined): string {
  return escapeForDisplay((name ?? '').split('\n').reverse().join(', '));
}

function readWarnings(fields: CertificateFields): CertificateWarning[] {
  const warnings: CertificateWarning[] = [];
  // Roots of version 1 cannot say that they are authorities; being self-issued has to do.
  const authority = fields.version === 1 ? fields.selfIssued : fields.authority;
  if (!authority) warnings.push('NotACertificateAuthority');
  // Of a self-signed root nobody checks the signature; it is said all the same, because it dates the root.
  if (isWeakSignature(fields.signature)) warnings.push('WeakSignatureAlgorithm');
  if (fields.rsaBits !== undefined && fields.rsaBits < MIN_RSA_BITS) warnings.push('WeakKey');
  if (fields.negativeSerialNumber) warnings.push('NegativeSerialNumber');
  return warnings;
}
