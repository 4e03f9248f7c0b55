import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readBase64 } from '../../../src/certificates/pem/base64.ts';

/** RFC 4648, section 4, said as a regular expression, but for the bits that must be zero. */
const GRAMMAR = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function isStrict(text: string): boolean {
  const data = text.replace(/[ \t\n\v\f\r]/g, '');
  return GRAMMAR.test(data) && Buffer.from(data, 'base64').toString('base64') === data;
}

describe('readBase64', () => {
  it('gives back what was encoded, however it is wrapped', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 80 }),
        fc.boolean(),
        (bytes, width, framed) => {
          const canonical = Buffer.from(bytes).toString('base64');
          const wrapped = (canonical.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\n');
          const reading = readBase64(framed ? `\n${wrapped}\n` : wrapped);
          expect(reading).toEqual({ kind: 'bytes', bytes: Buffer.from(bytes), canonical });
        },
      ),
    );
  });

  it('takes exactly what is strict base64 between blanks', () => {
    // Few characters and lines of three make near misses of the wrapped layout likely.
    const unit = fc.constantFrom('A', 'B', 'Q', '=', '-', '_', '!', '\n', '\n', ' ', '\r', '\u00a0', '中', '\u0141');
    const wrapped = fc.string({ unit, maxLength: 24 }).map((text) => `\n${text.replace(/.{3}/g, '$&\n')}\n`);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit, maxLength: 12 }), wrapped), (text) => {
        expect([text, readBase64(text).kind]).toEqual([text, isStrict(text) ? 'bytes' : 'bad']);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    ['a character', 'QUJD!UVG', { offset: 4, reason: 'character' }],
    ['base64url', 'QUJD\nQU-_', { offset: 7, reason: 'character' }],
    ['a character whose lower byte is in the alphabet', 'QUJD\u0141UJD', { offset: 4, reason: 'character' }],
    ['padding in the middle', 'QQ==QUJD', { offset: 2, reason: 'padding' }],
    ['too much padding', 'QUI==', { offset: 4, reason: 'padding' }],
    ['three paddings', 'Q===', { offset: 3, reason: 'padding' }],
    ['missing padding', 'QUJDQQ', { offset: 5, reason: 'padding' }],
    ['a lost character', 'QUJDQ', { offset: 4, reason: 'length' }],
    ['surplus bits', 'QUJDQR==', { offset: 5, reason: 'bits' }],
    ['surplus bits before a blank', 'QUJDQ R \n==', { offset: 6, reason: 'bits' }],
  ])('says where %s is', (_, text, fault) => {
    expect(readBase64(text)).toEqual({ kind: 'bad', ...fault });
  });
});
