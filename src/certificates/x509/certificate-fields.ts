import { hasAuthority } from './authority.ts';
import { INTEGER, SEQUENCE, childrenOf, contentHex, readElementAt } from '../der.ts';
import type { DerElement } from '../der.ts';

/** Fields of a certificate that node:crypto does not give, or not cheaply. */
export interface CertificateFields {
  /** 1, 2 or 3. */
  readonly version: number;
  readonly selfIssued: boolean;
  /** By its extensions; version 1 has none. See {@link hasAuthority}. */
  readonly authority: boolean;
  readonly negativeSerialNumber: boolean;
  readonly signature: AlgorithmIdentifier;
  /** Size of the modulus in bits; absent for keys that are not RSA. */
  readonly rsaBits: number | undefined;
}

export interface AlgorithmIdentifier {
  /** Content of the object identifier, in hexadecimal digits. */
  readonly oid: string;
  /** In DER, with their header; empty if there are none. */
  readonly parameters: Buffer;
}

const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
/** Two unique identifiers may come between key and extensions. */
const MOST_FIELDS = 10;
const RSA_KEYS: ReadonlySet<string> = new Set([
  '2a864886f70d010101', // 1.2.840.113549.1.1.1 rsaEncryption
  '2a864886f70d01010a', // 1.2.840.113549.1.1.10 RSASSA-PSS
]);

/** Reads the fields of a certificate (RFC 5280, section 4.1); nothing if the bytes are not laid out as one. */
export function readCertificateFields(der: Buffer): CertificateFields | undefined {
  const outer = readElementAt(der, 0);
  const [tbs, algorithm] = (outer && childrenOf(der, outer, 2)) ?? [];
  const fields = tbs && childrenOf(der, tbs, MOST_FIELDS);
  const signature = algorithm && readAlgorithm(der, algorithm);
  const first = fields?.[0];
  if (fields === undefined || first === undefined || signature === undefined) return undefined;
  const versioned = first.tag === VERSION;
  const [serial, , issuer, , subject, key] = versioned ? fields.slice(1) : fields;
  if (serial?.tag !== INTEGER || issuer === undefined || subject === undefined || key?.tag !== SEQUENCE) {
    return undefined;
  }
  const extensions = fields.find(({ tag }) => tag === EXTENSIONS);
  return {
    version: versioned ? (der[first.end - 1] ?? 0) + 1 : 1,
    selfIssued: der.compare(der, subject.start, subject.end, issuer.start, issuer.end) === 0,
    authority: extensions !== undefined && hasAuthority(der, extensions),
    negativeSerialNumber: serial.end > serial.content && ((der[serial.content] ?? 0) & 0x80) !== 0,
    signature,
    rsaBits: readRsaBits(der, key),
  };
}

function readAlgorithm(der: Buffer, algorithm: DerElement): AlgorithmIdentifier | undefined {
  const [oid, parameters] = childrenOf(der, algorithm, 2) ?? [];
  if (oid === undefined) return undefined;
  return { oid: contentHex(der, oid), parameters: der.subarray(parameters?.start ?? 0, parameters?.end ?? 0) };
}

function readRsaBits(der: Buffer, key: DerElement): number | undefined {
  const [algorithm, bits] = childrenOf(der, key, 2) ?? [];
  const [oid] = (algorithm && childrenOf(der, algorithm, 1)) ?? [];
  if (oid === undefined || bits === undefined || !RSA_KEYS.has(contentHex(der, oid))) return undefined;
  // The first byte of a BIT STRING counts its unused bits.
  const sequence = readElementAt(der, bits.content + 1, bits.end);
  const [modulus] = (sequence && childrenOf(der, sequence, 1)) ?? [];
  return modulus && bitLength(der.subarray(modulus.content, modulus.end));
}

function bitLength(integer: Buffer): number {
  const first = integer.findIndex((byte) => byte !== 0);
  return first === -1 ? 0 : (integer.length - first) * 8 - (Math.clz32(integer[first] ?? 0) - 24);
}
