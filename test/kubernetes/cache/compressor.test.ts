import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCompressor } from '../../../src/kubernetes/cache/compressor.ts';

/** Texts that have much in common, within and among them, with characters of one to four bytes. */
const pieces = fc.constantFrom('{"name":"certificate-', 'a', '"},', 'ü', '€uro', '🔒🔒', '0123456789'.repeat(30), '');
const texts = fc.array(fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' }))).map((parts) => parts.join('')));

describe('a compressor', () => {
  it('gives every text back as it was, in whatever order they are asked for', () => {
    fc.assert(
      fc.property(texts, (all) => {
        const { compress, expand } = createCompressor();
        const packed = all.map((text) => compress(text));
        const order = all.map((_, place) => place).reverse();
        for (const place of order) expect(expand(packed[place] ?? '')).toBe(all[place]?.toWellFormed());
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['less than a match', 'abc'],
    ['a match that goes on into what it makes', 'ab'.repeat(100_000)],
    ['what has nothing twice', randomBytes(90_000).toString('base64')],
    ['a run of just as many as fit into a token', `${'abcdefghijklmno'}${'abcdefghijklmno'.repeat(2)}`],
    [
      'the same again from further away than can be said',
      `${'x1y2z3w4'.repeat(3)}${randomBytes(60_000).toString('base64')}${'x1y2z3w4'.repeat(3)}`,
    ],
  ])('gives back %s', (_what, text) => {
    const { compress, expand } = createCompressor();
    // The second time, the text is in the memory of what came first.
    for (let time = 0; time < 3; time++) expect(expand(compress(text))).toBe(text);
  });

  it('gives back lengths around every limit of a token', () => {
    const { compress, expand } = createCompressor();
    const noise = randomBytes(1200).toString('base64');
    for (const length of [14, 15, 16, 269, 270, 271, 524, 525, 526]) {
      const text = `${noise.slice(0, length)}${'#'.repeat(length)}${noise.slice(0, length + 4)}`;
      expect(expand(compress(text))).toBe(text);
    }
  });

  it('still reads what it made before it knew more', () => {
    const { compress, expand } = createCompressor();
    const text = (n: number) => JSON.stringify({ n, noise: randomBytes(500).toString('hex'), fixed: 'x'.repeat(50) });
    const all = Array.from({ length: 200 }, (_, n) => text(n));
    const packed = all.map(compress);
    expect(packed.map(expand)).toEqual(all);
  });

  it('makes texts like the first ones a fraction of what the first one came to', () => {
    const { compress } = createCompressor();
    const rows = Array.from({ length: 40 }, () => ({ fingerprint: randomBytes(32).toString('hex'), state: 'Trusted' }));
    const text = (name: string) => JSON.stringify({ metadata: { name }, rows });
    const first = compress(text('first')).length;
    expect(compress(text('second')).length).toBeLessThan(first / 20);
  });

  it('makes a byte of each character of what it returns', () => {
    expect(createCompressor().compress('🔒€ü'.repeat(10))).toMatch(/^[\0-\xff]*$/);
  });
});
