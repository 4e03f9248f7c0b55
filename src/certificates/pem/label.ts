import type { CertificateProblemKind } from '../certificate.ts';
import { escapeForDisplay } from '../../api/display.ts';
import { PRIVATE_KEY_MESSAGE } from '../finding.ts';

/** RFC 7468, section 5.1, lets the two old labels stand for the same thing. */
const CERTIFICATE_LABELS: ReadonlySet<string> = new Set(['CERTIFICATE', 'X509 CERTIFICATE', 'X.509 CERTIFICATE']);

const REQUEST = 'a certificate request: paste the certificate that the authority issued for it';
const PUBLIC_KEY = 'a public key: paste the certificate it belongs to';
const BUNDLE = 'a PKCS#7 bundle: extract its certificates with "openssl pkcs7 -print_certs -in FILE"';
const BUNDLE_LABELS: ReadonlySet<string> = new Set(['PKCS7', 'PKCS #7 SIGNED DATA', 'CMS']);

const REFUSED: ReadonlyMap<string, string> = new Map([
  ['CERTIFICATE REQUEST', REQUEST],
  ['NEW CERTIFICATE REQUEST', REQUEST],
  ['PUBLIC KEY', PUBLIC_KEY],
  ['RSA PUBLIC KEY', PUBLIC_KEY],
  ['EC PUBLIC KEY', PUBLIC_KEY],
  ['SSH2 PUBLIC KEY', PUBLIC_KEY],
  ['X509 CRL', 'a revocation list: paste the certificate of its issuer'],
  [
    'TRUSTED CERTIFICATE',
    'OpenSSL\'s own form of a certificate: convert it with "openssl x509 -in FILE -out FILE.pem"',
  ],
  ...[...BUNDLE_LABELS].map((label) => [label, BUNDLE] as const),
]);

export function isCertificateLabel(label: string): boolean {
  return CERTIFICATE_LABELS.has(label);
}

/** Labels of a PKCS#7 bundle (RFC 7468, sections 8 and 9), which may hold certificates. */
export function isPkcs7Label(label: string): boolean {
  return BUNDLE_LABELS.has(label);
}

/** Labels of all kinds of private keys, encrypted or not, including PGP and SSH. */
export function isPrivateKeyLabel(label: string): boolean {
  return label.toUpperCase().includes('PRIVATE KEY');
}

/** Labels that are recognised in a misspelt line. */
export function isKnownLabel(label: string): boolean {
  return isCertificateLabel(label) || REFUSED.has(label) || isPrivateKeyLabel(label);
}

/** The problem of a block with this label, which is not read. */
export function refuseLabel(label: string): { problem: CertificateProblemKind; message: string } {
  if (isPrivateKeyLabel(label)) return { problem: 'PrivateKey', message: PRIVATE_KEY_MESSAGE };
  const message =
    REFUSED.get(label) ?? `"${escapeForDisplay(label, 64)}" instead of CERTIFICATE: only certificates can be used`;
  return { problem: 'NotACertificate', message };
}
