import { KubernetesError } from '../error.ts';
import { type JsonLimits, jsonProblem } from './json-limits.ts';
import type { Meter } from './read-budget.ts';

/**
 * Splits a byte stream at line feeds; empty lines are left out.
 *
 * @param maxBytes a longer line ends the stream with a {@link KubernetesError} `TooLarge`: a server that never ends a
 *   line must not fill the memory
 * @param limits a line that exceeds them ends the stream likewise; default: none
 * @param meter counts what is kept of a line that has not ended; default: it is not counted
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  limits?: JsonLimits,
  meter?: Meter,
): AsyncGenerator<string> {
  const begun = new Bytes(maxBytes);
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      checkLength(begun.length + end - start, maxBytes);
      await meter?.grow(begun.missing(end - start));
      const line = begun.take(chunk.subarray(start, end));
      start = end + 1;
      meter?.clear();
      if (line.length > 0) yield textOf(line, limits);
    }
    checkLength(begun.length + chunk.length - start, maxBytes);
    await meter?.grow(begun.missing(chunk.length - start));
    begun.add(chunk.subarray(start));
  }
  if (begun.length > 0) yield textOf(begun.take(), limits);
}

/** Decoded only as a whole, because chunks may split a character. */
function textOf(line: Buffer, limits: JsonLimits | undefined): string {
  const problem = limits && jsonProblem(line, limits);
  if (problem !== undefined) throw new KubernetesError(0, 'TooLarge', `a line of the stream is refused: ${problem}`);
  return line.toString('utf8');
}

function checkLength(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new KubernetesError(0, 'TooLarge', `a line of the stream exceeds ${maxBytes} bytes`);
}

/**
 * Reads a whole body.
 *
 * @param meter counts what is held of it; default: it is not counted
 * @throws KubernetesError `TooLarge` beyond `maxBytes`, and where the meter gives it up
 */
export async function readBytes(chunks: AsyncIterable<Uint8Array>, maxBytes: number, meter?: Meter): Promise<Buffer> {
  const body = new Bytes(maxBytes);
  for await (const chunk of chunks) {
    if (body.length + chunk.length > maxBytes)
      throw new KubernetesError(0, 'TooLarge', `the answer exceeds ${maxBytes} bytes`);
    await meter?.grow(body.missing(chunk.length));
    body.add(chunk);
  }
  return body.take();
}

/** Bytes in one buffer, however they arrive: a list of one-byte chunks would take a hundred times their size. */
class Bytes {
  #buffer = Buffer.alloc(0);
  #length = 0;
  readonly #most: number;

  /** @param most largest number of bytes */
  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.#length;
  }

  /** Bytes to allocate before this many can be added. */
  missing(bytes: number): number {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return 0;
    return Math.max(needed, Math.min(2 * this.#buffer.length, this.#most)) - this.#buffer.length;
  }

  add(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    const missing = this.missing(chunk.length);
    if (missing > 0) {
      const larger = Buffer.allocUnsafe(this.#buffer.length + missing);
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = needed;
  }

  /** All bytes, with these at the end. They are valid until the next call of `add`, and the buffer is empty then. */
  take(last: Uint8Array = Buffer.alloc(0)): Buffer {
    if (this.#length === 0) return Buffer.from(last.buffer, last.byteOffset, last.byteLength);
    this.add(last);
    const all = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
    return all;
  }
}
