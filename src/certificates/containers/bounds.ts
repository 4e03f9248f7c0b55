/** Deepest nesting in a container. Certificates in a signed message have some 12 levels. */
export const MOST_DEPTH = 32;
/** Most elements in a container: 64 certificates have 10,000. */
const MOST_ELEMENTS = 50_000;

const CONSTRUCTED = 0x20;
const INDEFINITE = 0x80;

/** An element that is open: its content ends at `end` at the latest; `marked`: two zero bytes end it. */
interface Open {
  readonly end: number;
  readonly marked: boolean;
}

/**
 * True for one element of DER or BER (X.690, section 8.1) that is all of `bytes`, with bounded depth and count, tags of one byte, and
 * lengths inside their parents. Asked before a recursive parser is given bytes from outside; takes linear time and no recursion.
 */
export function isBounded(bytes: Buffer): boolean {
  const open: Open[] = [];
  let at = 0;
  let elements = 0;
  do {
    const parent = open.at(-1);
    const limit = parent?.end ?? bytes.length;
    if (parent?.marked === true && at + 2 <= limit && bytes.readUInt16BE(at) === 0) {
      open.pop();
      at += 2;
    } else {
      const header = readHeader(bytes, at, limit);
      if (header === undefined || ++elements > MOST_ELEMENTS) return false;
      if (header.constructed) {
        open.push({ end: header.end, marked: header.marked });
        if (open.length > MOST_DEPTH) return false;
      }
      at = header.constructed ? header.content : header.end;
    }
    while (open.at(-1)?.marked === false && open.at(-1)?.end === at) open.pop();
  } while (open.length > 0);
  return at === bytes.length;
}

function readHeader(bytes: Buffer, at: number, limit: number) {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || at + 2 > limit || (tag & 0x1f) === 0x1f) return undefined;
  const constructed = (tag & CONSTRUCTED) !== 0;
  if (first === INDEFINITE) return constructed ? { constructed, content: at + 2, end: limit, marked: true } : undefined;
  const digits = first > INDEFINITE ? first - INDEFINITE : 0;
  const content = at + 2 + digits;
  if (digits > 4 || content > limit) return undefined;
  const end = content + (digits === 0 ? first : bytes.readUIntBE(at + 2, digits));
  return end <= limit ? { constructed, content, end, marked: false } : undefined;
}
