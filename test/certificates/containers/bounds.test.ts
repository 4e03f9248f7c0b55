import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MOST_DEPTH, isBounded } from '../../../src/certificates/containers/bounds.ts';
import { parse } from '../../../src/certificates/containers/asn1.ts';

const nested = (depth: number) => '3080'.repeat(depth) + '0000'.repeat(depth);

describe('isBounded', () => {
  it.each([
    ['an empty SEQUENCE', '3000', true],
    ['a primitive', '020105', true],
    ['no bytes', '', false],
    ['a tag alone', '30', false],
    ['bytes behind it', '300000', false],
    ['an element that ends after its parent', '3003020205ff', false],
    ['a length that says more than there is', '308200ff00', false],
    ['a length of one digit more than it needs, which BER allows', '30820003020105', true],
    ['a length of five digits', '30850000000003020105', false],
    ['a length that is cut', '3082', false],
    ['a tag of two bytes', '3f8101020105', false],
    ['a primitive without a length', '048001020000', false],
    ['an element without a length', '30800201050000', true],
    ['one of them in a parent that ends before its end is marked', '300530800201050000', false],
    ['one of them without a mark', '3080020105', false],
    ['a mark in an element that has a length', '30020000', true],
    ['one as deep as may be', nested(MOST_DEPTH), true],
    ['one that is deeper', nested(MOST_DEPTH + 1), false],
  ])('%s', (_, hex, expected) => {
    expect(isBounded(Buffer.from(hex, 'hex'))).toBe(expected);
  });

  it('lets through nothing that the parser does not end with, and nothing that is too deep for it', () => {
    const byte = fc.oneof(fc.constantFrom(0x30, 0x31, 0x80, 0xa0, 0, 1, 2, 3, 4, 0x24, 0x1e), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => {
        const data = Buffer.from(bytes);
        if (parse(data) !== undefined) expect(isBounded(data)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
