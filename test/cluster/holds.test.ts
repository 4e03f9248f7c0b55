import { describe, expect, it } from '@jest/globals';
import { HOLDS, holdFor, settleDue, type ChangeInput } from '../../src/cluster/holds.ts';
import type { RecordStatus } from '../../src/cluster/record.ts';
import { DEFAULT_TIMING } from '../../src/cluster/timing.ts';
import { at, HOUR, intent, MINUTE, model, pool, SECOND, START } from './build.ts';

const object = intent('a', [0]);
const offTarget = [pool({ currentVersion: '1.32.0' })];

function input(overrides: Partial<ChangeInput> = {}): ChangeInput {
  return {
    record: {},
    model: model(),
    intents: [object],
    settleMs: 0,
    now: START,
    timing: DEFAULT_TIMING,
    ...overrides,
  };
}

function refusal(overrides: Partial<NonNullable<RecordStatus['refusal']>> = {}): RecordStatus {
  return {
    refusal: {
      reason: 'DisallowedByPolicy',
      code: 'RequestDisallowedByPolicy',
      message: 'policy p.',
      at: at(START),
      until: at(START + HOUR),
      stalled: true,
      count: 1,
      heldFor: [object.token],
      ...overrides,
    },
  };
}

function pending(sinceMs: number, changedMs: number): RecordStatus {
  return {
    pending: { since: at(START - sinceMs), changedAt: at(START - changedMs), digest: 'd', waitsFor: 'Nothing' },
  };
}

describe('a change over a cluster that is ready for it', () => {
  it('is held by nothing', () => {
    expect(holdFor(input())).toBeUndefined();
  });

  it.each(['Failed', 'Canceled', 'failed'])('is held by nothing in state %s with every pool on its target', (state) => {
    expect(holdFor(input({ model: model({ provisioningState: state }) }))).toBeUndefined();
  });
});

describe('Refused', () => {
  it('holds a change until its time is over, in ARM’s words', () => {
    expect(holdFor(input({ record: refusal(), now: START + MINUTE }))).toEqual({
      reason: 'DisallowedByPolicy',
      message: `ARM refused the write at ${at(START)}: RequestDisallowedByPolicy: policy p. Next attempt at ${at(START + HOUR)}.`,
      stalled: true,
      afterMs: HOUR - MINUTE,
    });
  });

  it.each<[string, Partial<ChangeInput>, boolean]>([
    ['its time is over', { record: refusal(), now: START + HOUR }, false],
    ['an object was edited', { record: refusal(), intents: [intent('a', [0], { generation: 2 })] }, false],
    ['somebody asks for a fresh look', { record: refusal(), intents: [intent('a', [0], { requestedAt: 'x' })] }, false],
    ['an object was added', { record: refusal(), intents: [object, intent('b', [1])] }, false],
    [
      'an object was made again under its name',
      { record: refusal(), intents: [intent('a', [0], { uid: 'other' })] },
      false,
    ],
    ['an object is gone', { record: refusal(), intents: [] }, true],
    ['nothing happened', { record: refusal() }, true],
    [
      'somebody asks although ARM asked for a pause',
      { record: refusal({ reason: 'Throttled' }), intents: [intent('a', [0], { requestedAt: 'x' })] },
      true,
    ],
    ['a race was lost for the fourth time', { record: refusal({ reason: 'Conflict', count: 4 }) }, false],
    ['a race was lost for the fifth time', { record: refusal({ reason: 'Conflict', count: 5 }) }, true],
  ])('when %s', (_when, overrides, held) => {
    expect(holdFor(input(overrides)) !== undefined).toBe(held);
  });

  it('calls a lost race what it is to people: a busy cluster', () => {
    const record = refusal({ reason: 'Conflict', count: 5, stalled: false });
    expect(holdFor(input({ record }))).toMatchObject({ reason: 'ClusterBusy', stalled: false });
  });
});

describe('Stopped', () => {
  it.each(['Stopped', 'stopped'])('holds a change while the power state is %s', (powerState) => {
    expect(holdFor(input({ model: model({ powerState }) }))).toMatchObject({
      reason: 'ClusterStopped',
      stalled: true,
      afterMs: 10 * MINUTE,
    });
  });
});

