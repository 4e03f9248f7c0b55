import { SEQUENCE, SET, childrenOf, contentHex, readElementAt, type DerElement } from '../../certificates/der.ts';

/** 2.5.4.3 */
const COMMON_NAME = '550403';
const [UTF8_STRING, PRINTABLE_STRING] = [0x0c, 0x13];
/** Attributes of a subject name; one of a kubelet has two. */
const MOST_ATTRIBUTES = 16;
/** A request with a key of RSA 8192 bits has some 2 KiB. */
const LONGEST_REQUEST = 16 * 1024;

/**
 * The common name that a certificate signing request asks for; undefined for bytes that are no request (RFC 2986), and for a subject
 * without exactly one common name. The signature of the request is not checked: an API server accepts only requests whose is right.
 *
 * @param request `spec.request` of a CertificateSigningRequest: PEM in base64
 */
export function requestedCommonName(request: string): string | undefined {
  if (request.length > LONGEST_REQUEST) return undefined;
  const pem = Buffer.from(request, 'base64').toString('latin1');
  const [, body] = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([A-Za-z0-9+/=\s]*)-----END/.exec(pem) ?? [];
  if (body === undefined) return undefined;
  const der = Buffer.from(body, 'base64');
  const outer = readElementAt(der, 0);
  const [info] = (outer && childrenOf(der, outer, 1)) ?? [];
  const [, subject] = (info && childrenOf(der, info, 2)) ?? [];
  if (subject?.tag !== SEQUENCE) return undefined;
  const names = (childrenOf(der, subject, MOST_ATTRIBUTES) ?? []).flatMap((set) => commonNamesOf(der, set));
  return names.length === 1 ? names[0] : undefined;
}

function commonNamesOf(der: Buffer, set: DerElement): string[] {
  if (set.tag !== SET) return [];
  return (childrenOf(der, set, MOST_ATTRIBUTES) ?? []).flatMap((attribute) => {
    const [oid, value] = childrenOf(der, attribute, 2) ?? [];
    if (oid === undefined || value === undefined || contentHex(der, oid) !== COMMON_NAME) return [];
    if (value.tag !== UTF8_STRING && value.tag !== PRINTABLE_STRING) return [];
    return [der.toString('utf8', value.content, value.end)];
  });
}
