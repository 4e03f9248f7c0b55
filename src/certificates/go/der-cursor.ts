import { BIT_STRING, BOOLEAN, INTEGER, OBJECT_IDENTIFIER, contentHex, readElementAt } from '../der.ts';
import type { DerElement } from '../der.ts';
import { refuse } from './refusal.ts';

const LARGEST_ARC = 2 ** 31;

/**
 * Reads DER from front to back as Go's cryptobyte.String does. Each `take` throws a refusal of `what` where Go's parser
 * fails; bytes after the last element that is taken are not read, as in Go.
 */
export class DerCursor {
  readonly der: Buffer;
  #at: number;
  readonly #end: number;

  constructor(der: Buffer, from: number, end: number) {
    this.der = der;
    this.#at = from;
    this.#end = end;
  }

  get isEmpty(): boolean {
    return this.#at >= this.#end;
  }

  /** True where the next element has this tag. */
  isAt(tag: number): boolean {
    return !this.isEmpty && this.der[this.#at] === tag;
  }

  takeAny(what: string): DerElement {
    const element = readElementAt(this.der, this.#at, this.#end);
    if (element === undefined) return refuse(`${what} cannot be read`);
    this.#at = element.end;
    return element;
  }

  take(tag: number, what: string): DerElement {
    const element = this.takeAny(what);
    return element.tag === tag ? element : refuse(`${what} cannot be read`);
  }

  /** A cursor over the content of the next element. */
  enter(tag: number, what: string): DerCursor {
    return this.inside(this.take(tag, what));
  }

  inside({ content, end }: DerElement): DerCursor {
    return new DerCursor(this.der, content, end);
  }

  takeBoolean(what: string): boolean {
    const { content, end } = this.take(BOOLEAN, what);
    const byte = this.der[content];
    if (end - content !== 1 || (byte !== 0 && byte !== 0xff)) refuse(`${what} has a BOOLEAN that is not DER`);
    return byte !== 0;
  }

  /** Takes an INTEGER of at least one byte and in minimal form. */
  takeInteger(what: string, tag: number = INTEGER): DerElement {
    const element = this.take(tag, what);
    const { content, end } = element;
    const [first, second = 0] = [this.der[content], this.der[content + 1]];
    const padded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
    if (first === undefined || content === end || (end - content > 1 && padded))
      refuse(`${what} is not a number in DER`);
    return element;
  }

  /** Takes an object identifier; returns its content in hexadecimal. */
  takeObjectIdentifier(what: string): string {
    const element = this.take(OBJECT_IDENTIFIER, what);
    if (!this.#hasArcs(element)) refuse(`${what} has a malformed object identifier`);
    return contentHex(this.der, element);
  }

  /** Takes a BIT STRING; returns its used bits, right-aligned in their bytes. */
  takeBits(what: string): Buffer {
    const { content, end } = this.take(BIT_STRING, what);
    const unused = this.der[content] ?? 0;
    const last = end - content > 1 ? (this.der[end - 1] ?? 0) : undefined;
    const fits = last === undefined ? unused === 0 : (last & ((1 << unused) - 1)) === 0;
    if (content === end || unused > 7 || !fits) refuse(`${what} is not a string of bits in DER`);
    return rightAligned(this.der.subarray(content + 1, end), unused);
  }

  /** True where all arcs fit 31 bits and are in minimal form. */
  #hasArcs({ content, end }: DerElement): boolean {
    let arc = 0;
    let isStart = true;
    let bytes = 0;
    for (let at = content; at < end; at++) {
      const byte = this.der[at] ?? 0;
      if ((isStart && byte === 0x80) || ++bytes > 5) return false;
      arc = arc * 128 + (byte & 0x7f);
      if (arc >= LARGEST_ARC) return false;
      isStart = byte < 0x80;
      if (isStart) arc = bytes = 0;
    }
    return isStart && end > content;
  }
}

function rightAligned(bytes: Buffer, unused: number): Buffer {
  if (unused === 0) return bytes;
  return Buffer.from(bytes.map((byte, index) => (byte >> unused) | (((bytes[index - 1] ?? 0) << (8 - unused)) & 0xff)));
}
