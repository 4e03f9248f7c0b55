import { hash } from 'node:crypto';
import { readBase64 } from './pem/base64.ts';
import type { Certificate } from './certificate.ts';
import { decodeText } from './pem/decode-text.ts';
import { detach } from '../api/detach.ts';
import type { Finding } from './finding.ts';
import { isTooLarge, MAX_SOURCE_CERTIFICATES } from './limits.ts';
import { readOnNodes, withoutBlocks } from './nodes/on-nodes.ts';
import type { NodeReading } from './nodes/on-nodes.ts';
import { readText } from './pem/read-text.ts';

/**
 * The content of one element of `securityProfile.customCATrustCertificates`. `digest` is the SHA-256 of the unchanged element, in
 * hexadecimal; it identifies an element that no fingerprint can identify. `certificates` are those that every program on a node
 * finds; everything else is the element's `rest`, and no certificate in the rest counts as part of the list.
 */
export type ElementReading =
  | { readonly kind: 'single'; readonly certificate: Certificate }
  | {
      readonly kind: 'several';
      readonly digest: string;
      readonly certificates: readonly Certificate[];
      readonly rest?: ElementRest;
    }
  | {
      readonly kind: 'unreadable';
      readonly digest: string;
      /** A sentence for people; it quotes no key. */
      readonly reason: string;
      readonly privateKey: boolean;
    };

/** The content of an element besides the certificates that every program on a node finds. */
export interface ElementRest {
  /** An element with the rest alone, which stays when the certificates are removed. */
  readonly element: string;
  /** SHA-256 of that element, in hexadecimal. */
  readonly digest: string;
  /** A sentence for people. */
  readonly reason: string;
}

/** Most findings, good and bad, of one element; the rest of it is not read. */
const MOST_FINDINGS = 256;
/** Only blocks in the common form, which every program on a node reads alike. */
const PLAIN =
  /^(?:-----BEGIN CERTIFICATE-----\r?\n(?:[A-Za-z0-9+/=]{1,128}\r?\n)+-----END CERTIFICATE-----(?:(?:\r?\n)+|$))+$/;
const PRIVATE_KEY_REASON =
  'It contains a private key, and every node has it. Remove this element from the list, and replace the key.';

/**
 * Reads an element as the nodes do: it is decoded once, and a certificate counts where Go, OpenSSL and p11-kit all find it.
 * Comments and blanks that they skip do no harm. Never throws.
 */
export function readElement(element: string): ElementReading {
  const digest = hash('sha256', element, 'hex');
  const unreadable = (reason: string, privateKey = false): ElementReading => ({
    kind: 'unreadable',
    digest,
    reason,
    privateKey,
  });
  if (isTooLarge(element)) return unreadable('It is larger than 1 MiB.');
  const reading = readBase64(element);
  if (reading.kind === 'bad') return unreadable('It is not base64.');
  const found = certificatesOf(decodeText(reading.bytes));
  if (found.kind === 'problem') return unreadable(found.reason, found.privateKey);
  const { certificates } = found;
  const [first, second] = certificates;
  if (first === undefined) return unreadable('It is not base64 of a certificate in PEM.');
  const text = reading.bytes.toString('latin1');
  const whole: ElementReading =
    second === undefined ? { kind: 'single', certificate: first } : { kind: 'several', digest, certificates };
  if (PLAIN.test(text)) return whole;

  const onNodes = readOnNodes(text);
  const common = new Set(onNodes.common.map(fingerprintOf));
  const counted = certificates.filter(({ fingerprint }) => common.has(fingerprint));
  if (counted.length === certificates.length && onNodes.common.length === counted.length) return whole;
  const reason = differenceOf(onNodes, certificates.length);
  const rest = withoutBlocks(text, onNodes.common);
  // Cutting an element apart must not make it hold certificates that it did not hold before.
  if (counted.length === 0 || readOnNodes(rest).common.length > 0) return unreadable(reason);
  const alone = btoa(rest);
  return {
    kind: 'several',
    digest,
    certificates: counted,
    rest: { element: alone, digest: hash('sha256', alone, 'hex'), reason },
  };
}

type Found =
  | { readonly kind: 'certificates'; readonly certificates: readonly Certificate[] }
  | { readonly kind: 'problem'; readonly reason: string; readonly privateKey: boolean };

/** All certificates that any program could find, or the first problem; a private key comes before other problems. */
function certificatesOf(text: string): Found {
  const certificates: Certificate[] = [];
  let problem: Found | undefined;
  let findings = 0;
  // A node does not decode twice, so base64 of base64 installs nothing; and it reads no PKCS#7.
  for (const finding of readText(text, { depth: 0, pkcs7: false })) {
    if (isPrivateKey(finding)) return { kind: 'problem', reason: PRIVATE_KEY_REASON, privateKey: true };
    if (finding.kind === 'problem') {
      const reason = detach(`Line ${finding.line} of its text: ${finding.message}.`);
      problem ??= { kind: 'problem', reason, privateKey: false };
    } else if (certificates.push(finding.certificate) > MAX_SOURCE_CERTIFICATES) {
      return { kind: 'problem', reason: 'It has too many certificates.', privateKey: false };
    }
    if (++findings === MOST_FINDINGS) break;
  }
  return problem ?? { kind: 'certificates', certificates };
}

function isPrivateKey(finding: Finding): boolean {
  return finding.kind === 'problem' && finding.problem === 'PrivateKey';
}

function fingerprintOf({ base64 }: { readonly base64: string }): string {
  return hash('sha256', Buffer.from(base64, 'base64'), 'hex');
}

function differenceOf({ counts: { go, openssl, p11Kit } }: NodeReading, all: number): string {
  return `Not every program on a node finds its certificates (Go ${go} of ${all} certificates, OpenSSL ${openssl}, p11-kit ${p11Kit}). Each BEGIN and END must be alone in its line, with the label CERTIFICATE.`;
}
