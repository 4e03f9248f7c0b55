/**
 * Makes texts of one kind (the JSON of objects that are much alike) small: an LZ77 in the manner of an LZ4 block
 * (github.com/lz4/lz4, doc/lz4_Block_format.md), which copies what was said before from the text itself or from the first
 * texts it was given.
 *
 * Not node:zlib: each of its synchronous calls makes a native context and buffers that live until the next collection,
 * 50 to 100 MB of them while ten thousand objects are listed. This works in two buffers that it keeps, takes half the time
 * and, knowing the first texts, comes to the same size.
 */
export interface Compressor {
  /** A byte a character: a string has no slack and no separate allocation, unlike a buffer. */
  readonly compress: (text: string) => string;
  /** Accepts only the output of this very compressor. */
  readonly expand: (bytes: string) => string;
}

/** A match cannot be further back: its distance has two bytes. */
const MAX_DISTANCE = 65_535;
/** Bytes for the first texts. The rest of the possible distance is for the text itself. */
const MEMORY = 48 * 1024;
const MIN_MATCH = 4;
const HASH_BITS = 14;
/** In a token's half: more follows in bytes of its own. */
const MORE = 15;

export function createCompressor(): Compressor {
  /** The remembered texts, which grow from right to left so that distances stay the same; then the text in work. */
  let work = Buffer.allocUnsafeSlow(MEMORY + 32 * 1024);
  let memoryStart = MEMORY;
  let bytes = Buffer.allocUnsafeSlow(32 * 1024);
  /** Hash of four bytes → where they were last seen in `work`, or -1; without and with the text in work. */
  const remembered = new Int32Array(2 ** HASH_BITS).fill(-1);
  const seen = new Int32Array(2 ** HASH_BITS);

  function fourAt(place: number): number {
    return work[place]! | (work[place + 1]! << 8) | (work[place + 2]! << 16) | (work[place + 3]! << 24);
  }

  function remember(end: number): void {
    const length = end - MEMORY;
    if (length > memoryStart) return;
    const start = memoryStart - length;
    work.copy(work, start, MEMORY, end);
    for (let place = start; place < memoryStart; place++) {
      const hash = hashOf(fourAt(place));
      if (remembered[hash]! === -1) remembered[hash] = place;
    }
    memoryStart = start;
  }

  function putMore(at: number, rest: number): number {
    for (; rest >= 255; rest -= 255) bytes[at++] = 255;
    bytes[at++] = rest;
    return at;
  }

  /** Writes the bytes without a match, then (except at the end) the match that lies `distance` back. */
  function put(at: number, from: number, to: number, distance: number, length: number): number {
    const fresh = to - from;
    const found = distance === 0 ? 0 : length - MIN_MATCH;
    bytes[at++] = (Math.min(fresh, MORE) << 4) | Math.min(found, MORE);
    if (fresh >= MORE) at = putMore(at, fresh - MORE);
    // Most runs are shorter than a call of `copy` is worth.
    for (let place = from; place < to; place++) bytes[at++] = work[place]!;
    if (distance === 0) return at;
    bytes[at++] = distance & 255;
    bytes[at++] = distance >> 8;
    return found >= MORE ? putMore(at, found - MORE) : at;
  }

  function more(at: number): { readonly at: number; readonly rest: number } {
    let rest = 0;
    for (;;) {
      const byte = bytes[at++]!;
      rest += byte;
      if (byte < 255) return { at, rest };
    }
  }

  function reserve(end: number): void {
    if (work.length < end) work = grown(work, end);
  }

  return {
    compress(text) {
      const end = MEMORY + Buffer.byteLength(text);
      reserve(end);
      work.write(text, MEMORY);
      // The worst is all literals.
      const worst = end - MEMORY + (end - MEMORY) / 255 + 16;
      if (bytes.length < worst) bytes = Buffer.allocUnsafeSlow(Math.ceil(worst));
      seen.set(remembered);
      let at = 0;
      let from = MEMORY;
      let place = MEMORY;
      while (place + MIN_MATCH <= end) {
        const four = fourAt(place);
        const hash = hashOf(four);
        let match = seen[hash]!;
        seen[hash] = place;
        if (match === -1 || place - match > MAX_DISTANCE || fourAt(match) !== four) {
          place++;
          continue;
        }
        const distance = place - match;
        while (place > from && match > memoryStart && work[place - 1] === work[match - 1]) {
          place--;
          match--;
        }
        let length = MIN_MATCH;
        while (place + length < end && work[place + length] === work[match + length]) length++;
        at = put(at, from, place, distance, length);
        // Every other place: nearly as much is found, in less time.
        for (let inner = place + 2; inner < Math.min(place + length, end - MIN_MATCH); inner += 2) {
          seen[hashOf(fourAt(inner))] = inner;
        }
        place += length;
        from = place;
      }
      at = put(at, from, end, 0, 0);
      const packed = bytes.toString('latin1', 0, at);
      remember(end);
      return packed;
    },
    expand(packed) {
      const { length } = packed;
      if (bytes.length < length) bytes = Buffer.allocUnsafeSlow(length);
      bytes.write(packed, 'latin1');
      let end = MEMORY;
      for (let at = 0; ;) {
        const token = bytes[at++]!;
        let fresh = token >> 4;
        if (fresh === MORE) {
          const longer = more(at);
          at = longer.at;
          fresh += longer.rest;
        }
        reserve(end + fresh);
        for (const stop = at + fresh; at < stop;) work[end++] = bytes[at++]!;
        if (at >= length) return work.toString('utf8', MEMORY, end);
        const distance = bytes[at]! | (bytes[at + 1]! << 8);
        at += 2;
        let found = token & MORE;
        if (found === MORE) {
          const longer = more(at);
          at = longer.at;
          found += longer.rest;
        }
        const stop = end + found + MIN_MATCH;
        reserve(stop);
        // One by one: a match may go on into what it makes.
        for (; end < stop; end++) work[end] = work[end - distance]!;
      }
    },
  };
}

/** Knuth's multiplicative hash, as LZ4 has it. */
function hashOf(four: number): number {
  return Math.imul(four, -1_640_531_535) >>> (32 - HASH_BITS);
}

function grown(buffer: Buffer, atLeast: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(atLeast * 2);
  buffer.copy(larger);
  return larger;
}
