import { escapeForDisplay } from '../../api/display.ts';
import type { CertificateWarning } from '../certificate.ts';
import { readCertificateFields } from './certificate-fields.ts';
import type { CertificateFields } from './certificate-fields.ts';
import { goObjection } from '../go/go-objection.ts';
import { namesAnotherKey } from './key-identifiers.ts';
import { isDamagedCopy } from './self-signature.ts';
import { isWeakSignature } from './weak-signature.ts';

/** Warnings about a readable certificate that do not depend on the time. */
export interface CertificateFindings {
  readonly warnings: readonly CertificateWarning[];
  /** Reasons for warnings whose names do not explain them: whole sentences, escaped. */
  readonly concerns: readonly string[];
}

/** Shortest RSA key without a warning (NIST SP 800-131A; what the CA/Browser Forum asks of roots). */
const MIN_RSA_BITS = 2048;
const LONGEST_CONCERN = 512;
const NO_AUTHORITY =
  'It may not sign certificates: perhaps it is the certificate of a server. Use the certificate of the authority that issued it.';
const DAMAGED =
  'Its own signature does not verify: this copy is damaged, or it is not the certificate that it names. Export it again from its source.';

/** Finds all warnings about a certificate, given in canonical PEM. */
export function findWarnings(pem: string): CertificateFindings {
  const der = Buffer.from(pem.slice(pem.indexOf('\n'), pem.lastIndexOf('\n-')), 'base64');
  const fields = readCertificateFields(der);
  // OpenSSL reads more than DER. A certificate that only it can read is not shown to be an authority.
  const warnings: CertificateWarning[] = fields === undefined ? ['NotACertificateAuthority'] : warningsOf(fields);
  const concerns: string[] = warnings.includes('NotACertificateAuthority') ? [NO_AUTHORITY] : [];
  const objection = goObjection(der);
  if (objection !== undefined) {
    // A negative serial number has a warning of its own.
    if (fields?.negativeSerialNumber !== true) warnings.push('UnusableByGo');
    concerns.push(
      `Go programs (containerd, the kubelet) do not use it: ${objection}. Use a certificate without that if nodes need it to pull images.`,
    );
  }
  if (fields?.selfIssued === true && !namesAnotherKey(der) && isDamagedCopy(der)) {
    warnings.push('DamagedCopy');
    concerns.push(DAMAGED);
  }
  return { warnings, concerns: concerns.map((concern) => escapeForDisplay(concern, LONGEST_CONCERN)) };
}

function warningsOf(fields: CertificateFields): CertificateWarning[] {
  const warnings: CertificateWarning[] = [];
  // Roots of version 1 have no extensions, so a self-issued one counts as an authority.
  const authority = fields.version === 1 ? fields.selfIssued : fields.authority;
  if (!authority) warnings.push('NotACertificateAuthority');
  // The signature of a self-signed root is not checked; the warning shows the age of the root.
  if (isWeakSignature(fields.signature)) warnings.push('WeakSignatureAlgorithm');
  if (fields.rsaBits !== undefined && fields.rsaBits < MIN_RSA_BITS) warnings.push('WeakKey');
  if (fields.negativeSerialNumber) warnings.push('NegativeSerialNumber');
  return warnings;
}
