import { KubernetesError } from './error.ts';

/**
 * Splits a byte stream at line feeds; empty lines are left out.
 *
 * @param maxBytes a longer line ends the stream with a {@link KubernetesError} `TooLarge`: a server that never ends a
 *   line must not fill the memory
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      checkLength(length + end - start, maxBytes);
      parts.push(chunk.subarray(start, end));
      start = end + 1;
      // Decoded only whole: a character may be cut in two by the chunks.
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      if (line !== '') yield line;
    }
    parts.push(chunk.subarray(start));
    length += chunk.length - start;
    checkLength(length, maxBytes);
  }
  const rest = Buffer.concat(parts).toString('utf8');
  if (rest !== '') yield rest;
}

function checkLength(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) throw new KubernetesError(0, 'TooLarge', `a line of the stream exceeds ${maxBytes} bytes`);
}

/**
 * Reads a whole body.
 *
 * @throws KubernetesError `TooLarge` beyond `maxBytes`
 */
export async function readText(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length > maxBytes) throw new KubernetesError(0, 'TooLarge', `the answer exceeds ${maxBytes} bytes`);
  }
  return Buffer.concat(parts).toString('utf8');
}
