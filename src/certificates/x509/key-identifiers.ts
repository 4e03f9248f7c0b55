import { OCTET_STRING, childrenOf, contentHex, readElementAt } from '../der.ts';
import type { DerElement } from '../der.ts';

const SUBJECT_KEY = '551d0e'; // 2.5.29.14
const AUTHORITY_KEY = '551d23'; // 2.5.29.35
const EXTENSIONS = 0xa3;
const KEY_IDENTIFIER = 0x80;
const MOST_EXTENSIONS = 256;
/** One wrong character of base64 changes two bytes at most. */
const DAMAGED_BYTES = 2;

/**
 * True where a certificate states that another key signed it, as a self-issued one does after a key rollover (RFC 4210, section
 * 4.4). Identifiers that differ only by a damaged character count as the same key.
 */
export function namesAnotherKey(der: Buffer): boolean {
  const values = extensionsOf(der);
  const subject = readValue(der, values.get(SUBJECT_KEY));
  const authority = readValue(der, values.get(AUTHORITY_KEY));
  const [identifier] = (authority && childrenOf(der, authority, 1)) ?? [];
  if (subject?.tag !== OCTET_STRING || identifier?.tag !== KEY_IDENTIFIER) return false;
  const [own, signer] = [der.subarray(subject.content, subject.end), der.subarray(identifier.content, identifier.end)];
  if (own.length !== signer.length) return true;
  return own.filter((byte, index) => byte !== signer[index]).length > DAMAGED_BYTES;
}

function readValue(der: Buffer, value: DerElement | undefined): DerElement | undefined {
  return value && readElementAt(der, value.content, value.end);
}

function extensionsOf(der: Buffer): ReadonlyMap<string, DerElement> {
  const outer = readElementAt(der, 0);
  const [tbs] = (outer && childrenOf(der, outer, 1)) ?? [];
  const field = ((tbs && childrenOf(der, tbs, 10)) ?? []).find(({ tag }) => tag === EXTENSIONS);
  const [list] = (field && childrenOf(der, field, 1)) ?? [];
  const values = new Map<string, DerElement>();
  for (const extension of (list && childrenOf(der, list, MOST_EXTENSIONS)) ?? []) {
    const parts = childrenOf(der, extension, 3) ?? [];
    const [oid, value] = [parts[0], parts.at(-1)];
    if (oid !== undefined && value?.tag === OCTET_STRING) values.set(contentHex(der, oid), value);
  }
  return values;
}
