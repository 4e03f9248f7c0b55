/** Limits of a JSON text, checked before it is parsed. */
export interface JsonLimits {
  /** Values in all: members, elements, objects and arrays. */
  readonly values: number;
  /** Objects and arrays in each other. */
  readonly depth: number;
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];

/**
 * Why a text is not to be parsed, for people; undefined when it may be, also where it is no JSON. A parsed value takes many times
 * its bytes: 16 MiB of `[],[],` become 500 MiB. Linear, and much cheaper than the parse: strings are skipped.
 */
export function jsonProblem(bytes: Buffer, limits: JsonLimits): string | undefined {
  let values = 0;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
    } else if (byte === 0x5b || byte === 0x7b) {
      values++;
      if (++depth > limits.depth) return `it is nested more than ${limits.depth} deep`;
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--;
    } else if (byte === COMMA) {
      values++;
    }
    if (values > limits.values) return `it has more than ${limits.values} values`;
  }
  return undefined;
}

/** Position of the quote that ends the string, or the end of the text. */
function endOfString(bytes: Buffer, start: number): number {
  for (let end = bytes.indexOf(QUOTE, start + 1); end !== -1; end = bytes.indexOf(QUOTE, end + 1)) {
    let first = end;
    while (bytes[first - 1] === BACKSLASH) first--;
    if ((end - first) % 2 === 0) return end;
  }
  return bytes.length;
}
