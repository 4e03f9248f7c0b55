import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';

/** A certificate of the pool that histories draw from. */
export interface PoolCertificate {
  readonly pem: string;
  /** SHA-256 of its DER, as the API writes it. */
  readonly fingerprint: string;
  /** Its element of the cluster's list. */
  readonly element: string;
}

const SIZE = 14;

/** The shortest of Mozilla's roots that outlive every history. What is known of them is read here, not by src. */
export const POOL: readonly PoolCertificate[] = [...rootCertificates]
  .sort((a, b) => a.length - b.length)
  .map((text) => ({ text, certificate: new X509Certificate(text) }))
  .filter(({ certificate }) => Date.parse(certificate.validTo) > Date.parse('2030-01-01'))
  .slice(0, SIZE)
  .map(({ certificate }) => {
    const lines = certificate.raw.toString('base64').match(/.{1,64}/g) ?? [];
    const pem = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    return { pem, fingerprint, element: btoa(pem) };
  });

export const BAD_PEM = '-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n';

const BY_TEXT = new Map(POOL.map(({ pem, fingerprint }) => [pem.replace(/\s/g, ''), fingerprint]));
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** Certificates in a text, and whether there is something in it that is none. */
export function readPem(text: string): { readonly fingerprints: readonly string[]; readonly bad: boolean } {
  const found = (text.match(BLOCK) ?? []).map((block) => BY_TEXT.get(block.replace(/\s/g, '')));
  return { fingerprints: found.filter((one) => one !== undefined), bad: found.includes(undefined) };
}

const elements = new Map<string, readonly string[]>();

/** Fingerprints in an element of the list; none of what cannot be read. */
export function readElement(element: string): readonly string[] {
  const known = elements.get(element);
  if (known) return known;
  if (elements.size > 10_000) elements.clear();
  const { fingerprints, bad } = readPem(atob(element));
  const read = bad ? [] : fingerprints;
  elements.set(element, read);
  return read;
}

export function fingerprintsIn(list: readonly string[]): ReadonlySet<string> {
  return new Set(list.flatMap(readElement));
}

/** The number of a certificate in the pool, for people. */
export function nameOf(fingerprint: string): string {
  return `#${POOL.findIndex((one) => one.fingerprint === fingerprint)}`;
}
