import { describe, expect, it } from '@jest/globals';
import { BAD_PEM, MINUTE } from '../harness/build.ts';
import { condition, passesFor, put, reasonOf, rootsOf, sentBy, worldOf } from '../harness/follow.ts';

const some = { a: [[0, 1], { allowEmpty: false }] } as const;

describe('an object of which no certificate is left', () => {
  it.each([
    ['an empty list', []],
    ['one entry that does not read, under another name', { other: BAD_PEM }],
    ['one entry that does not read, under the old name', { ca: BAD_PEM }],
  ] as const)('keeps what it has in the cluster without allowEmpty: %s', async (_, entries) => {
    const world = worldOf(some);
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', entries, { allowEmpty: false, invalidCertificates: 'Skip', generation: 2 });
    expect(sentBy(await passesFor(world, 60 * MINUTE))).toEqual([]);
    expect(rootsOf(world)).toEqual([0, 1]);
    expect(condition(world, 'a', 'Applied')).toMatchObject({ status: 'False', reason: 'WouldRemoveAll' });
    expect(condition(world, 'a', 'Applied')?.message).toContain('spec.allowEmpty');
    expect(condition(world, 'a', 'Stalled')?.status).toBe('True');
  });

  it('gives them up with allowEmpty, and then wants nothing', async () => {
    const world = worldOf(some);
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', [], { allowEmpty: true });
    expect(sentBy(await passesFor(world, 60 * MINUTE))).toHaveLength(1);
    expect(rootsOf(world)).toEqual([]);
    expect(condition(world, 'a', 'Ready')).toMatchObject({ status: 'True', reason: 'NothingWanted' });
  });

  it('wants nothing from the beginning without allowEmpty', async () => {
    const world = worldOf({ a: [[], { allowEmpty: false }] });
    await passesFor(world, 20 * MINUTE);
    expect(condition(world, 'a', 'Ready')).toMatchObject({ status: 'True', reason: 'NothingWanted' });
  });

  it('holds no other object back', async () => {
    const world = worldOf({ ...some, b: [2] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', [], { allowEmpty: false });
    put(world, 'b', [3]);
    await passesFor(world, 60 * MINUTE);
    expect(rootsOf(world)).toEqual([0, 1, 3]);
    expect(reasonOf(world, 'b', 'Ready')).toBe('Trusted');
  });

  it('keeps it also where so many objects name it that the record has no room for the name of this one', async () => {
    const crowd = Object.fromEntries(Array.from({ length: 18 }, (_, n) => [`o${10 + n}`, [0]] as const));
    const world = worldOf({ ...crowd, never: [[], { allowEmpty: false }] });
    await passesFor(world, 20 * MINUTE);
    const names = world.record?.slots?.[0]?.namedBy ?? [];
    const lost = Object.keys(crowd).find((name) => !names.includes(`team/${name}/ca`))!;
    put(world, lost, { ca: BAD_PEM }, { allowEmpty: false, invalidCertificates: 'Skip' });
    for (const ms of [5 * MINUTE, 60 * MINUTE]) {
      await passesFor(world, ms);
      expect(condition(world, lost, 'Applied')).toMatchObject({ status: 'False', reason: 'WouldRemoveAll' });
    }
    for (const name of Object.keys(crowd)) if (name !== lost) put(world, name, [1]);
    await passesFor(world, 60 * MINUTE);
    expect(rootsOf(world).sort()).toEqual([0, 1]);
    expect(reasonOf(world, 'never', 'Ready')).toBe('NothingWanted');
    put(world, lost, [], { allowEmpty: true });
    await passesFor(world, 60 * MINUTE);
    expect([rootsOf(world), reasonOf(world, lost, 'Ready')]).toEqual([[1], 'NothingWanted']);
  });

  it('may go from two certificates to one', async () => {
    const world = worldOf(some);
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', [1], { allowEmpty: false });
    await passesFor(world, 60 * MINUTE);
    expect(rootsOf(world)).toEqual([1]);
  });

  it('still takes them out when it is deleted with Remove', async () => {
    const world = worldOf(some);
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', [], { allowEmpty: false });
    await passesFor(world, 5 * MINUTE);
    put(world, 'a', [], { allowEmpty: false, deleting: true, deletionPolicy: 'Remove' });
    await passesFor(world, 60 * MINUTE);
    expect([rootsOf(world), world.objects.size]).toEqual([[], 0]);
  });
});
