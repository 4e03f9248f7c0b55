import { describe, expect, it } from '@jest/globals';
import { HOUR, MINUTE, SECOND } from '../harness/build.ts';
import { condition, passesFor, overwrite, put, reasonOf, rootsOf, sentBy, worldOf } from '../harness/follow.ts';
import type { World } from '../harness/world.ts';

const sends = async (world: World, ms: number) => sentBy(await passesFor(world, ms)).length;

describe('a write that ARM refuses', () => {
  it.each([
    ['Policy', 'DisallowedByPolicy', HOUR],
    ['Refused', 'UpdateFailed', HOUR],
    ['Throttled', 'Throttled', 20 * SECOND],
  ] as const)('(%s) is said as %s and tried again after %i ms', async (fault, reason, wait) => {
    const world = worldOf({ a: [0] });
    await world.pass(fault);
    expect(await sends(world, wait - SECOND)).toBe(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe(reason);
    expect(await sends(world, 2 * SECOND)).toBe(1);
  });

  it.each([
    ['an edit', [0, 1], {}],
    ['a request', [0], { requestedAt: 'now' }],
  ] as const)('is tried again at once after %s', async (_what, entries, options) => {
    const world = worldOf({ a: [0] });
    await world.pass('Policy');
    await passesFor(world, MINUTE);
    put(world, 'a', entries, options);
    expect(await sends(world, SECOND)).toBe(1);
  });

  it('is not tried again before ARM’s own time, whatever is asked', async () => {
    const world = worldOf({ a: [0] });
    await world.pass('Throttled');
    put(world, 'a', [0, 1], { requestedAt: 'now' });
    expect(await sends(world, 18 * SECOND)).toBe(0);
    expect(await sends(world, 3 * SECOND)).toBe(1);
  });

  it('is forgotten with the change that no object wants any more', async () => {
    const world = worldOf({ a: [0], b: [1] }, { list: [1] });
    await world.pass('Policy');
    put(world, 'a', []);
    expect(await sends(world, 2 * HOUR)).toBe(0);
    expect(world.record?.refusal).toBeUndefined();
    expect(reasonOf(world, 'a', 'Ready')).toBe('NothingWanted');
  });

  it('is forgotten once a later one is seen in ARM', async () => {
    const world = worldOf({ a: [0] });
    for (let times = 0; times < 4; times++) await world.pass('Conflict');
    expect(world.record?.refusal?.count).toBe(4);
    await passesFor(world, MINUTE);
    expect(world.record?.refusal).toBeUndefined();
  });

  it('for lost races is tried five times at once, and then with pauses', async () => {
    const world = worldOf({ a: [0] });
    const waits: number[] = [];
    for (let passes = 0; passes < 9; passes++) {
      const { afterMs } = await world.pass('Conflict');
      world.wait(afterMs);
      waits.push(afterMs);
    }
    expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(waits[5]).toBeGreaterThan(0);
    expect(await sends(world, 10 * MINUTE)).toBe(1);
  });

  it('leaves no write of ours behind when another client wrote in between', async () => {
    const world = worldOf({ a: [0] }, { list: [5] });
    overwrite(world, 5, 6);
    world.wait(10 * MINUTE);
    await world.pass('StaleRead');
    expect(world.record?.operation).toBeUndefined();
    await passesFor(world, 20 * MINUTE);
    expect(rootsOf(world)).toEqual([5, 6, 0]);
  });
});

describe('certificates that ARM refuses as such', () => {
  /** `a` has one certificate in and one that ARM does not take. */
  async function rejected(): Promise<World> {
    const world = worldOf({ a: [0], b: [5] });
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', [0, 1]);
    await world.pass('Rejected');
    await passesFor(world, MINUTE);
    return world;
  }

  it('stall their object, with ARM’s words and the fingerprints, and no other', async () => {
    const world = await rejected();
    expect(reasonOf(world, 'a', 'Stalled')).toBe('CertificateRejected');
    expect(condition(world, 'a', 'Ready')?.message).toMatch(/\([0-9a-f]{64}\): BadRequest: cannot decode/);
    expect(reasonOf(world, 'b', 'Ready')).toBe('Trusted');
  });

  it('are not sent again by themselves, and what is in stays in', async () => {
    const world = await rejected();
    expect(await sends(world, 26 * HOUR)).toBe(0);
    expect(rootsOf(world)).toEqual([0, 5]);
  });

  it('do not keep other changes back, removals of their own object included', async () => {
    const world = await rejected();
    put(world, 'b', [6]);
    expect(await sends(world, 20 * MINUTE)).toBe(1);
    expect(rootsOf(world)).toEqual([0, 6]);
    expect(reasonOf(world, 'a', 'Ready')).toBe('CertificateRejected');
    expect(reasonOf(world, 'b', 'Ready')).toBe('Trusted');
  });

  it('that another client removed wait as well', async () => {
    const world = await rejected();
    overwrite(world, 5);
    expect(await sends(world, 20 * MINUTE)).toBe(0);
    put(world, 'a', [0]);
    expect(await sends(world, 20 * MINUTE)).toBe(1);
    expect(rootsOf(world)).toEqual([5, 0]);
  });

  it.each([
    ['an edit', [0, 2], {}],
    ['a request', [0, 1], { requestedAt: 'now' }],
  ] as const)('are tried again after %s of their object', async (_what, entries, options) => {
    const world = await rejected();
    put(world, 'a', entries, options);
    expect(await sends(world, 20 * MINUTE)).toBe(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it('are not tried again because of another object', async () => {
    const world = await rejected();
    put(world, 'b', [5], { requestedAt: 'now' });
    expect(await sends(world, 20 * MINUTE)).toBe(0);
  });

  it('do not keep their object from being deleted', async () => {
    const world = await rejected();
    put(world, 'a', [0, 1], { deleting: true, deletionPolicy: 'Remove' });
    await passesFor(world, 20 * MINUTE);
    expect([world.objects.has('team/a'), rootsOf(world)]).toEqual([false, [5]]);
  });
});

describe('a cluster that is not ready', () => {
  it('gets a change once the operation of another client is done', async () => {
    const world = worldOf({ a: [0] }, { list: [5] });
    overwrite(world, 5, 6);
    expect(await sends(world, 8 * MINUTE)).toBe(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('ClusterBusy');
    expect(await sends(world, 10 * MINUTE)).toBe(1);
  });

  it('gets a change once it is started', async () => {
    const world = worldOf({ a: [0] });
    world.cluster.stopped = true;
    expect(await sends(world, HOUR)).toBe(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('ClusterStopped');
    world.cluster.stopped = false;
    expect(await sends(world, 11 * MINUTE)).toBe(1);
  });
});
