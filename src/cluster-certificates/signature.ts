import type { KeyObject, X509Certificate } from 'node:crypto';

/** Keys that OpenSSL verifies a signature with in a short time. */
const KEYS: ReadonlySet<string> = new Set(['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448']);
const LONGEST_RSA_BITS = 8192;
/** OpenSSL takes exponents as long as the modulus, and needs a second for some. */
const LARGEST_EXPONENT = 2n ** 64n;

/**
 * True where the key of `authority` made the signature of `certificate`. Names do not count: the old and the new CA of an AKS cluster
 * have the same one, `CN=ca`. False also where the key cannot be used.
 */
export function isSignedBy(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    const { publicKey } = authority;
    return isQuick(publicKey) && certificate.verify(publicKey);
  } catch {
    // A key that OpenSSL cannot read verifies nothing.
    return false;
  }
}

function isQuick({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength = 0, publicExponent = 0n, namedCurve } = asymmetricKeyDetails ?? {};
  if (!KEYS.has(asymmetricKeyType ?? '')) return false;
  if (asymmetricKeyType === 'ec') return namedCurve !== undefined;
  return modulusLength <= LONGEST_RSA_BITS && publicExponent < LARGEST_EXPONENT;
}
