import { describe, expect, it } from '@jest/globals';
import { slotAfter, queueStateOf, TROUBLE_LASTS, waitForOthers, wishOf } from '../../../src/cluster/operation/slot.ts';
import type { Hold } from '../../../src/cluster/model/decision.ts';
import { plan } from '../../../src/cluster/decide/plan.ts';
import type { Progress } from '../../../src/cluster/reimage/progress.ts';
import type { Assessment } from '../../../src/cluster/model/assessment.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { at, HOUR, intent, MINUTE, observe, operation, START } from '../../harness/build.ts';
import { passesFor, put, worldOf } from '../../harness/follow.ts';

const updating: Hold = { reason: 'Updating', message: '', stalled: false, afterMs: 0 };
const waiting = (slot: object | undefined, hold: Hold = updating): Assessment => ({
  kind: 'Open',
  allows: 'Nothing',
  hold,
  operation: operation(slot ? { slot: slot as { until: string } } : {}),
});
const counted = (left: number): Progress => ({
  nodes: { total: 9, reimaged: 9 - left, excluded: 0, summary: '' },
  pools: [],
  old: left,
  members: new Map([['system', []]]),
});
const coarse = (...phases: ('Waiting' | 'Reimaging' | 'Done')[]): Progress => ({
  nodes: { total: 9, reimaged: 0, excluded: 0, summary: '' },
  pools: phases.map((phase, index) => ({ name: `p${index}`, osType: 'Linux', nodes: 3, phase })),
  old: undefined,
  members: new Map(),
});
const NOW = START + HOUR;
const after = (assessment: Assessment, progress: Progress | undefined) =>
  slotAfter(assessment, progress, NOW, DEFAULT_TIMING);

describe('the slot of an operation', () => {
  it.each([
    [
      'is longer when another node was replaced',
      { until: at(NOW), left: 5 },
      counted(4),
      { until: at(NOW + 15 * MINUTE), left: 4 },
    ],
    ['is not when none was', { until: at(NOW), left: 5 }, counted(5), { until: at(NOW), left: 5 }],
    ['is not when machines were added', { until: at(NOW), left: 5 }, counted(8), { until: at(NOW), left: 5 }],
    ['nor when those are gone again', { until: at(NOW), left: 5 }, counted(6), { until: at(NOW), left: 5 }],
    [
      'lasts an hour where ARM alone speaks',
      { until: at(NOW), left: 2, coarse: true },
      coarse('Done', 'Reimaging'),
      { until: at(NOW + HOUR), left: 1, coarse: true },
    ],
    [
      'is no longer for another way of counting',
      { until: at(NOW), left: 5 },
      coarse('Done'),
      { until: at(NOW), left: 0, coarse: true },
    ],
    ['stays while nothing can be counted', { until: at(NOW), left: 5 }, undefined, { until: at(NOW), left: 5 }],
    [
      'begins with the attempt where nothing was counted yet',
      { until: at(START + 15 * MINUTE) },
      coarse('Reimaging'),
      { until: at(START + HOUR), left: 1, coarse: true },
    ],
    ['of a record without one begins with the attempt', undefined, undefined, { until: at(START + 15 * MINUTE) }],
  ] as const)('%s', (_, slot, progress, expected) => {
    expect(after(waiting(slot), progress)).toEqual(expected);
  });

  it.each([
    [
      'once ARM is done',
      {
        kind: 'Open',
        allows: 'OtherChange',
        hold: updating,
        operation: operation({ slot: { until: at(NOW + HOUR) } }),
      },
    ],
    ['once it failed', { kind: 'Open', allows: 'Retry', operation: operation({ slot: { until: at(NOW + HOUR) } }) }],
    [
      'once it is Stalled',
      waiting({ until: at(NOW + HOUR) }, { ...updating, reason: 'UpdateCanceled', stalled: true }),
    ],
    ['once only a person can go on', waiting({ until: at(NOW + HOUR) }, { ...updating, reason: 'ClusterStopped' })],
  ] as [string, Assessment][])('ends %s, and stays as it is from then on', (_, assessment) => {
    const slot = after(assessment, undefined);
    expect(slot).toEqual({ until: at(NOW) });
    const later = { ...assessment, operation: operation({ slot: slot! }) } as Assessment;
    expect(slotAfter(later, undefined, NOW + MINUTE, DEFAULT_TIMING)).toBe(slot);
  });

  it('is in the record from the moment it is recorded until ARM is done', async () => {
    const world = worldOf({ a: [0] });
    await world.pass();
    const { holdsUntil = 0 } = queueStateOf(world.record, DEFAULT_TIMING);
    expect(holdsUntil).toBeGreaterThan(world.now);
    await passesFor(world, 20 * MINUTE);
    expect(queueStateOf(world.record, DEFAULT_TIMING)).toEqual({});
  });

  it('of a record without one counts as well', () => {
    expect(queueStateOf({ operation: operation() }, DEFAULT_TIMING)).toEqual({ holdsUntil: START + 15 * MINUTE });
  });

  it('of a rotation says from when it counts as failed or hanging; one that ended without another CA does at once', () => {
    const rotation = operation({ kind: 'RotateCertificates', slot: { until: at(START + HOUR) } });
    expect(queueStateOf({ operation: rotation }, DEFAULT_TIMING)).toMatchObject({
      troubledFrom: START + HOUR,
      troubledUntil: Date.parse(rotation.lastAttemptAt) + TROUBLE_LASTS,
    });
    const ended = { outcome: 'Failed' as const, oldCA: '', message: 'm', at: at(START), heldFor: [] };
    expect(queueStateOf({ rotation: { ended } }, DEFAULT_TIMING)).toEqual({
      troubledFrom: -Infinity,
      troubledUntil: START + TROUBLE_LASTS,
    });
  });

  it('is given back by an operation that failed, and taken anew by its resumption', async () => {
    const world = worldOf({ a: [0] });
    world.cluster.nextEnd = 'Failed';
    await world.pass();
    const passes = await passesFor(world, 20 * MINUTE);
    const failed = passes.find(({ record }) => record?.operation?.failed)?.record?.operation;
    expect(failed?.slot?.until).toBe(failed?.failed?.at);
    const resumed = passes.find(({ sent }) => sent);
    expect(resumed?.sent?.operation.attempts).toBe(2);
    const { lastAttemptAt, slot } = resumed!.sent!.operation;
    expect(Date.parse(slot!.until)).toBe(Date.parse(lastAttemptAt) + 15 * MINUTE);
  });
});

