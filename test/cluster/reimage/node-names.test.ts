import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isLaterName, packNames, readNames } from '../../../src/cluster/reimage/node-names.ts';

const name = (index: string) => `aks-system-12345678-vmss${index.padStart(6, '0')}`;
const numbered = (count: number, step: number) =>
  Array.from({ length: count }, (_, index) => name((index * step).toString(36)));

describe('names of machines', () => {
  it.each([
    [name('a'), name('9'), true],
    [name('10'), name('z'), true],
    [name('9'), name('9'), false],
    [name('9'), name('a'), false],
    ['aks-system-12345678-vm10', 'aks-system-12345678-vm9', true],
    ['aks-system-12345678-vm9', 'aks-system-12345678-vm10', false],
  ])('%s is later than %s: %s', (one, other, later) => {
    expect(isLaterName(one, other)).toBe(later);
  });
});

describe('names in one text', () => {
  it.each([
    ['a run of numbers, over all digits', numbered(40, 1), 'aks-system-12345678-vmss0000 00..13'],
    [
      'numbers with gaps, in any order',
      [name('7'), ...numbered(3, 1), name('9'), name('8')],
      'aks-system-12345678-vmss00000 0..2 7..9',
    ],
    ['one name', [name('5')], 'aks-system-12345678-vmss00000 5'],
    ['names of another length', ['pool-9', 'pool-10', 'pool-11'], 'pool- 9 10..11'],
    ['names of a pool that was made anew', ['aks-a-1-vmss0', 'aks-a-2-vmss0'], 'aks-a- 1-vmss0 2-vmss0'],
    ['none', [], ''],
  ])('are short: %s', (_what, names, text) => {
    expect(packNames(names)).toBe(text);
  });

  it('are read as those that were there, and no others', () => {
    const names = fc.array(
      fc.tuple(fc.constantFrom('aks-a-1-vmss', 'aks-a-2-vmss', 'n-'), fc.nat(90), fc.constantFrom(2, 6)),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(names, names, (some, others) => {
        const spell = ([stem, number, width]: (typeof some)[number]) => stem + number.toString(36).padStart(width, '0');
        const there = new Set(some.map(spell));
        const isThere = readNames(packNames([...there]));
        for (const one of [...there, ...others.map(spell)]) expect([one, isThere(one)]).toEqual([one, there.has(one)]);
      }),
    );
  });

  it('are some thousands of characters at most for a thousand nodes', () => {
    expect(packNames(numbered(1000, 1)).length).toBeLessThan(50);
    expect(packNames(numbered(1000, 2)).length).toBeLessThan(6000);
  });
});
