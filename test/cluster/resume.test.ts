import { describe, expect, it } from '@jest/globals';
import { MINUTE, SECOND } from '../harness/build.ts';
import { passesFor, overwrite, put, reasonOf, sentBy, worldOf } from '../harness/follow.ts';
import type { Fault, World } from '../harness/world.ts';

/** An object whose operation has just ended so, after half of the nodes. */
async function ended(end: 'Failed' | 'Canceled', nodeAccess: boolean): Promise<World> {
  const world = worldOf({ a: [0] }, { nodeAccess });
  world.cluster.nextEnd = end;
  await passesFor(world, 9 * MINUTE);
  world.wait(2 * SECOND);
  return world;
}

const CASES: (boolean | Fault)[][] = [true, false].flatMap((nodeAccess) =>
  (['Conflict', 'Throttled', 'Policy', 'CrashBeforePut', 'LostNever'] as const).map((fault) => [nodeAccess, fault]),
);

describe('an operation of ours that failed', () => {
  it.each([true, false])('is resumed, and seen through (node access: %s)', async (nodeAccess) => {
    const world = await ended('Failed', nodeAccess);
    await passesFor(world, 5 * SECOND);
    expect(reasonOf(world, 'a', 'Applied')).toBe('UpdateFailed');
    const id = world.record?.operation?.id;
    const [sent, ...more] = sentBy(await passesFor(world, 30 * MINUTE));
    expect(sent?.operation).toMatchObject({ id, attempts: 2 });
    expect(more).toHaveLength(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it.each([true, false])('is not resumed at once, however long it had run (node access: %s)', async (nodeAccess) => {
    const world = await ended('Failed', nodeAccess);
    expect(sentBy(await passesFor(world, 50 * SECOND))).toHaveLength(0);
    expect(sentBy(await passesFor(world, 30 * SECOND))).toHaveLength(1);
  });

  it('that was resumed by a lost write allows no other list before that write had time to arrive', async () => {
    for (const nodeAccess of [true, false]) {
      const world = await ended('Failed', nodeAccess);
      await world.pass();
      world.wait(61 * SECOND);
      expect((await world.pass('LostNever')).sent).toBeDefined();
      put(world, 'a', [0, 1]);
      expect(sentBy(await passesFor(world, 68 * SECOND))).toHaveLength(0);
      const [sent] = sentBy(await passesFor(world, 4 * SECOND));
      expect(sent?.operation.attempts).toBe(1);
    }
  });

  it('is resumed ever later', async () => {
    const world = worldOf({ a: [0] });
    const gaps: number[] = [];
    let endedAt = 0;
    for (let times = 0; times < 8; times++) {
      world.cluster.nextEnd = 'Failed';
      const [sent] = sentBy(await lookForASend(world));
      if (endedAt > 0) gaps.push(Math.round(((sent?.now ?? 0) - endedAt) / MINUTE));
      await passesFor(world, 9 * MINUTE + SECOND);
      endedAt = world.now;
    }
    expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 60]);
  });

  it.each(CASES)(
    'is resumed when a first attempt to do so met a fault (node access: %s, %s)',
    async (access, fault) => {
      const world = await ended('Failed', access as boolean);
      await world.pass();
      world.wait(61 * SECOND);
      await world.pass(fault as Fault);
      await passesFor(world, 90 * MINUTE);
      expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
    },
  );

  it('is left when all its nodes were replaced, whichever operation failed since', async () => {
    const world = worldOf({ a: [0] });
    await world.pass();
    world.wait(9 * MINUTE);
    world.cluster.advance(world.now);
    world.cluster.state = 'Failed';
    expect(sentBy(await passesFor(world, 30 * MINUTE))).toHaveLength(0);
    expect(world.record?.operation).toBeUndefined();
  });

  it('gives way to a new list, with a new baseline and the old one’s nodes in it', async () => {
    const world = await ended('Failed', true);
    await world.pass();
    const before = world.record?.operation;
    put(world, 'a', [0, 1]);
    const { sent } = await world.pass();
    expect(sent?.operation.baseline).not.toBe(before?.baseline);
    expect(sent?.operation).toMatchObject({ attempts: 1 });
    expect(sent?.operation.id).not.toBe(before?.id);
    await passesFor(world, 30 * MINUTE);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it.each<Fault>(['Conflict', 'Policy', 'Rejected', 'Throttled'])(
    'is not forgotten when ARM refused a new list (%s) that no object wants any more',
    async (fault) => {
      const world = await ended('Failed', true);
      await world.pass();
      put(world, 'a', [0, 1]);
      await world.pass(fault);
      put(world, 'a', [0]);
      await passesFor(world, 90 * MINUTE);
      expect(world.cluster.state).toBe('Succeeded');
      expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
    },
  );

  it('is resumed when a new list never arrived that no object wants any more', async () => {
    const world = await ended('Failed', true);
    await world.pass();
    put(world, 'a', [0, 1]);
    await world.pass('LostNever');
    put(world, 'a', [0]);
    await passesFor(world, 90 * MINUTE);
    expect(world.cluster.state).toBe('Succeeded');
  });
});

describe('an operation of the controller that a person canceled', () => {
  it.each([true, false])('is held until a person requests it (node access: %s)', async (nodeAccess) => {
    const world = await ended('Canceled', nodeAccess);
    expect(sentBy(await passesFor(world, 60 * MINUTE))).toHaveLength(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('UpdateCanceled');
    expect(reasonOf(world, 'a', 'Stalled')).toBe('UpdateCanceled');
    put(world, 'a', [0], { requestedAt: 'now' });
    expect(sentBy(await passesFor(world, 30 * MINUTE))).toHaveLength(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it.each(CASES)(
    'stays released when the first attempt to resume it met a fault (node access: %s, %s)',
    async (access, fault) => {
      const world = await ended('Canceled', access as boolean);
      await world.pass();
      put(world, 'a', [0], { requestedAt: 'now' });
      await world.pass(fault as Fault);
      await passesFor(world, 90 * MINUTE);
      expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
    },
  );

  it.each([true, false])(
    'stays released when the write that resumes it is lost (node access: %s)',
    async (nodeAccess) => {
      const world = await ended('Canceled', nodeAccess);
      await world.pass();
      put(world, 'a', [0], { requestedAt: 'now' });
      expect((await world.pass('LostNever')).sent).toBeDefined();
      expect(sentBy(await passesFor(world, 60 * MINUTE))).toHaveLength(1);
      expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
    },
  );

  it.each([true, false])('is held again when it is canceled once more (node access: %s)', async (nodeAccess) => {
    const world = await ended('Canceled', nodeAccess);
    await world.pass();
    put(world, 'a', [0], { requestedAt: 'now' });
    world.cluster.nextEnd = 'Canceled';
    expect(sentBy(await passesFor(world, 60 * MINUTE))).toHaveLength(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('UpdateCanceled');
    put(world, 'a', [0], { requestedAt: 'again' });
    expect(sentBy(await passesFor(world, 30 * MINUTE))).toHaveLength(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });
});

describe('an operation of the controller whose end is unknown', () => {
  it('is not resumed, and does not keep another list from being sent', async () => {
    const world = await ended('Failed', false);
    world.restart();
    expect(sentBy(await passesFor(world, 30 * MINUTE))).toHaveLength(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('ClusterFailed');
    put(world, 'a', [0, 1]);
    expect(sentBy(await passesFor(world, 30 * MINUTE))).toHaveLength(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  // docs/runbooks/AksCaTrustChangeTakesLong.md
  it.each(['Failed', 'Canceled'] as const)('is not resumed by a fresh read (%s)', async (end) => {
    const world = await ended(end, false);
    world.restart();
    await passesFor(world, 10 * MINUTE);
    put(world, 'a', [0], { requestedAt: 'now' });
    expect(sentBy(await passesFor(world, 30 * MINUTE))).toHaveLength(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('ClusterFailed');
  });

  it.each(['Failed', 'Canceled'] as const)(
    'is seen through when people bring the cluster to Succeeded (%s)',
    async (end) => {
      const world = await ended(end, false);
      world.restart();
      await passesFor(world, 10 * MINUTE);
      overwrite(world, 0);
      expect(sentBy(await passesFor(world, 30 * MINUTE))).toHaveLength(0);
      expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
    },
  );
});

async function lookForASend(world: World) {
  for (;;) {
    const outcome = await world.pass();
    if (outcome.sent) return [outcome];
    world.wait(Math.max(outcome.afterMs, 1));
  }
}
