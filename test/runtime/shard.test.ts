import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isOfShard, leaseNameOf, parseShard, shardOf } from '../../src/runtime/shard.ts';

const idOf = (n: number) =>
  `/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/Fleet/providers/Microsoft.ContainerService/managedClusters/aks-${n}`;

describe('a shard', () => {
  it.each([
    ['1/1', { index: 1, count: 1 }],
    ['2/5', { index: 2, count: 5 }],
    ['100/100', { index: 100, count: 100 }],
  ])('is read from %s', (text, shard) => {
    expect(parseShard(text)).toEqual(shard);
  });

  it.each([
    '',
    '0/3',
    '4/3',
    '1/0',
    '1/101',
    '101/101',
    '2',
    '2/',
    '/5',
    '-1/3',
    '1/3/5',
    ' 1/3',
    '01/3',
    '1/3\n',
    '1.5/3',
    '1e1/20',
    '١/٣',
  ])('is not %j', (text) => {
    expect(parseShard(text)).toBeUndefined();
  });

  it('has a lease of its own', () => {
    expect(leaseNameOf('aks-ca-trust', { index: 2, count: 5 })).toBe('aks-ca-trust-shard-2-of-5');
    expect(leaseNameOf('aks-ca-trust', undefined)).toBe('aks-ca-trust');
  });
});

describe('a key', () => {
  it('is of exactly one shard, whatever its case', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.integer({ min: 1, max: 100 }), (key, count) => {
        const owners = Array.from({ length: count }, (_, index) => ({ index: index + 1, count })).filter((shard) =>
          isOfShard(key, shard),
        );
        expect(owners).toEqual([{ index: shardOf(key.toUpperCase(), count), count }]);
      }),
    );
  });

  // Another hash would let two versions of the program work on one cluster during an update.
  it('is of the shard that it has always been of', () => {
    expect([1, 2, 3, 4, 5, 6].map((n) => shardOf(idOf(n), 5))).toEqual([4, 3, 1, 2, 2, 4]);
    expect(shardOf(idOf(1), 100)).toBe(29);
  });

  it('leaves no shard out and gives none much more than its share', () => {
    const counts = new Array<number>(10).fill(0);
    for (let n = 0; n < 10_000; n++) counts[shardOf(idOf(n), 10) - 1]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(900);
    expect(Math.max(...counts)).toBeLessThan(1100);
  });
});
