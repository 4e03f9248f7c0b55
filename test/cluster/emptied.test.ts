import { describe, expect, it } from '@jest/globals';
import { BAD_PEM, MINUTE } from './build.ts';
import { condition, lookFor, put, reasonOf, rootsOf, sentBy, worldOf } from './follow.ts';

const some = { a: [[0, 1], { allowEmpty: false }] } as const;

describe('an object of which no certificate is left', () => {
  it.each([
    ['an empty list', []],
    ['one entry that does not read, under another name', { other: BAD_PEM }],
    ['one entry that does not read, under the old name', { ca: BAD_PEM }],
  ] as const)('keeps what it has in the cluster without allowEmpty: %s', (_, entries) => {
    const world = worldOf(some);
    lookFor(world, 20 * MINUTE);
    put(world, 'a', entries, { allowEmpty: false, invalidCertificates: 'Skip', generation: 2 });
    expect(sentBy(lookFor(world, 60 * MINUTE))).toEqual([]);
    expect(rootsOf(world)).toEqual([0, 1]);
    expect(condition(world, 'a', 'Applied')).toMatchObject({ status: 'False', reason: 'WouldRemoveAll' });
    expect(condition(world, 'a', 'Applied')?.message).toContain('spec.allowEmpty');
    expect(condition(world, 'a', 'Stalled')?.status).toBe('True');
  });

  it('gives them up with allowEmpty, and then wants nothing', () => {
    const world = worldOf(some);
    lookFor(world, 20 * MINUTE);
    put(world, 'a', [], { allowEmpty: true });
    expect(sentBy(lookFor(world, 60 * MINUTE))).toHaveLength(1);
    expect(rootsOf(world)).toEqual([]);
    expect(condition(world, 'a', 'Ready')).toMatchObject({ status: 'True', reason: 'NothingWanted' });
  });

  it('wants nothing from the beginning without allowEmpty', () => {
    const world = worldOf({ a: [[], { allowEmpty: false }] });
    lookFor(world, 20 * MINUTE);
    expect(condition(world, 'a', 'Ready')).toMatchObject({ status: 'True', reason: 'NothingWanted' });
  });

  it('holds no other object back', () => {
    const world = worldOf({ ...some, b: [2] });
    lookFor(world, 20 * MINUTE);
    put(world, 'a', [], { allowEmpty: false });
    put(world, 'b', [3]);
    lookFor(world, 60 * MINUTE);
    expect(rootsOf(world)).toEqual([0, 1, 3]);
    expect(reasonOf(world, 'b', 'Ready')).toBe('Trusted');
  });

  it('may go from two certificates to one', () => {
    const world = worldOf(some);
    lookFor(world, 20 * MINUTE);
    put(world, 'a', [1], { allowEmpty: false });
    lookFor(world, 60 * MINUTE);
    expect(rootsOf(world)).toEqual([1]);
  });

  it('still takes them out when it is deleted with Remove', () => {
    const world = worldOf(some);
    lookFor(world, 20 * MINUTE);
    put(world, 'a', [], { allowEmpty: false });
    lookFor(world, 5 * MINUTE);
    put(world, 'a', [], { allowEmpty: false, deleting: true, deletionPolicy: 'Remove' });
    lookFor(world, 60 * MINUTE);
    expect([rootsOf(world), world.objects.size]).toEqual([[], 0]);
  });
});
