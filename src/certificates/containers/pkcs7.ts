import { INTEGER, OBJECT_IDENTIFIER, SEQUENCE, SET, childrenOf, contentHex, readElementAt } from '../der.ts';
import type { DerElement } from '../der.ts';
import { MAX_SOURCE_CERTIFICATES } from '../limits.ts';

/** The certificates of a container, each in DER and in the order of the container, or why there are none. */
export type ContainerReading =
  | { readonly kind: 'certificates'; readonly certificates: readonly Buffer[] }
  /** `message`: the fault and its fix, for people; it begins in lower case. */
  | { readonly kind: 'problem'; readonly message: string };

const SIGNED_DATA = '2a864886f70d010702'; // 1.2.840.113549.1.7.2
const ENVELOPED_DATA = '2a864886f70d010703'; // 1.2.840.113549.1.7.3
const CONTEXT_0 = 0xa0;
/** One more than a source may hold, so that its reader sees that there are too many. */
const MOST = MAX_SOURCE_CERTIFICATES + 1;
/** Version, digests, content, certificates, revocation lists, signers (RFC 5652, section 5.1). */
const MOST_FIELDS = 6;

const NOT_DER =
  'the PKCS#7 bundle is damaged, or not in DER: extract its certificates with "openssl pkcs7 -print_certs -in FILE", with "-inform DER" for a binary file';
const ENCRYPTED = 'the PKCS#7 bundle is encrypted: export the certificates without encryption';
const NONE = 'the PKCS#7 bundle has no certificates: export it again with the certificates of the authorities';

/**
 * Reads the certificates of a PKCS#7 bundle (RFC 2315, RFC 5652), which must be all of `der`. Signatures are not verified: a bundle
 * of certificates has none. The time is linear in the number of certificates, and nothing is decoded.
 */
export function readPkcs7(der: Buffer): ContainerReading {
  const outer = readElementAt(der, 0);
  const [type, wrapper] = (outer?.tag === SEQUENCE ? childrenOf(der, outer, 2) : undefined) ?? [];
  if (type?.tag !== OBJECT_IDENTIFIER) return problem(NOT_DER);
  switch (contentHex(der, type)) {
    case SIGNED_DATA:
      return wrapper === undefined ? problem(NOT_DER) : certificatesOf(der, wrapper);
    case ENVELOPED_DATA:
      return problem(ENCRYPTED);
    default:
      return problem(NONE);
  }
}

function certificatesOf(der: Buffer, wrapper: DerElement): ContainerReading {
  const [signed] = childrenOf(der, wrapper, 1) ?? [];
  const fields = signed && childrenOf(der, signed, MOST_FIELDS);
  const [version, digests] = fields ?? [];
  if (fields === undefined || version?.tag !== INTEGER || digests?.tag !== SET) return problem(NOT_DER);
  const set = fields.find(({ tag }) => tag === CONTEXT_0);
  const members = set === undefined ? [] : childrenOf(der, set, MOST);
  if (members === undefined) return problem(NOT_DER);
  // Attribute certificates have other tags (RFC 5652, section 10.2.2).
  const certificates = members.filter(({ tag }) => tag === SEQUENCE).map(({ start, end }) => der.subarray(start, end));
  return certificates.length === 0 ? problem(NONE) : { kind: 'certificates', certificates };
}

function problem(message: string): ContainerReading {
  return { kind: 'problem', message };
}
