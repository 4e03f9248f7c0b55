import {
  BIT_STRING,
  INTEGER,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  SEQUENCE,
  childrenOf,
  contentHex,
  readElementAt,
} from '../der.ts';

/** The apparent kind of bytes in DER, by their outermost elements; named in messages about data that is not a certificate. */
export type DerShape =
  'certificate' | 'request' | 'crl' | 'public-key' | 'private-key' | 'pkcs7' | 'pkcs12' | 'unknown';

/** Names of the kinds in messages. */
export const SHAPE_NAMES: Readonly<Record<DerShape, string>> = {
  certificate: 'a certificate',
  request: 'a certificate request',
  crl: 'a revocation list',
  'public-key': 'a public key',
  'private-key': 'a private key',
  pkcs7: 'a PKCS#7 bundle',
  pkcs12: 'a PKCS#12 file',
  unknown: 'something else',
};

const PKCS7_PREFIX = '2a864886f70d0107'; // 1.2.840.113549.1.7
const CONTEXT_0 = 0xa0;

/** Guesses from structure alone; nothing is decoded or verified. */
export function derShape(bytes: Buffer): DerShape {
  const outer = readElementAt(bytes, 0);
  if (outer?.tag !== SEQUENCE) return 'unknown';
  const [first, second, third] = childrenOf(bytes, outer, 3) ?? [];
  if (first === undefined || second === undefined) return 'unknown';
  switch (first.tag) {
    case OBJECT_IDENTIFIER:
      return second.tag === CONTEXT_0 && contentHex(bytes, first).startsWith(PKCS7_PREFIX) ? 'pkcs7' : 'unknown';
    case INTEGER:
      // PKCS#1: nine INTEGERs. SEC 1: INTEGER, OCTET STRING. PKCS#8: INTEGER, SEQUENCE, OCTET STRING. DSA: six INTEGERs.
      if (second.tag === OCTET_STRING) return 'private-key';
      if (second.tag === INTEGER) return third === undefined ? 'public-key' : 'private-key';
      if (second.tag === SEQUENCE && third?.tag === OCTET_STRING) return 'private-key';
      return second.tag === SEQUENCE ? 'pkcs12' : 'unknown';
    case SEQUENCE:
      // Encrypted PKCS#8: algorithm, OCTET STRING. SubjectPublicKeyInfo: algorithm, BIT STRING.
      if (second.tag === OCTET_STRING) return 'private-key';
      if (second.tag === BIT_STRING) return 'public-key';
      return third?.tag === BIT_STRING ? signedShape(bytes, first.start) : 'unknown';
    default:
      return 'unknown';
  }
}

/** Certificates, requests and revocation lists are all: what is signed, algorithm, signature. */
function signedShape(bytes: Buffer, start: number): DerShape {
  const signed = readElementAt(bytes, start);
  const [first, second, third, fourth] = (signed && childrenOf(bytes, signed, 4)) ?? [];
  if (first?.tag === CONTEXT_0) return 'certificate';
  if (first?.tag !== INTEGER || second?.tag !== SEQUENCE) return 'crl';
  if (fourth?.tag === CONTEXT_0) return 'request';
  // A list has a time third where a version 1 certificate has its issuer and validity.
  return third?.tag === SEQUENCE && fourth?.tag === SEQUENCE ? 'certificate' : 'crl';
}
