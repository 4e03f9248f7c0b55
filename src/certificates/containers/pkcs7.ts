import { MAX_SOURCE_BYTES, MAX_SOURCE_CERTIFICATES } from '../limits.ts';
import { TAG, childrenOf, hasTag, oidOf, parse, write } from './asn1.ts';
import type { Node } from './asn1.ts';

/** The certificates of a container, each in DER and in the order of the container, or why there are none. */
export type ContainerReading =
  | { readonly kind: 'certificates'; readonly certificates: readonly Buffer[] }
  /** `message`: the fault and its fix, for people; it begins in lower case. */
  | { readonly kind: 'problem'; readonly message: string };

const SIGNED_DATA = '1.2.840.113549.1.7.2';
const ENVELOPED_DATA = '1.2.840.113549.1.7.3';
/** One more than a source may hold, so that its reader sees that there are too many. */
const MOST = MAX_SOURCE_CERTIFICATES + 1;

const DAMAGED =
  'the PKCS#7 bundle is damaged, or has far more in it than certificates: export it again, or extract its certificates with "openssl pkcs7 -print_certs -in FILE", with "-inform DER" for a binary file';
const ENCRYPTED = 'the PKCS#7 bundle is encrypted: export the certificates without encryption';
const NONE = 'the PKCS#7 bundle has no certificates: export it again with the certificates of the authorities';

/**
 * Reads the certificates of a PKCS#7 bundle (RFC 2315, RFC 5652) in DER or BER, which must be all of `bytes`. Signatures are not
 * verified: a bundle of certificates has none. node-forge reads the bundle, and not the certificates, whose keys it knows only where
 * they are RSA; nor does its `messageFromAsn1` take part, which refuses a bundle for one certificate with an ECDSA key.
 */
export function readPkcs7(bytes: Buffer): ContainerReading {
  if (bytes.length > MAX_SOURCE_BYTES) return problem(DAMAGED);
  const message = parse(bytes);
  const [type, wrapper] = childrenOf(message);
  switch (hasTag(message, TAG.sequence) ? oidOf(type) : undefined) {
    case undefined:
      return problem(DAMAGED);
    case SIGNED_DATA:
      return certificatesOf(bytes, childrenOf(wrapper)[0]);
    case ENVELOPED_DATA:
      return problem(ENCRYPTED);
    default:
      return problem(NONE);
  }
}

/** Reads version, digests, content, certificates, revocation lists, signers (RFC 5652, section 5.1). */
function certificatesOf(bytes: Buffer, signed: Node | undefined): ContainerReading {
  const fields = childrenOf(signed);
  if (!hasTag(fields[0], TAG.integer) || !hasTag(fields[1], TAG.set)) return problem(DAMAGED);
  const set = childrenOf(fields.find((field) => hasTag(field, TAG.context0)));
  const certificates: Buffer[] = [];
  let from = 0;
  // Attribute certificates have other tags (RFC 5652, section 10.2.2).
  for (const member of set.filter((each) => hasTag(each, TAG.sequence)).slice(0, MOST)) {
    const certificate = write(member);
    // What is not in the bundle byte for byte is another certificate, with another fingerprint.
    from = bytes.indexOf(certificate, from);
    if (from === -1) return problem(DAMAGED);
    certificates.push(certificate);
    from += certificate.length;
  }
  return certificates.length === 0 ? problem(NONE) : { kind: 'certificates', certificates };
}

function problem(message: string): ContainerReading {
  return { kind: 'problem', message };
}
