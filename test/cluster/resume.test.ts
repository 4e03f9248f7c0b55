import { describe, expect, it } from '@jest/globals';
import { MINUTE, SECOND } from './build.ts';
import { lookFor, overwrite, put, reasonOf, sentBy, worldOf } from './follow.ts';
import type { Fault, World } from './world.ts';

/** An object whose operation has just ended so, after half of the nodes. */
function ended(end: 'Failed' | 'Canceled', nodeAccess: boolean): World {
  const world = worldOf({ a: [0] }, { nodeAccess });
  world.cluster.nextEnd = end;
  lookFor(world, 9 * MINUTE);
  world.wait(2 * SECOND);
  return world;
}

const CASES: (boolean | Fault)[][] = [true, false].flatMap((nodeAccess) =>
  (['Conflict', 'Throttled', 'Policy', 'CrashBeforePut', 'LostNever'] as const).map((fault) => [nodeAccess, fault]),
);

describe('an operation of ours that failed', () => {
  it.each([true, false])('is resumed, and seen through (node access: %s)', (nodeAccess) => {
    const world = ended('Failed', nodeAccess);
    lookFor(world, 5 * SECOND);
    expect(reasonOf(world, 'a', 'Applied')).toBe('UpdateFailed');
    const [sent, ...more] = sentBy(lookFor(world, 30 * MINUTE));
    expect(sent?.step.operation).toMatchObject({ id: 'op-1', attempts: 2 });
    expect(more).toHaveLength(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it.each([true, false])('is not resumed at once, however long it had run (node access: %s)', (nodeAccess) => {
    const world = ended('Failed', nodeAccess);
    expect(sentBy(lookFor(world, 50 * SECOND))).toHaveLength(0);
    expect(sentBy(lookFor(world, 30 * SECOND))).toHaveLength(1);
  });

  it('that was resumed by a lost write allows no other list before that write had time to arrive', () => {
    for (const nodeAccess of [true, false]) {
      const world = ended('Failed', nodeAccess);
      world.pass();
      world.wait(61 * SECOND);
      expect(world.pass('LostNever').sent).toBeDefined();
      put(world, 'a', [0, 1]);
      expect(sentBy(lookFor(world, 68 * SECOND))).toHaveLength(0);
      const [sent] = sentBy(lookFor(world, 4 * SECOND));
      expect(sent?.step.operation.attempts).toBe(1);
    }
  });

  it('is resumed ever later', () => {
    const world = worldOf({ a: [0] });
    const gaps: number[] = [];
    let endedAt = 0;
    for (let times = 0; times < 8; times++) {
      world.cluster.nextEnd = 'Failed';
      const [sent] = sentBy(lookForASend(world));
      if (endedAt > 0) gaps.push(Math.round(((sent?.now ?? 0) - endedAt) / MINUTE));
      world.wait(9 * MINUTE + SECOND);
      endedAt = world.now;
    }
    expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 60]);
  });

  it.each(CASES)('is resumed when a first attempt to do so met a fault (node access: %s, %s)', (access, fault) => {
    const world = ended('Failed', access as boolean);
    world.pass();
    world.wait(61 * SECOND);
    world.pass(fault as Fault);
    lookFor(world, 90 * MINUTE);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it('is left when all its nodes were replaced, whoever failed since', () => {
    const world = worldOf({ a: [0] });
    world.pass();
    world.wait(9 * MINUTE);
    world.cluster.advance(world.now);
    world.cluster.state = 'Failed';
    expect(sentBy(lookFor(world, 30 * MINUTE))).toHaveLength(0);
    expect(world.record?.operation).toBeUndefined();
  });

  it('gives way to a new list, with a new baseline and the old one’s nodes in it', () => {
    const world = ended('Failed', true);
    world.pass();
    const before = world.record?.operation;
    put(world, 'a', [0, 1]);
    const { sent } = world.pass();
    expect(sent?.step.takeBaseline).toBe(true);
    expect(sent?.step.operation).toMatchObject({ attempts: 1 });
    expect(sent?.step.operation.id).not.toBe(before?.id);
    lookFor(world, 30 * MINUTE);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it.each<Fault>(['Conflict', 'Policy', 'Rejected', 'Throttled'])(
    'is not forgotten when ARM refused a new list (%s) that nobody wants any more',
    (fault) => {
      const world = ended('Failed', true);
      world.pass();
      put(world, 'a', [0, 1]);
      world.pass(fault);
      put(world, 'a', [0]);
      lookFor(world, 90 * MINUTE);
      expect(world.cluster.state).toBe('Succeeded');
      expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
    },
  );

  it('is gone back to when a new list never arrived that nobody wants any more', () => {
    const world = ended('Failed', true);
    world.pass();
    put(world, 'a', [0, 1]);
    world.pass('LostNever');
    put(world, 'a', [0]);
    lookFor(world, 90 * MINUTE);
    expect(world.cluster.state).toBe('Succeeded');
  });
});

describe('an operation of ours that somebody canceled', () => {
  it.each([true, false])('is held until somebody asks (node access: %s)', (nodeAccess) => {
    const world = ended('Canceled', nodeAccess);
    expect(sentBy(lookFor(world, 60 * MINUTE))).toHaveLength(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('UpdateCanceled');
    expect(reasonOf(world, 'a', 'Stalled')).toBe('UpdateCanceled');
    put(world, 'a', [0], { requestedAt: 'now' });
    expect(sentBy(lookFor(world, 30 * MINUTE))).toHaveLength(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it.each(CASES)(
    'stays released when the first attempt to resume it met a fault (node access: %s, %s)',
    (access, fault) => {
      const world = ended('Canceled', access as boolean);
      world.pass();
      put(world, 'a', [0], { requestedAt: 'now' });
      world.pass(fault as Fault);
      lookFor(world, 90 * MINUTE);
      expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
    },
  );

  it.each([true, false])('stays released when the write that resumes it is lost (node access: %s)', (nodeAccess) => {
    const world = ended('Canceled', nodeAccess);
    world.pass();
    put(world, 'a', [0], { requestedAt: 'now' });
    expect(world.pass('LostNever').sent).toBeDefined();
    expect(sentBy(lookFor(world, 60 * MINUTE))).toHaveLength(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it.each([true, false])('is held again when it is canceled once more (node access: %s)', (nodeAccess) => {
    const world = ended('Canceled', nodeAccess);
    world.pass();
    put(world, 'a', [0], { requestedAt: 'now' });
    world.cluster.nextEnd = 'Canceled';
    expect(sentBy(lookFor(world, 60 * MINUTE))).toHaveLength(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('UpdateCanceled');
    put(world, 'a', [0], { requestedAt: 'again' });
    expect(sentBy(lookFor(world, 30 * MINUTE))).toHaveLength(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });
});

describe('an operation of ours of which nobody can tell how it ended', () => {
  it('is not resumed, and does not keep another list from being sent', () => {
    const world = ended('Failed', false);
    world.restart();
    expect(sentBy(lookFor(world, 30 * MINUTE))).toHaveLength(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('ClusterFailed');
    put(world, 'a', [0, 1]);
    expect(sentBy(lookFor(world, 30 * MINUTE))).toHaveLength(1);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });

  it('is seen through when people bring the cluster to Succeeded', () => {
    const world = ended('Failed', false);
    world.restart();
    lookFor(world, 10 * MINUTE);
    overwrite(world, 0);
    expect(sentBy(lookFor(world, 30 * MINUTE))).toHaveLength(0);
    expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
  });
});

function lookForASend(world: World) {
  for (;;) {
    const outcome = world.pass();
    if (outcome.sent) return [outcome];
    world.wait(Math.max(outcome.afterMs, 1));
  }
}
