import { KubernetesError } from './error.ts';
import { type JsonLimits, jsonProblem } from './json-limits.ts';

/**
 * Splits a byte stream at line feeds; empty lines are left out.
 *
 * @param maxBytes a longer line ends the stream with a {@link KubernetesError} `TooLarge`: a server that never ends a
 *   line must not fill the memory
 * @param limits a line that exceeds them ends the stream likewise; default: none
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  limits?: JsonLimits,
): AsyncGenerator<string> {
  const begun = new Bytes();
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      checkLength(begun.length + end - start, maxBytes);
      const line = begun.take(chunk.subarray(start, end));
      start = end + 1;
      if (line.length > 0) yield textOf(line, limits);
    }
    checkLength(begun.length + chunk.length - start, maxBytes);
    begun.add(chunk.subarray(start));
  }
  if (begun.length > 0) yield textOf(begun.take(), limits);
}

/** Decoded only whole: a character may be cut in two by the chunks. */
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
 * @throws KubernetesError `TooLarge` beyond `maxBytes`
 */
export async function readBytes(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer> {
  const body = new Bytes();
  for await (const chunk of chunks) {
    if (body.length + chunk.length > maxBytes)
      throw new KubernetesError(0, 'TooLarge', `the answer exceeds ${maxBytes} bytes`);
    body.add(chunk);
  }
  return body.take();
}

/** Bytes in one piece, however they come: a list of chunks of one byte would take a hundred times their size. */
class Bytes {
  #buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = needed;
  }

  /** All bytes and the last ones, which are good until the next call of `add`; none are left. */
  take(last: Uint8Array = Buffer.alloc(0)): Buffer {
    if (this.#length === 0) return Buffer.from(last.buffer, last.byteOffset, last.byteLength);
    this.add(last);
    const all = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
    return all;
  }
}
