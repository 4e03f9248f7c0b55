/** Bytes, or the first character that is wrong: its offset in the text and why. */
export type Base64Reading =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly canonical: string }
  | { readonly kind: 'bad'; readonly offset: number; readonly reason: Base64Fault };

/** `character`: not of the alphabet. `padding`: `=` missing, misplaced or too many. `length`: cut short. `bits`: the last character says more than its bytes hold. */
export type Base64Fault = 'character' | 'padding' | 'length' | 'bits';

const BLANKS = /[ \t\n\v\f\r]+/g;
const PADDING = 0x3d;

/**
 * Strict base64 (RFC 4648, section 4) with ASCII blanks anywhere. Node's decoder skips what it does not know, takes
 * base64url as well, and of characters beyond U+00FF only the lower byte; so encoding its result again must give the
 * same characters. `bytes` is that result, where it is at hand.
 */
export function readBase64(text: string, bytes: Buffer = Buffer.from(text, 'base64')): Base64Reading {
  const canonical = bytes.toString('base64');
  if (canonical === text || canonical === text.replace(BLANKS, '')) {
    return { kind: 'bytes', bytes, canonical };
  }
  return { kind: 'bad', ...findFault(text) };
}

function findFault(text: string): { offset: number; reason: Base64Fault } {
  let digits = 0;
  let padding = 0;
  let firstPadding = -1;
  let last = 0;
  let lastDigit = 0;
  for (let offset = 0; offset < text.length; offset++) {
    const code = text.charCodeAt(offset);
    if (isBlank(code)) continue;
    if (code === PADDING) {
      if (firstPadding === -1) firstPadding = offset;
      padding++;
      if (padding > 2) return { offset, reason: 'padding' };
    } else if (!isDigit(code)) {
      return { offset, reason: 'character' };
    } else if (padding > 0) {
      return { offset: firstPadding, reason: 'padding' };
    } else {
      digits++;
      lastDigit = offset;
    }
    last = offset;
  }
  if (digits % 4 === 1) return { offset: last, reason: 'length' };
  if ((digits + padding) % 4 !== 0) return { offset: last, reason: 'padding' };
  return { offset: lastDigit, reason: 'bits' };
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function isDigit(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2f;
}
