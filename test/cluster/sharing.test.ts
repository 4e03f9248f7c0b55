import { describe, expect, it } from '@jest/globals';
import { BAD_PEM, MINUTE, SECOND } from '../harness/build.ts';
import { passesFor, overwrite, put, reasonOf, rootsOf, sentBy, worldOf } from '../harness/follow.ts';
import type { World } from '../harness/world.ts';

const REMOVE = { deletionPolicy: 'Remove' } as const;
const gone = { deleting: true } as const;
const sends = async (world: World, ms = 30 * MINUTE) => sentBy(await passesFor(world, ms)).length;

describe('a certificate that two objects name', () => {
  it.each([
    ['is edited', {}, []],
    ['is deleted with Remove', { ...REMOVE, ...gone }, [0]],
    ['is deleted with Retain', gone, [0]],
  ] as const)('stays when one of them %s', async (_how, options, entries) => {
    const world = worldOf({ a: [0], b: [0] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', entries, options);
    expect(await sends(world)).toBe(0);
    expect(rootsOf(world)).toEqual([0]);
    expect(world.record?.slots?.[0]?.namedBy).toEqual(['team/b/ca']);
  });

  it.each([
    ['leaves', 'Remove', []],
    ['stays, unmanaged', 'Retain', [0]],
  ] as const)('%s when the last of them is deleted with %s', async (_what, deletionPolicy, left) => {
    const world = worldOf({ a: [0], b: [0] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', [], {});
    await passesFor(world, MINUTE);
    put(world, 'a', [], { ...gone, ...REMOVE });
    put(world, 'b', [0], { ...gone, deletionPolicy });
    await passesFor(world, 30 * MINUTE);
    expect(rootsOf(world)).toEqual(left);
    expect([...world.objects.keys()]).toEqual([]);
  });

  it('stays when its last namer vanishes while the operation of an earlier one is not seen through', async () => {
    const world = worldOf({ b: [5] });
    await world.pass();
    put(world, 'b', []);
    await world.pass();
    put(world, 'a', [5]);
    await world.pass();
    world.objects.delete('team/a');
    await world.pass();
    await world.pass('StaleRead');
    await passesFor(world, 60 * MINUTE);
    expect(rootsOf(world)).toEqual([5]);
  });
});

describe('an object that is renamed', () => {
  it('costs no write, also when the new one comes after the old one began to go', async () => {
    const world = worldOf({ old: [[0], { settleSeconds: 30, ...REMOVE }] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'old', [0], { ...gone, ...REMOVE, settleSeconds: 30 });
    await passesFor(world, 10 * SECOND);
    put(world, 'new', [0], REMOVE);
    expect(await sends(world)).toBe(0);
    expect([...world.objects.keys()]).toEqual(['team/new']);
    expect(reasonOf(world, 'new', 'Ready')).toBe('Trusted');
  });

  it('costs no write when the new one is suspended, or held by a bad certificate', async () => {
    for (const [entries, options] of [
      [[0], { suspend: true }],
      [{ ca: [0], bad: BAD_PEM }, {}],
    ] as const) {
      const world = worldOf({ old: [[0], REMOVE] });
      await passesFor(world, 20 * MINUTE);
      put(world, 'new', entries, options);
      put(world, 'old', [0], { ...gone, ...REMOVE });
      expect(await sends(world)).toBe(0);
      expect(rootsOf(world)).toEqual([0]);
    }
  });
});

describe('an object that is deleted', () => {
  it('with Remove waits for another operation, and then for its own', async () => {
    const world = worldOf({ a: [[0], REMOVE], b: [1] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'b', [1, 2]);
    await passesFor(world, MINUTE);
    put(world, 'a', [0], { ...gone, ...REMOVE });
    await passesFor(world, MINUTE);
    expect(world.objects.has('team/a')).toBe(true);
    expect(await sends(world)).toBe(1);
    expect(rootsOf(world)).toEqual([1, 2]);
    expect(world.objects.has('team/a')).toBe(false);
  });

  it('with Remove waits also where another one leaves the same certificate with it', async () => {
    const world = worldOf({ a: [[0], REMOVE], b: [[0], REMOVE] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', [0], { ...gone, ...REMOVE, settleSeconds: 60 });
    put(world, 'b', [0], { ...gone, ...REMOVE, settleSeconds: 60 });
    await passesFor(world, 50 * SECOND);
    expect(world.objects.size).toBe(2);
    await passesFor(world, 20 * MINUTE);
    expect([world.objects.size, rootsOf(world)]).toEqual([0, []]);
  });

  it('with Remove is let go when its policy becomes Retain while it waits', async () => {
    const world = worldOf({ a: [[0], REMOVE] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', [0], { ...gone, ...REMOVE, settleSeconds: 600 });
    await passesFor(world, MINUTE);
    put(world, 'a', [0], gone);
    expect(await sends(world)).toBe(0);
    expect([world.objects.size, rootsOf(world)]).toEqual([0, [0]]);
  });

  it('with Remove works from the record, whatever its spec has become', async () => {
    const world = worldOf({ a: [[0], REMOVE] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', { bad: BAD_PEM }, { ...gone, ...REMOVE });
    await passesFor(world, 20 * MINUTE);
    expect([world.objects.size, rootsOf(world)]).toEqual([0, []]);
  });

  it('with Remove goes although others contend for the list', async () => {
    const world = worldOf({ a: [[0, 1], REMOVE], b: [2] });
    await passesFor(world, 20 * MINUTE);
    for (let times = 0; times < 3; times++) {
      overwrite(world, 0, 2);
      await passesFor(world, 30 * MINUTE);
    }
    expect(reasonOf(world, 'a', 'Applied')).toBe('Contended');
    put(world, 'a', [0, 1], { ...gone, ...REMOVE });
    await passesFor(world, 30 * MINUTE);
    expect([world.objects.has('team/a'), rootsOf(world)]).toEqual([false, [2]]);
  });

  it('with Retain goes at once, also while its own operation runs, and the record when that is seen through', async () => {
    const world = worldOf({ a: [0] });
    await world.pass();
    put(world, 'a', [0], gone);
    await world.pass();
    expect([world.objects.size, world.record?.operation?.updateTrust?.adds?.[0]?.namedBy]).toEqual([0, undefined]);
    await passesFor(world, 30 * MINUTE);
    expect([world.record, rootsOf(world)]).toEqual([undefined, [0]]);
  });

  it('with Retain leaves its certificates to no object, also when one of its name comes later', async () => {
    const world = worldOf({ a: [0] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'b', [1]);
    put(world, 'a', [0], gone);
    await passesFor(world, MINUTE);
    put(world, 'a', [2], { uid: 'another' });
    await passesFor(world, 60 * MINUTE);
    expect(rootsOf(world)).toEqual([0, 1, 2]);
  });
});

describe('a frozen object', () => {
  it.each([
    ['suspended', [7], { suspend: true }],
    ['held', { ca: [7], bad: BAD_PEM }, {}],
  ] as const)('keeps its share as it is while %s, and the others go on', async (_why, entries, options) => {
    const world = worldOf({ a: [0, 1], b: [1, 2] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', entries, options);
    put(world, 'b', [3]);
    await passesFor(world, 30 * MINUTE);
    expect(rootsOf(world)).toEqual([0, 1, 3]);
    put(world, 'a', [7]);
    await passesFor(world, 30 * MINUTE);
    expect(rootsOf(world)).toEqual([3, 7]);
  });

  it('keeps what it had dropped just before it was suspended', async () => {
    const world = worldOf({ a: [[0], { settleSeconds: 600 }] });
    await passesFor(world, 40 * MINUTE);
    put(world, 'a', [], { settleSeconds: 600 });
    await passesFor(world, MINUTE);
    put(world, 'a', [], { settleSeconds: 600, suspend: true });
    expect(await sends(world)).toBe(0);
    expect(rootsOf(world)).toEqual([0]);
  });
});

describe('a record that is lost', () => {
  it('leaves certificates where they are, and the objects that name them adopt them', async () => {
    const world = worldOf({ a: [0, 1] });
    await passesFor(world, 20 * MINUTE);
    world.record = undefined;
    put(world, 'a', [0]);
    expect(await sends(world)).toBe(0);
    expect(rootsOf(world)).toEqual([0, 1]);
    expect(world.record).toMatchObject({ slots: [{ managed: false, adopted: true }, { managed: false }] });
  });
});

describe('a cluster that was deleted and made again', () => {
  it('gets what the objects want, and nothing of the old one counts', async () => {
    const world = worldOf({ a: [[0], REMOVE] });
    await world.pass();
    world.cluster.recreate(world.now);
    expect(await sends(world)).toBe(1);
    expect(rootsOf(world)).toEqual([0]);
    expect(world.record?.resourceUID).toBe(world.cluster.uid);
  });

  it('lets an object with Remove go whose certificates it never had', async () => {
    const world = worldOf({ a: [[0], REMOVE] });
    await passesFor(world, 20 * MINUTE);
    world.cluster.recreate(world.now);
    put(world, 'a', [0], { ...gone, ...REMOVE });
    expect(await sends(world)).toBe(0);
    expect([world.objects.size, world.record]).toEqual([0, undefined]);
  });
});
