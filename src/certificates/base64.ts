/** Bytes, or the first character that is wrong: its offset in the text and why. */
export type Base64Reading =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly canonical: string }
  | { readonly kind: 'bad'; readonly offset: number; readonly reason: Base64Fault };

/** `character`: not of the alphabet. `padding`: `=` missing, misplaced or too many. `length`: cut short. `bits`: the last character says more than its bytes hold. */
export type Base64Fault = 'character' | 'padding' | 'length' | 'bits';

const BLANKS = /[ \t\n\v\f\r]+/g;
const PADDING = 0x3d;
const LINE_FEED = 0x0a;

/**
 * Strict base64 (RFC 4648, section 4) with ASCII blanks anywhere. Node's decoder skips what it does not know and takes
 * base64url as well; here encoding the result again must give the same characters.
 */
export function readBase64(text: string): Base64Reading {
  const bytes = Buffer.from(text, 'base64');
  const canonical = bytes.toString('base64');
  if (canonical === text || isWrapped(text, canonical) || canonical === text.replace(BLANKS, '')) {
    return { kind: 'bytes', bytes, canonical };
  }
  return { kind: 'bad', ...findFault(text) };
}

/**
 * Recognises, without taking the text apart, the usual layout: a line feed, then lines of one length, each with a line
 * feed. The decoder skipped as many characters as there are line feeds, so it skipped nothing else.
 */
function isWrapped(text: string, canonical: string): boolean {
  const width = text.indexOf('\n', 1) - 1;
  if (width < 1 || text.length !== canonical.length + Math.ceil(canonical.length / width) + 1) return false;
  for (let at = 0; at < text.length; at += width + 1) {
    if (text.charCodeAt(at) !== LINE_FEED) return false;
  }
  // What a lenient decoder takes for something else: base64url, and surplus bits in the last character.
  const last = canonical.slice(-4);
  return text.endsWith(`${last}\n`) && !text.includes('-') && !text.includes('_');
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
