import { X509Certificate } from 'node:crypto';
import { KEYS_TAKEN, keyProblem } from '../../kubernetes/auth/key-strength.ts';

export type CertificatesResult =
  | { readonly ok: true; readonly certificates: readonly X509Certificate[] }
  /** The fault, as the end of a sentence. It quotes nothing of the text. */
  | { readonly ok: false; readonly message: string };

/** Characters. A bundle of AKS has two certificates; a ConfigMap has at most a million. */
const LONGEST = 256 * 1024;
/** Certificates of one bundle: each is compared with each leaf. */
const MOST = 16;
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The certificates in PEM text from a target's API server or a kubeconfig. A certificate whose key would be costly to verify with is
 * refused, as it is for a connection.
 */
export function certificatesIn(pem: string): CertificatesResult {
  if (pem.length > LONGEST) return fault(`it is longer than ${LONGEST} characters`);
  const blocks = pem.match(BLOCK) ?? [];
  if (blocks.length === 0) return fault('it has no certificate in PEM');
  if (blocks.length > MOST) return fault(`it has more than ${MOST} certificates`);
  const certificates: X509Certificate[] = [];
  for (const block of blocks) {
    const certificate = readCertificate(block);
    if (certificate === undefined) return fault('it has a certificate that cannot be read');
    const problem = keyProblem(certificate.publicKey);
    if (problem !== undefined) return fault(`it has a certificate whose key is refused: ${problem}; ${KEYS_TAKEN}`);
    certificates.push(certificate);
  }
  return { ok: true, certificates };
}

/** Undefined for a certificate that OpenSSL cannot read, or whose key it does not know. */
function readCertificate(block: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(block);
    return certificate.publicKey.asymmetricKeyType === undefined ? undefined : certificate;
  } catch {
    return undefined;
  }
}

function fault(message: string): CertificatesResult {
  return { ok: false, message };
}
