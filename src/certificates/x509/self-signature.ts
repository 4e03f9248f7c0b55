import { X509Certificate, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { BIT_STRING, SEQUENCE, childrenOf, contentHex, readElementAt } from '../der.ts';
import type { DerElement } from '../der.ts';

/** Largest public key with which a signature is verified, in bytes: RSA of 8192 bits has 1 KiB. */
const LARGEST_KEY = 2048;
/** OpenSSL takes exponents as long as the modulus, and needs a second for some. */
const LONGEST_RSA_KEY = 1024 + 16;
const RSA = '2a864886f70d010101'; // 1.2.840.113549.1.1.1
const RSASSA_PSS = '2a864886f70d01010a'; // 1.2.840.113549.1.1.10
const EC = '2a8648ce3d0201'; // 1.2.840.10045.2.1
/** Signatures that OpenSSL can verify, and keys that every build of it can read, by object identifier. */
const SIGNATURES: ReadonlySet<string> = new Set([
  ...['05', '0a', '0b', '0c', '0d', '0e'].map((last) => `2a864886f70d0101${last}`), // RSA with SHA-1, PSS, RSA with SHA-2
  '2a8648ce3d0401', // ecdsa-with-SHA1
  ...['01', '02', '03', '04'].map((last) => `2a8648ce3d0403${last}`), // ecdsa-with-SHA224, 256, 384, 512
  '2b6570', // Ed25519
  '2b6571', // Ed448
]);
const KEYS: ReadonlySet<string> = new Set(['rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448']);
/** Curves of FIPS 186: a key on one of them that cannot be read is damaged. */
const CURVES: ReadonlySet<string> = new Set(['2b81040021', '2a8648ce3d030107', '2b81040022', '2b81040023']);

/**
 * True where a self-issued certificate has a signature that its own key did not make, so that one of the two is damaged. False
 * where that cannot be determined: unknown algorithms, and keys that would take long.
 */
export function isDamagedCopy(der: Buffer): boolean {
  const outer = readElementAt(der, 0);
  const [tbs, algorithm, signature] = (outer && childrenOf(der, outer, 3)) ?? [];
  const fields = (tbs && childrenOf(der, tbs, 7)) ?? [];
  const [, inner, , , , key] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
  if (tbs === undefined || algorithm === undefined || signature?.tag !== BIT_STRING) return false;
  if (inner === undefined || key?.tag !== SEQUENCE || key.end - key.start > LARGEST_KEY) return false;
  const oid = oidOf(der, algorithm);
  const isSame = der.compare(der, inner.start, inner.end, algorithm.start, algorithm.end) === 0;
  if (oid === undefined || !isSame || !SIGNATURES.has(oid)) return false;
  const kind = kindOfKey(der, key);
  if (kind === 'slow') return false;
  try {
    const x509 = new X509Certificate(der);
    const { publicKey } = x509;
    if (!KEYS.has(publicKey.asymmetricKeyType ?? '') || x509.verify(publicKey)) return false;
    return oid !== RSASSA_PSS || !isSignedOtherwise(der, tbs, signature, publicKey);
  } catch {
    return kind === 'common';
  }
}

function oidOf(der: Buffer, algorithm: DerElement): string | undefined {
  const [oid] = childrenOf(der, algorithm, 1) ?? [];
  return oid && contentHex(der, oid);
}

function kindOfKey(der: Buffer, key: DerElement): 'common' | 'other' | 'slow' {
  const [algorithm, bits] = childrenOf(der, key, 2) ?? [];
  const [oid, parameters] = (algorithm && childrenOf(der, algorithm, 2)) ?? [];
  if (oid === undefined || bits === undefined) return 'other';
  switch (contentHex(der, oid)) {
    case RSA:
    case RSASSA_PSS:
      return hasShortNumbers(der, bits) ? 'common' : 'slow';
    case EC:
      return parameters !== undefined && CURVES.has(contentHex(der, parameters)) ? 'common' : 'other';
    default:
      return 'other';
  }
}

/** True for a modulus of at most 8192 bits and an exponent of at most 64. */
function hasShortNumbers(der: Buffer, bits: DerElement): boolean {
  const sequence = readElementAt(der, bits.content + 1, bits.end);
  const [modulus, exponent] = (sequence && childrenOf(der, sequence, 2)) ?? [];
  if (modulus === undefined || exponent === undefined) return false;
  return modulus.end - modulus.content <= LONGEST_RSA_KEY && exponent.end - exponent.content <= 8;
}

/** True where only the name of the algorithm is wrong: some authorities write RSASSA-PSS and sign with PKCS#1 v1.5. */
function isSignedOtherwise(der: Buffer, tbs: DerElement, signature: DerElement, key: KeyObject): boolean {
  const [data, made] = [der.subarray(tbs.start, tbs.end), der.subarray(signature.content + 1, signature.end)];
  return (
    key.asymmetricKeyType === 'rsa' && ['sha256', 'sha384', 'sha512'].some((hash) => verify(hash, data, key, made))
  );
}