describe('what a decision asks of the brake', () => {
  const decide = (record?: Parameters<typeof observe>[0]) =>
    plan(observe({ intents: [intent('a', [0])], ...record }), NOW, DEFAULT_TIMING, () => 'new');

  it('is as old as the change', () => {
    const pending = { since: at(START), changedAt: at(START), digest: '', waitsFor: 'WaitingForOthers' };
    expect(wishOf(decide({ record: { pending } }), NOW)).toEqual({ first: false, since: START });
  });

  it('is as old as its last attempt where it was tried in vain', async () => {
    const world = worldOf({ a: [0] });
    await world.pass('LostNever');
    world.wait(HOUR);
    await passesFor(world, MINUTE);
    world.wait(HOUR);
    expect(wishOf(decide({ record: world.record ?? {} }), world.now).since).toBeGreaterThan(START + MINUTE);
  });

  it('of a resumption goes first, until it has failed several times', () => {
    const resume = (attempts: number) => ({
      ...decide(),
      step: {
        kind: 'Send',
        takeBaseline: false,
        write: { kind: 'PutList', items: [] },
        operation: operation({ attempts, failed: { code: '', message: '', at: at(START + MINUTE) } }),
      } as const,
    });
    expect(wishOf(resume(2), NOW)).toEqual({ first: true, since: START + MINUTE });
    expect(wishOf(resume(9), NOW)).toEqual({ first: false, since: START + MINUTE });
  });
});

describe('the slot of a rotation', () => {
  const rotation = operation({
    kind: 'RotateCertificates',
    rotateCertificates: { oldCA: 'a', reason: 'Requested' },
    slot: { until: at(NOW + HOUR) },
  });
  const open = (allows: 'Nothing' | 'Retry' | 'OtherChange', hold: Hold = updating): Assessment => ({
    kind: 'Open',
    allows,
    hold,
    operation: rotation,
  });

  it.each<[string, Assessment, string]>([
    ['lasts however few nodes are seen', open('Nothing'), at(NOW + HOUR)],
    ['lasts while it waits to be sent again', open('Retry'), at(NOW + HOUR)],
    ['ends when ARM is done', open('OtherChange'), at(NOW)],
    ['ends when only a person can go on', open('Nothing', { ...updating, stalled: true }), at(NOW)],
  ])('%s', (_, assessment, until) => {
    expect(after(assessment, counted(3))).toEqual({ until });
  });

  it('is one of its sort for the brake', () => {
    const state = queueStateOf({ operation: rotation }, DEFAULT_TIMING);
    expect(state).toMatchObject({ holdsUntil: NOW + HOUR, troubledFrom: NOW + HOUR, alone: true });
    const pending = { since: at(START), oldCA: 'a', waitsFor: 'WaitingForOthers' };
    expect(queueStateOf({ rotation: { pending } }, DEFAULT_TIMING)).toEqual({ waitsSince: START });
    // It is asked for again in a minute, and holds no slot until then.
    expect(
      queueStateOf({ rotation: { pending: { ...pending, waitsFor: 'AnotherRotation' } } }, DEFAULT_TIMING),
    ).toEqual({});
  });
});

describe('a change that waits for others', () => {
  it('says how many are ahead of it, in its status and its record, and is neither sent nor Stalled', () => {
    const decision = plan(observe({ intents: [intent('a', [0])] }), NOW, DEFAULT_TIMING, () => 'new');
    const held = waitForOthers(decision, { limit: 5, changing: 5, ahead: 3, afterMs: 1000 });
    expect(held.step).toEqual({ kind: 'Observe' });
    expect(held.record?.pending?.waitsFor).toBe('WaitingForOthers');
    expect(held.record?.operation).toBeUndefined();
    expect(held.outlook.hold).toEqual({
      reason: 'WaitingForOthers',
      message:
        'At most 5 clusters may change at the same time (--max-changing-clusters), and 5 are changing now. 3 clusters are ahead of this one.',
      stalled: false,
      afterMs: 1000,
    });
  });

  it('leaves the queue when its cluster cannot be read', async () => {
    const world = worldOf({ a: [[0], { settleSeconds: 30 }] });
    await world.pass();
    world.record!.pending = { ...world.record!.pending!, waitsFor: 'WaitingForOthers' };
    put(world, 'b', [1]);
    for (let pass = 0; pass < 3; pass++) await world.pass('Unreachable');
    expect(queueStateOf(world.record, DEFAULT_TIMING)).toEqual({});
  });
});
