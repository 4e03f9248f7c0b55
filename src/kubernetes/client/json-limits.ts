/** Limits of a JSON text, checked before it is parsed. */
export interface JsonLimits {
  /** Values in all: members, elements, objects and arrays. */
  readonly values: number;
  /** Nesting of objects and arrays. */
  readonly depth: number;
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];

/**
 * The reason why a text must not be parsed, for people; undefined when it may be, and for a text that is no JSON. A parsed value
 * takes many times its bytes: 16 MiB of `[],[],` become 500 MiB. The time is linear, and much shorter than that of the parser,
 * because strings are skipped.
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
