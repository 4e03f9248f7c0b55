import type Forge from 'node-forge';
import { MOST_DEPTH, isBounded } from './bounds.ts';
import { forge } from './forge.ts';

/** An element as node-forge reads it. Texts of it have one character a byte. */
export type Node = Forge.asn1.Asn1;

/** Tags of elements; the first byte of DER, without the bit that says that there are elements inside. */
export const TAG = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x10, set: 0x11, context0: 0x80 } as const;

/** Longest object identifier that is read, in bytes; those of containers have at most 11. */
const LONGEST_OID = 32;

/** Reads one element with all that is inside; undefined where it is beyond the bounds, or where bytes are left. */
export function parse(bytes: Buffer): Node | undefined {
  if (!isBounded(bytes)) return undefined;
  try {
    // Bits stay bits: a guess at what they hold would cost time and make no difference.
    return forge().asn1.fromDer(bytes.toString('latin1'), { decodeBitStrings: false, maxDepth: MOST_DEPTH + 2 });
  } catch {
    return undefined;
  }
}

/** True for an element of that tag, one of {@link TAG}. */
export function hasTag(node: Node | undefined, tag: number): node is Node {
  return node !== undefined && (node.tagClass | node.type) === tag;
}

/** The elements inside; none in an element without. */
export function childrenOf(node: Node | undefined): readonly Node[] {
  return Array.isArray(node?.value) ? node.value : [];
}

/** An object identifier in digits and dots; undefined for anything else. */
export function oidOf(node: Node | undefined): string | undefined {
  if (!hasTag(node, TAG.oid) || typeof node.value !== 'string' || node.value.length > LONGEST_OID) return undefined;
  try {
    return forge().asn1.derToOid(node.value);
  } catch {
    return undefined;
  }
}

/** The content of octets, also of octets that BER has in pieces; undefined where a piece is something else. */
export function octetsOf(node: Node | undefined, tag: number = TAG.octets): Buffer | undefined {
  if (!hasTag(node, tag)) return undefined;
  if (typeof node.value === 'string') return Buffer.from(node.value, 'latin1');
  const pieces = node.value.map((piece) => octetsOf(piece));
  return pieces.includes(undefined) ? undefined : Buffer.concat(pieces.filter((piece) => piece !== undefined));
}

/** An INTEGER of 1 to 2^31-1; undefined for anything else. */
export function countOf(node: Node | undefined): number | undefined {
  if (!hasTag(node, TAG.integer) || typeof node.value !== 'string') return undefined;
  const bytes = Buffer.from(node.value, 'latin1');
  if (bytes.length === 0 || bytes.length > 4) return undefined;
  const value = bytes.readIntBE(0, bytes.length);
  return value > 0 ? value : undefined;
}

/** An element in DER. */
export function write(node: Node): Buffer {
  return Buffer.from(forge().asn1.toDer(node).getBytes(), 'latin1');
}