describe('Busy', () => {
  it.each([
    [model({ provisioningState: 'Upgrading' }), 'Upgrading'],
    [model({ pools: [pool({ name: 'apps', provisioningState: 'Scaling' })] }), 'Scaling of node pool apps'],
  ])('holds a change and names what runs (%#)', (seen, running) => {
    expect(holdFor(input({ model: seen }))).toEqual({
      reason: 'ClusterBusy',
      message: `the cluster is busy: ${running}; the change goes when it is done`,
      stalled: false,
      afterMs: 30 * SECOND,
    });
  });

  it.each([
    [SECOND, 30 * SECOND],
    [2 * MINUTE, 2 * MINUTE],
    [HOUR, 5 * MINUTE],
  ])('looks again ever later: after %i ms of waiting in %i ms', (waited, afterMs) => {
    const seen = model({ provisioningState: 'Upgrading' });
    expect(holdFor(input({ model: seen, record: pending(waited, waited) }))?.afterMs).toBe(afterMs);
  });
});

describe('Failed', () => {
  it.each(['Failed', 'Canceled'])('holds a change over a cluster in state %s with a half-done upgrade', (state) => {
    const seen = model({
      provisioningState: state,
      pools: offTarget,
      provisioningError: { code: 'QuotaExceeded', message: 'no cores' },
    });
    const hold = holdFor(input({ model: seen }));
    expect(hold).toMatchObject({ reason: 'ClusterFailed', stalled: true, afterMs: 5 * MINUTE });
    expect(hold?.message).toContain(`state ${state} (QuotaExceeded: no cores): node pool system runs 1.32.0`);
  });

  it('does not hold a change where ARM says Succeeded, whatever the versions', () => {
    expect(holdFor(input({ model: model({ pools: offTarget }) }))).toBeUndefined();
  });
});

describe('Settling', () => {
  it.each([
    ['a change that is quiet for less', pending(10 * SECOND, 10 * SECOND), 20 * SECOND],
    ['a change that moved again', pending(MINUTE, SECOND), 29 * SECOND],
    ['a change that never rests, for at most ten times as long', pending(299 * SECOND, SECOND), SECOND],
  ])('holds %s', (_what, record, afterMs) => {
    expect(holdFor(input({ record, settleMs: 30 * SECOND }))).toEqual({
      reason: 'Settling',
      message: `the change waits for more edits until ${at(START + afterMs)}`,
      stalled: false,
      afterMs,
    });
  });

  it.each([
    ['is quiet for long enough', pending(MINUTE, 30 * SECOND), 30 * SECOND],
    ['has moved for ten times as long', pending(300 * SECOND, SECOND), 30 * SECOND],
    ['does not ask for any', pending(0, 0), 0],
  ])('lets a change go that %s', (_what, record, settleMs) => {
    expect(holdFor(input({ record, settleMs }))).toBeUndefined();
  });

  it('is due when it is quiet, and at the latest after ten times the settle time', () => {
    const due = (record: RecordStatus) => settleDue(record.pending!, 30 * SECOND) - START;
    expect([due(pending(0, 0)), due(pending(300 * SECOND, 0))]).toEqual([30 * SECOND, 0]);
  });
});

describe('of several holds', () => {
  it('the first in the order of the list decides', () => {
    const everything = input({
      record: { ...refusal(), ...pending(0, 0) },
      model: model({ powerState: 'Stopped', provisioningState: 'Updating', pools: offTarget }),
      settleMs: MINUTE,
    });
    const said = HOLDS.map(({ check }) => check(everything)?.reason);
    expect(said).toEqual(['DisallowedByPolicy', 'ClusterStopped', 'ClusterBusy', 'ClusterFailed', 'Settling']);
    expect(holdFor(everything)?.reason).toBe('DisallowedByPolicy');
  });

  it('every one asks for a look later than now', () => {
    for (const { check } of HOLDS) {
      const hold = check(input({ record: { ...refusal(), ...pending(0, 0) }, settleMs: MINUTE }));
      if (hold) expect(hold.afterMs).toBeGreaterThan(0);
    }
    expect(HOLDS.map(({ name }) => name)).toEqual(['Refused', 'Stopped', 'Busy', 'Failed', 'Settling']);
  });
});
