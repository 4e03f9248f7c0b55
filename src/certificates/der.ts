/** One element of DER: its tag, and the offsets of its content in the bytes it was read from. */
export interface DerElement {
  readonly tag: number;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

export const BOOLEAN = 0x01;
export const INTEGER = 0x02;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const NULL = 0x05;
export const OBJECT_IDENTIFIER = 0x06;
export const SEQUENCE = 0x30;
export const SET = 0x31;

/**
 * Reads the header of the element at `start`, or nothing if there is none: one-byte tags and definite, minimal lengths
 * only (X.690, section 10.1), and all of it before `limit`. With `limit` infinite, `end` may lie beyond the bytes.
 */
export function readElementAt(bytes: Buffer, start: number, limit: number = bytes.length): DerElement | undefined {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  let content = start + 2;
  let length = first;
  if (first >= 0x80) {
    const size = first & 0x7f;
    if (size === 0 || size > 4) return undefined;
    length = 0;
    for (let digit = 0; digit < size; digit++) {
      const byte = bytes[content++];
      if (byte === undefined) return undefined;
      length = length * 256 + byte;
    }
    if (length < 0x80 || length < 256 ** (size - 1)) return undefined;
  }
  const end = content + length;
  return end <= limit ? { tag, start, content, end } : undefined;
}

/** The elements inside `parent`, in order, at most `most`; undefined if one of those that were read does not fit. */
export function childrenOf(bytes: Buffer, parent: DerElement, most: number): DerElement[] | undefined {
  const children: DerElement[] = [];
  for (let at = parent.content; at < parent.end && children.length < most;) {
    const child = readElementAt(bytes, at, parent.end);
    if (child === undefined) return undefined;
    children.push(child);
    at = child.end;
  }
  return children;
}

/** Content as hexadecimal digits: how object identifiers are compared here. */
export function contentHex(bytes: Buffer, element: DerElement): string {
  return bytes.toString('hex', element.content, element.end);
}
