import type { KeyObject } from 'node:crypto';

const LEAST_BITS = 2048;
/** The time of a signature grows with the cube of this, and handshakes are signed on the only thread: 16384 bits take seconds. */
const MOST_BITS = 8192;
/** OpenSSL's names of the curves. */
const CURVES = new Set(['prime256v1', 'secp384r1', 'secp521r1']);

/** The accepted keys, in words for people. */
export const KEYS_TAKEN = 'RSA of 2048 to 8192 bits, P-256, P-384, P-521 and Ed25519 are accepted';

/**
 * The reason why a public or private key cannot be used for TLS, for people; undefined when it can. Call it before anything is
 * signed or verified with the key: reading a key is cheap at any size.
 */
export function keyProblem(key: KeyObject): string | undefined {
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details = {} } = key;
  switch (type) {
    case 'rsa': {
      const { modulusLength: bits = 0, publicExponent = 0n } = details;
      if (bits < LEAST_BITS || bits > MOST_BITS) return `it is RSA of ${bits} bits`;
      // With a larger exponent, verifying takes as long as signing.
      if (publicExponent >= 2n ** 32n) return 'it is RSA with a public exponent of more than 32 bits';
      return key.type === 'private' && !isInProportion(key, bits)
        ? 'its primes are larger than those of its size'
        : undefined;
    }
    case 'ec': {
      const curve = details.namedCurve ?? 'unnamed';
      return CURVES.has(curve) ? undefined : `it is of the elliptic curve ${curve}`;
    }
    case 'ed25519':
      return undefined;
    default:
      return `it is of type ${type}`;
  }
}

/** Signing works modulo the primes, which may be as large as the modulus: eight times the time. */
function isInProportion(key: KeyObject, bits: number): boolean {
  const { p, q, dp, dq, qi } = parts(key);
  const most = bits / 16 + 8;
  return [p, q, dp, dq, qi].every((part) => part !== undefined && Buffer.from(part, 'base64url').length <= most);
}

/** Undefined for a key with more than two primes. */
function parts(key: KeyObject) {
  try {
    return key.export({ format: 'jwk' });
  } catch {
    return {};
  }
}
