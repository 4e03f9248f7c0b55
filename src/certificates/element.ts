import { hash } from 'node:crypto';
import { readBase64 } from './base64.ts';
import type { Certificate } from './certificate.ts';
import { decodeText } from './decode-text.ts';
import { detach } from '../api/detach.ts';
import { isTooLarge, MAX_SOURCE_CERTIFICATES } from './limits.ts';
import { readText } from './read-text.ts';

/**
 * What one element of `securityProfile.customCATrustCertificates` holds. `digest` is the SHA-256 of the element as it
 * stands, in hexadecimal: what names an element that no fingerprint can name.
 */
export type ElementReading =
  | { readonly kind: 'single'; readonly certificate: Certificate }
  | { readonly kind: 'several'; readonly digest: string; readonly certificates: readonly Certificate[] }
  | { readonly kind: 'unreadable'; readonly digest: string; readonly reason: string };

/**
 * Reads an element as a node does: decoded once, the text must hold certificates in PEM. Comments between them and blanks
 * in the base64 do no harm. Throws nothing.
 */
export function readElement(element: string): ElementReading {
  const digest = hash('sha256', element, 'hex');
  const unreadable = (reason: string): ElementReading => ({ kind: 'unreadable', digest, reason });
  if (isTooLarge(element)) return unreadable('it is too large');
  const reading = readBase64(element);
  if (reading.kind === 'bad') return unreadable('it is not base64');
  const certificates: Certificate[] = [];
  // Depth 0: a node does not decode twice, so base64 of base64 installs nothing.
  for (const finding of readText(decodeText(reading.bytes), 0)) {
    if (finding.kind === 'problem') return unreadable(detach(finding.message));
    if (certificates.push(finding.certificate) > MAX_SOURCE_CERTIFICATES)
      return unreadable('it holds too many certificates');
  }
  const [first, second] = certificates;
  if (first === undefined) return unreadable('it is not base64 of a certificate in PEM');
  return second === undefined ? { kind: 'single', certificate: first } : { kind: 'several', digest, certificates };
}
