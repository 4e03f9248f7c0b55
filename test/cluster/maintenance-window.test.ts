import { describe, expect, it } from '@jest/globals';
import type { ManagedClusters } from '../../src/azure/managed-clusters.ts';
import { failure, HOUR, MINUTE, SECOND, START, trust } from '../harness/build.ts';
import { memoryRig, type MemoryRig } from '../harness/memory-rig.ts';

const WEEK = 7 * 24 * HOUR;
const LENGTH = 4 * HOUR;
/** The first one. */
const OPENING = START + 3 * HOUR;

const OUTSIDE: Awaited<ReturnType<ManagedClusters['put']>> = {
  ok: false,
  failure: failure(400, 'OperationOutsideNodeDisruptionWindow'),
};

const isOpen = (now: number) => now >= OPENING && (now - OPENING) % WEEK < LENGTH;

/** A weekly window. AKS goes by it some time after it opened, and in the first weeks not at all. */
function windowRig({ lateBy, firstWeek }: { lateBy: number; firstWeek: number }) {
  const attempts: number[] = [];
  const windowReads: number[] = [];
  const rig = memoryRig({}, (made) => ({
    put() {
      attempts.push(made.now);
      const since = made.now - OPENING - firstWeek * WEEK;
      return isOpen(made.now) && since >= 0 && (made.now - OPENING) % WEEK >= lateBy ? undefined : OUTSIDE;
    },
    nextWindow() {
      windowReads.push(made.now);
      return isOpen(made.now) ? undefined : OPENING + Math.max(0, Math.ceil((made.now - OPENING) / WEEK)) * WEEK;
    },
  }));
  return { rig, attempts, windowReads };
}

async function follow(rig: MemoryRig, until: number): Promise<void> {
  // Writes that never rest would make passes without end.
  for (let passes = 0; rig.now < until; passes++) {
    if (passes > 2000) throw new Error(`2000 passes until ${new Date(rig.now).toISOString()}`);
    const { afterMs } = await rig.pass();
    rig.now = Math.min(until, rig.now + Math.max(afterMs, 1));
  }
}

/** Minutes from the opening of that week to each attempt in its window. */
const minutesIn = (attempts: readonly number[], week: number) => {
  const opening = OPENING + week * WEEK;
  return attempts
    .filter((at) => at >= opening && at < opening + LENGTH)
    .map((at) => Math.round((at - opening) / MINUTE));
};

describe('a write that AKS takes in a maintenance window only', () => {
  it('is sent at the opening, and a quarter of an hour, half an hour and an hour after that, in the tenth week as in the first', async () => {
    const { rig, attempts } = windowRig({ lateBy: 0, firstWeek: 100 });
    rig.add(trust('a', [0]));
    await follow(rig, OPENING + 10 * WEEK);
    for (let week = 0; week < 10; week++) expect(minutesIn(attempts, week).slice(0, 4)).toEqual([0, 15, 45, 105]);
  });

  it.each([
    ['as soon as it opens', 0, 0],
    ['twenty minutes after it opened', 20 * MINUTE, 45],
  ])('is taken in the fourth week %s', async (_, lateBy, minute) => {
    const { rig, attempts } = windowRig({ lateBy, firstWeek: 3 });
    rig.add(trust('a', [0]));
    await follow(rig, OPENING + 4 * WEEK);
    expect(minutesIn(attempts, 3).at(-1)).toBe(minute);
    expect(rig.puts.at(-1)).toEqual([[0]]);
    expect(rig.condition('team/a', 'Ready')?.status).toBe('True');
  });

  it('has its window read once after each refusal, however many passes follow', async () => {
    const { rig, attempts, windowReads } = windowRig({ lateBy: 0, firstWeek: 100 });
    rig.add(trust('a', [0]));
    await follow(rig, OPENING + 10 * HOUR);
    expect(attempts).toHaveLength(8);
    expect(windowReads).toHaveLength(8);
    for (let pass = 0; pass < 5; pass++) await rig.pass();
    expect(windowReads).toHaveLength(8);
  });

  it('is said to wait for the next opening, and nothing is sent before that', async () => {
    const { rig, attempts } = windowRig({ lateBy: 0, firstWeek: 0 });
    rig.add(trust('a', [0]));
    await follow(rig, OPENING - SECOND);
    expect(attempts).toHaveLength(1);
    expect(rig.record?.refusal).toMatchObject({ atOpening: true, count: 1 });
    expect(rig.condition('team/a', 'Applied')).toMatchObject({
      reason: 'WaitingForMaintenanceWindow',
      message: expect.stringContaining('at 2026-03-02T11:00:00Z, when the maintenance window opens.') as unknown,
    });
    await follow(rig, OPENING + MINUTE);
    expect(attempts.map((at) => at - OPENING).at(-1)).toBe(0);
  });
});
