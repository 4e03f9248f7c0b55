import { X509Certificate } from 'node:crypto';
import { ArmError, spokenError } from '../arm/errors.ts';
import { at, itemsOf, stringOf } from '../json/access.ts';
import type { JsonObject } from '../json/syntax.ts';

const LIST = ['properties', 'securityProfile', 'customCATrustCertificates'] as const;
const MOST = 10;

/** The elements of `properties.securityProfile.customCATrustCertificates`, decoded from JSON; what is not a string is left out. */
export function listOf(model: JsonObject): string[] {
  return itemsOf(at(model, ...LIST)).flatMap((item) => stringOf(item) ?? []);
}

export interface ListValidation {
  /** AKS' own refusals often come without the `error` member around them. */
  readonly unwrapped: boolean;
  /** `exact`: one certificate block and nothing else but a final newline. `lenient`: what Go's pem.Decode takes, text around a block included. */
  readonly pem: 'exact' | 'lenient';
}

/** Throws the 400 that AKS answers to a list it does not take. Elements that are there already are not checked again. */
export function validateList(model: JsonObject, before: readonly string[], { unwrapped, pem }: ListValidation): void {
  const node = at(model, ...LIST);
  if (node === undefined) return;
  const list = listOf(model);
  if (node.kind !== 'array' || list.length !== node.items.length) {
    throw new ArmError(
      400,
      'InvalidRequestContent',
      "The request content was invalid and could not be deserialized: 'SecurityProfile.CustomCATrustCertificates is not a list of strings'.",
    );
  }
  const unique = new Set(list.flatMap(certificatesIn)).size;
  if (list.length > MOST || unique > MOST) {
    throw spokenError('certificate-in-words', {}, { wrapped: !unwrapped });
  }
  for (const element of list) {
    if (!before.includes(element) && !isPem(element, pem)) {
      throw spokenError('certificate-undecodable', {}, { wrapped: !unwrapped });
    }
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n[A-Za-z0-9+/=\s]+\n-----END \1-----/g;

function isPem(element: string, strictness: ListValidation['pem']): boolean {
  if (element === '' || !BASE64.test(element)) return false;
  const text = Buffer.from(element, 'base64').toString('latin1');
  const blocks = [...text.matchAll(BLOCK)];
  if (strictness === 'lenient') return blocks.length > 0;
  const [block] = blocks;
  return (
    block?.[1] === 'CERTIFICATE' &&
    !text.includes('\r') &&
    text.replace(/\n$/, '') === block[0] &&
    certificatesIn(element).length === 1
  );
}

/** SHA-256 fingerprints (lower-case hex of the DER's digest) of every certificate in an element; none where it cannot be read. */
export function certificatesIn(element: string): readonly string[] {
  const known = READ.get(element);
  if (known !== undefined) return known;
  const read = readCertificates(element);
  if (READ.size >= MOST_READ) READ.clear();
  READ.set(element, read);
  return read;
}

/** Parsing is most of what a PUT costs, and the same elements come again and again: in every GET's list, and in many clusters. */
const READ = new Map<string, readonly string[]>();
const MOST_READ = 5000;

function readCertificates(element: string): string[] {
  const text = Buffer.from(element, 'base64').toString('latin1');
  return [...text.matchAll(BLOCK)].flatMap(([block]) => {
    try {
      return new X509Certificate(block).fingerprint256.replaceAll(':', '').toLowerCase();
    } catch {
      return []; // an unreadable certificate is no certificate of the node
    }
  });
}
