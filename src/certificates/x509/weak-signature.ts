import type { AlgorithmIdentifier } from './certificate-fields.ts';
import { childrenOf, contentHex, readElementAt } from '../der.ts';
import type { DerElement } from '../der.ts';

/** Signature algorithms that rest on MD2, MD4, MD5 or SHA-1: content of the object identifier in hexadecimal. */
const WEAK: ReadonlySet<string> = new Set([
  '2a864886f70d010102', // 1.2.840.113549.1.1.2 md2WithRSAEncryption
  '2a864886f70d010103', // 1.2.840.113549.1.1.3 md4WithRSAEncryption
  '2a864886f70d010104', // 1.2.840.113549.1.1.4 md5WithRSAEncryption
  '2a864886f70d010105', // 1.2.840.113549.1.1.5 sha1WithRSAEncryption
  '2b0e030203', // 1.3.14.3.2.3 md5WithRSA
  '2b0e03020d', // 1.3.14.3.2.13 dsaWithSHA
  '2b0e03021b', // 1.3.14.3.2.27 dsaWithSHA1
  '2b0e03021d', // 1.3.14.3.2.29 sha1WithRSA
  '2a8648ce380403', // 1.2.840.10040.4.3 dsa-with-sha1
  '2a8648ce3d0401', // 1.2.840.10045.4.1 ecdsa-with-SHA1
]);

const RSASSA_PSS = '2a864886f70d01010a'; // 1.2.840.113549.1.1.10
const SHA1 = '2b0e03021a'; // 1.3.14.3.2.26
const HASH_PARAMETER = 0xa0;

/** RSASSA-PSS names its hash in the parameters, and means SHA-1 when it does not (RFC 4055, section 3.1). */
export function isWeakSignature({ oid, parameters }: AlgorithmIdentifier): boolean {
  if (oid !== RSASSA_PSS) return WEAK.has(oid);
  const hash = firstChild(parameters, readElementAt(parameters, 0));
  if (hash?.tag !== HASH_PARAMETER) return true;
  const name = firstChild(parameters, firstChild(parameters, hash));
  return name === undefined || contentHex(parameters, name) === SHA1;
}

function firstChild(bytes: Buffer, parent: DerElement | undefined): DerElement | undefined {
  return parent && childrenOf(bytes, parent, 1)?.[0];
}
