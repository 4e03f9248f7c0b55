import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { HOUR, MINUTE, SECOND, START } from '../../../harness/build.ts';
import { condition, passesFor, overwrite, put, reasonOf, rootsOf, sentBy, worldOf } from '../../../harness/follow.ts';
import { changeList, type ForeignChange } from '../../../harness/foreign.ts';
import type { Fault, World } from '../../../harness/world.ts';

/** An object whose certificate is in, and seen through. */
async function settled(): Promise<World> {
  const world = worldOf({ a: [0] });
  await passesFor(world, 20 * MINUTE);
  return world;
}

/** Another client removes the certificate, and passes follow until the change is over. */
async function takenOut(world: World, fault?: Fault): Promise<number> {
  overwrite(world);
  world.wait(10 * MINUTE);
  // Another read has to agree before anything is put right.
  const read = await world.pass();
  world.wait(Math.max(read.afterMs, 1));
  const first = await world.pass(fault);
  world.wait(Math.max(first.afterMs, 1));
  return sentBy([read, first, ...(await passesFor(world, 20 * MINUTE))]).length;
}

describe('a certificate that another client removes', () => {
  it('is put back twice in 24 hours, and left out the third time', async () => {
    const world = await settled();
    expect([await takenOut(world), await takenOut(world), await takenOut(world)]).toEqual([1, 1, 0]);
    expect(reasonOf(world, 'a', 'Applied')).toBe('Contended');
    expect(world.record?.correctionCount).toBe(2);
  });

  it('is put back again once the corrections are a day old', async () => {
    const world = await settled();
    const counts = [await takenOut(world), await takenOut(world), await takenOut(world)];
    counts.push(sentBy(await passesFor(world, 24 * HOUR)).length);
    expect(counts).toEqual([1, 1, 0, 1]);
    expect(rootsOf(world)).toEqual([0]);
  });

  it('is put back at once when a person asks for it', async () => {
    const world = await settled();
    for (let times = 0; times < 3; times++) await takenOut(world);
    put(world, 'a', [0], { requestedAt: 'now' });
    expect(sentBy(await passesFor(world, 20 * MINUTE)).length).toBe(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it('is left once more after a request and two more corrections', async () => {
    const world = await settled();
    for (let times = 0; times < 3; times++) await takenOut(world);
    put(world, 'a', [0], { requestedAt: 'now' });
    await passesFor(world, 20 * MINUTE);
    expect([await takenOut(world), await takenOut(world), await takenOut(world)]).toEqual([1, 0, 0]);
    expect(reasonOf(world, 'a', 'Applied')).toBe('Contended');
  });

  it('is not put back after one read only, where nothing has to settle', async () => {
    const world = worldOf({ a: [0] });
    const old = world.cluster.read();
    await passesFor(world, 20 * MINUTE);
    world.cluster.readStale = () => old;
    const stale = await world.pass('StaleRead');
    expect([stale.sent, stale.hold]).toEqual([undefined, 'Settling']);
    expect(condition(world, 'a', 'Applied')?.message).toContain('another read');
    world.wait(stale.afterMs);
    expect(sentBy(await passesFor(world, 20 * MINUTE))).toHaveLength(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it('does not keep our own edits from the list when it is contended', async () => {
    const world = await settled();
    for (let times = 0; times < 3; times++) await takenOut(world);
    put(world, 'a', [0, 1]);
    await passesFor(world, 20 * MINUTE);
    expect(rootsOf(world)).toEqual([1]);
    expect(reasonOf(world, 'a', 'Applied')).toBe('Contended');
  });

  it.each<Fault>(['LostArrived', 'CrashAfterPut'])(
    'is counted as put back when it arrived in spite of %s',
    async (fault) => {
      const world = await settled();
      expect([await takenOut(world, fault), await takenOut(world, fault), await takenOut(world)]).toEqual([1, 1, 0]);
      expect(reasonOf(world, 'a', 'Applied')).toBe('Contended');
    },
  );

  it('is counted once, however often the operation is seen', async () => {
    const world = await settled();
    await takenOut(world, 'LostArrived');
    expect(world.record?.corrections).toHaveLength(1);
    expect(Date.parse(world.record?.corrections?.[0]?.at ?? '')).toBeGreaterThan(START);
  });

  it('is still a correction when the first write of it never arrived', async () => {
    const world = await settled();
    expect(await takenOut(world, 'LostNever')).toBe(2);
    expect(world.record?.corrections).toHaveLength(1);
  });

  it('is not counted for a write that ARM refused', async () => {
    const world = await settled();
    expect(await takenOut(world, 'Conflict')).toBe(2);
    expect(world.record?.corrections).toHaveLength(1);
  });

  it('is not contended while the second correction is on its way', async () => {
    const world = await settled();
    await takenOut(world);
    overwrite(world);
    world.wait(10 * MINUTE);
    expect(sentBy(await passesFor(world, 40 * SECOND))).toHaveLength(1);
    await world.pass('StaleRead');
    expect(reasonOf(world, 'a', 'Applied')).not.toBe('Contended');
  });

  it('stays contended when another object that had been asked about is deleted', async () => {
    const world = worldOf({ a: [0], b: [[0], { requestedAt: 'once' }] });
    await passesFor(world, 20 * MINUTE);
    for (let times = 0; times < 3; times++) await takenOut(world);
    put(world, 'b', [0], { requestedAt: 'once', deleting: true });
    expect(sentBy(await passesFor(world, 20 * MINUTE)).length).toBe(0);
    expect(reasonOf(world, 'a', 'Applied')).toBe('Contended');
  });
});

describe('a certificate that another client adds', () => {
  const remove = { unmanagedCertificates: 'Remove' } as const;

  it('is removed twice in 24 hours when every object sets Remove, and left the third time', async () => {
    const world = worldOf({ a: [[0], remove] });
    await passesFor(world, 20 * MINUTE);
    const sends: number[] = [];
    for (let times = 0; times < 3; times++) {
      overwrite(world, 0, 5);
      sends.push(sentBy(await passesFor(world, 30 * MINUTE)).length);
    }
    expect(sends).toEqual([1, 1, 0]);
    expect(reasonOf(world, 'a', 'Applied')).toBe('Contended');
  });

  it('is no correction when an object names it', async () => {
    const world = await settled();
    overwrite(world, 0, 5);
    await passesFor(world, 20 * MINUTE);
    put(world, 'a', [0, 5]);
    expect(sentBy(await passesFor(world, 20 * MINUTE))).toEqual([]);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });
});

describe('another client that keeps changing the list', () => {
  const faults: Fault[] = [
    'LostArrived',
    'LostNever',
    'CrashAfterPut',
    'CrashBeforePut',
    'Conflict',
    'StaleRead',
    'Throttled',
  ];
  const blow = fc.record({
    change: fc.constantFrom<ForeignChange>('TakeOut', 'Empty', 'Add', 'Reverse', 'Bundle'),
    root: fc.nat(12),
    fault: fc.option(fc.constantFrom(...faults), { nil: undefined }),
    after: fc.constantFrom(MINUTE, 15 * MINUTE, 3 * HOUR, 11 * HOUR),
  });

  it('meets no more than two writes of ours in any 24 hours', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(blow, { minLength: 3, maxLength: 12 }), fc.boolean(), async (blows, nodeAccess) => {
        const world = worldOf({ a: [0, 1, 2] }, { nodeAccess });
        await passesFor(world, 20 * MINUTE);
        const first = world.cluster.ourWrites.length;
        for (const { change, root, fault, after } of blows) {
          const list = changeList(world.cluster.elements, change, root);
          if (list) world.cluster.foreignPut(list, world.now);
          world.wait(10 * MINUTE);
          world.wait(Math.max((await world.pass(fault)).afterMs, 1));
          await passesFor(world, after);
        }
        const writes = world.cluster.ourWrites.slice(first);
        for (const end of writes)
          expect(writes.filter((at) => at > end - 24 * HOUR && at <= end).length).toBeLessThanOrEqual(2);
      }),
      { numRuns: 40 },
    );
  });
});
