import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readBytes, readLines } from '../../../src/kubernetes/client/line-reader.ts';

/** The bytes in pieces of these sizes, in turn. */
async function* inPieces(bytes: Buffer, sizes: readonly number[]) {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function linesOf(bytes: Buffer, sizes: readonly number[]): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(inPieces(bytes, sizes), 1000)) lines.push(line);
  return lines;
}

describe('a body', () => {
  const text = fc.string({ unit: 'grapheme' });
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });

  it('is the same however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(text), sizes, async (parts, cut) => {
        const whole = Buffer.from(parts.join('\n'));
        expect((await readBytes(inPieces(whole, cut), 10_000)).equals(whole)).toBe(true);
        const lines = whole.toString().split('\n');
        expect(await linesOf(whole, cut)).toEqual(lines.filter((line) => line !== ''));
      }),
    );
  });

  it('is given up as soon as a line is too long, however small the pieces that it comes in', async () => {
    let sent = 0;
    async function* long() {
      while (sent < 100_000) {
        sent += 100;
        yield Buffer.alloc(100, 'x');
      }
    }
    const reading = (async () => {
      for await (const line of readLines(long(), 1000)) throw new Error(`not to be seen: ${line}`);
    })();
    await expect(reading).rejects.toMatchObject({ reason: 'TooLarge' });
    expect(sent).toBe(1100);
  });

  it('takes not much more memory than its bytes when it comes byte by byte', async () => {
    const bytes = Buffer.alloc(3 * 2 ** 20, 'x');
    const before = process.memoryUsage().heapUsed;
    let most = 0;
    async function* measured() {
      let count = 0;
      for await (const piece of inPieces(bytes, [1])) {
        yield piece;
        if (++count % 2 ** 18 === 0) most = Math.max(most, process.memoryUsage().heapUsed - before);
      }
    }
    expect(await readBytes(measured(), bytes.length)).toHaveLength(bytes.length);
    // A list of so many pieces has some 300 MiB.
    expect(most).toBeLessThan(120 * 2 ** 20);
  }, 30_000);
});
