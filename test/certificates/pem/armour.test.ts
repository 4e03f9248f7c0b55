import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { armourParts } from '../../../src/certificates/pem/armour.ts';

const kinds = (text: string): string[] => [...armourParts(text)].map((part) => part.kind);

describe('armourParts', () => {
  it.each([
    ['x', ['text']],
    ['-----BEGIN A-----x-----END A-----', ['block']],
    ['t-----BEGIN A-----x-----END A-----t', ['text', 'block', 'text']],
    ['-----BEGIN A-----x-----END A----------BEGIN A-----x-----END A-----', ['block', 'block']],
    ['-----BEGIN A-----x-----BEGIN A-----x-----END A-----', ['unclosed', 'block']],
    ['-----BEGIN A-----x-----END B-----', ['unclosed']],
    ['-----BEGIN A-----x', ['unclosed']],
    ['------BEGIN A-----x-----END A-----', ['text', 'block']],
    ['-----BEGIN A-----x-----END A-------BEGIN B', ['block', 'text']],
    ['x-----END A-----', ['unopened']],
    ['#-----BEGIN A-----\n # \t-----END A-----', ['text']],
    ['x # -----BEGIN A-----x-----END A-----', ['text', 'block']],
    ['-----BEGIN -----', ['text']],
    ['-----BEGIN  A-----', ['text']],
    ['-----BEGIN A -----', ['text']],
    ['-----BEGIN A\n-----', ['text']],
    ['-----BEGIN A----', ['text']],
    ['----BEGIN A-----', ['text']],
    [`-----BEGIN ${'A'.repeat(65)}-----`, ['text']],
  ])('splits %j into %j', (text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });

  it('leaves nothing out and takes nothing twice', () => {
    const unit = fc.constantFrom(
      '-----',
      '-',
      'BEGIN ',
      'END ',
      'A',
      'B',
      '\n',
      ' ',
      '#',
      '-----BEGIN A-----',
      '-----END A-----',
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 40 }), (units) => {
        const text = units.join('');
        const parts = [...armourParts(text)];
        expect(parts.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });
});
