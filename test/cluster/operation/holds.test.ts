import { describe, expect, it } from '@jest/globals';
import type { TrustIntent } from '../../../src/cluster/model/intent.ts';
import type { HoldCheck, HoldInput, Proposal } from '../../../src/cluster/model/hold-check.ts';
import { HOLDS, holdFor, settleDue } from '../../../src/cluster/operation/holds.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { at, HOUR, intent, MINUTE, model, observe, pool, second, SECOND, START } from '../../harness/build.ts';

const object = intent('a', [0]);
const offTarget = [pool({ currentVersion: '1.32.0' })];

interface Setting extends Partial<Pick<HoldInput, 'record' | 'model' | 'now'>>, Partial<Omit<Proposal, 'intents'>> {
  readonly intents?: readonly TrustIntent[];
  readonly writeWaitMs?: number;
}

function input(setting: Setting = {}): HoldInput {
  const { record = {}, model: seen = model(), intents = [object], settleMs = 0, correction = false } = setting;
  const { writeWaitMs, now = START } = setting;
  return {
    observation: { ...observe({ ...seen, intents }), ...(writeWaitMs === undefined ? {} : { writeWaitMs }) },
    model: seen,
    record,
    proposal: { intents, settleMs, correction },
    now,
    timing: DEFAULT_TIMING,
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

function lost(overrides: Partial<NonNullable<RecordStatus['unseenWrites']>> = {}): RecordStatus {
  return {
    unseenWrites: {
      count: 3,
      attempt: 'op-1/1',
      at: at(START),
      lost: 2,
      error: { code: 'HTTP502', message: 'HTTP 502 with an HTML or XML page' },
      until: at(START + 4 * MINUTE),
      heldFor: [object.token],
      ...overrides,
    },
  };
}

/** ARM accepted so many lists, and shows none of them. */
function accepted(count: number): RecordStatus {
  const { unseenWrites } = lost({ accepted: count });
  const { lost: _, error: __, ...rest } = unseenWrites!;
  const adds = ['a'.repeat(64)];
  return {
    unseenWrites: rest,
    slots: [{ fingerprintSHA256: 'b'.repeat(64), managed: false }],
    pending: { since: at(START), changedAt: at(START), digest: 'd', waitsFor: 'Nothing', adds },
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
      message: `ARM refused the write at ${second(START)}: RequestDisallowedByPolicy: policy p. Next attempt at ${second(START + HOUR)}.`,
      stalled: true,
      afterMs: HOUR - MINUTE,
    });
  });

  it.each<[string, Setting, boolean]>([
    ['its time is over', { record: refusal(), now: START + HOUR }, false],
    ['an object was edited', { record: refusal(), intents: [intent('a', [0], { generation: 2 })] }, false],
    ['a person asks for a fresh read', { record: refusal(), intents: [intent('a', [0], { requestedAt: 'x' })] }, false],
    ['an object was added', { record: refusal(), intents: [object, intent('b', [1])] }, false],
    [
      'an object was made again under its name',
      { record: refusal(), intents: [intent('a', [0], { uid: 'other' })] },
      false,
    ],
    ['an object is gone', { record: refusal(), intents: [] }, true],
    ['nothing happened', { record: refusal() }, true],
    [
      'a person asks although ARM asked for a pause',
      { record: refusal({ reason: 'Throttled' }), intents: [intent('a', [0], { requestedAt: 'x' })] },
      true,
    ],
    ['a race was lost for the fourth time', { record: refusal({ reason: 'Conflict', count: 4 }) }, false],
    ['a race was lost for the fifth time', { record: refusal({ reason: 'Conflict', count: 5 }) }, true],
    [
      'objects are edited again after a race was lost to edits for the fifth time',
      {
        record: refusal({ reason: 'Conflict', count: 5, unsent: true }),
        intents: [intent('a', [0], { generation: 2 })],
      },
      true,
    ],
  ])('when %s', (_when, overrides, held) => {
    expect(holdFor(input(overrides)) !== undefined).toBe(held);
  });

  it('reports a lost race as a busy cluster', () => {
    const record = refusal({ reason: 'Conflict', count: 5, stalled: false });
    expect(holdFor(input({ record }))).toMatchObject({ reason: 'ClusterBusy', stalled: false });
  });
});

describe('Unseen', () => {
  it('holds a write after others were lost, and names the last error', () => {
    expect(holdFor(input({ record: lost(), now: START + MINUTE }))).toEqual({
      reason: 'Unreachable',
      message: `The last 2 writes to ARM had no effect: no answer said whether ARM accepted them, and ARM shows none of them. The last error is HTTP502: HTTP 502 with an HTML or XML page. The next write follows at ${second(START + 4 * MINUTE)}.`,
      stalled: false,
      afterMs: 3 * MINUTE,
    });
  });

  it('does not say after one lost answer that ARM cannot be reached', () => {
    expect(holdFor(input({ record: lost({ lost: 1 }) }))).toMatchObject({
      reason: 'Updating',
      message: expect.stringContaining('HTTP502') as unknown,
    });
  });

  it('holds a write after ARM accepted one that it does not show, and says what it shows', () => {
    expect(holdFor(input({ record: accepted(2) }))).toMatchObject({
      reason: 'Updating',
      stalled: false,
      message: expect.stringContaining(`has 1 element; not in it are the certificates ${'a'.repeat(12)}`) as unknown,
    });
  });

  it('holds every write after the third one that ARM accepted and does not keep, however long ago', () => {
    expect(holdFor(input({ record: accepted(3), now: START + 100 * HOUR }))).toMatchObject({
      reason: 'NotKept',
      stalled: true,
      afterMs: 10 * MINUTE,
    });
  });

  it.each<[string, Setting, boolean]>([
    ['nothing happened', { record: lost() }, true],
    ['its time is over', { record: lost(), now: START + 4 * MINUTE }, false],
    ['an object was edited', { record: lost(), intents: [intent('a', [0], { generation: 2 })] }, false],
    [
      'a person asks for a fresh read',
      { record: accepted(3), intents: [intent('a', [0], { requestedAt: 'x' })] },
      false,
    ],
    [
      'a clock that was a day ahead noted it',
      { record: lost({ at: at(START + 24 * HOUR), until: at(START + 25 * HOUR) }) },
      false,
    ],
  ])('when %s', (_when, overrides, held) => {
    expect(holdFor(input(overrides)) !== undefined).toBe(held);
  });
});

describe('Stopped', () => {
  it.each(['Stopped', 'stopped'])('holds a change while the power state is %s', (powerState) => {
    expect(holdFor(input({ model: model({ powerState }) }))).toMatchObject({
      reason: 'ClusterStopped',
      stalled: false,
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
      message: `The cluster is busy: ${running}. The change is sent when that is done.`,
      stalled: false,
      afterMs: 30 * SECOND,
    });
  });

  it.each([
    [SECOND, 30 * SECOND],
    [2 * MINUTE, 2 * MINUTE],
    [HOUR, 5 * MINUTE],
  ])('reads less and less often: after %i ms of waiting in %i ms', (waited, afterMs) => {
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
    expect(hold).toMatchObject({ reason: 'ClusterFailed', stalled: false, afterMs: 5 * MINUTE });
    expect(hold?.message).toContain(`state ${state} (QuotaExceeded: no cores): node pool system runs 1.32.0`);
  });

  it('does not hold a change where ARM reports Succeeded, whatever the versions', () => {
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
      settleMs: 30 * SECOND,
      message: `The change waits for more edits until ${second(START + afterMs)}.`,
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

  it('keeps a correction back until a second read says the same, also where nothing has to settle', () => {
    const correction = { settleMs: 0, correction: true };
    expect(holdFor(input({ ...correction, record: pending(0, 0) }))).toMatchObject({
      reason: 'Settling',
      message: expect.stringContaining('another read') as unknown,
      afterMs: 10 * SECOND,
    });
    expect(holdFor(input({ ...correction, record: pending(MINUTE, 9 * SECOND) }))?.afterMs).toBe(SECOND);
    expect(holdFor(input({ ...correction, record: pending(MINUTE, 10 * SECOND) }))).toBeUndefined();
  });

  it('is due when it is quiet, and at the latest after ten times the settle time', () => {
    const due = (record: RecordStatus) => settleDue(record.pending!, 30 * SECOND) - START;
    expect([due(pending(0, 0)), due(pending(300 * SECOND, 0))]).toEqual([30 * SECOND, 0]);
  });
});

describe('Window', () => {
  const outside = (overrides: Partial<NonNullable<RecordStatus['refusal']>> = {}) =>
    refusal({
      reason: 'WaitingForMaintenanceWindow',
      code: 'Outside',
      message: 'not now.',
      stalled: false,
      ...overrides,
    });

  it('holds a change until the window opens, and says when that is', () => {
    expect(holdFor(input({ record: outside({ atOpening: true }), now: START + MINUTE }))).toEqual({
      reason: 'WaitingForMaintenanceWindow',
      message: `ARM refused the write at ${second(START)}: Outside: not now. Next attempt at ${second(START + HOUR)}, when the maintenance window opens.`,
      stalled: false,
      afterMs: HOUR - MINUTE,
    });
  });

  it.each<[string, Setting, boolean]>([
    ['no opening is known', { record: outside({ atOpening: false }) }, true],
    ['the window opens', { record: outside({ atOpening: true }), now: START + HOUR }, false],
    ['an object was edited', { record: outside(), intents: [intent('a', [0], { generation: 2 })] }, false],
  ])('when %s', (_when, setting, held) => {
    expect(holdFor(input(setting)) !== undefined).toBe(held);
  });

  it('says first that the cluster is stopped, because the opening alone would not help', () => {
    const stopped = input({ record: outside({ atOpening: true }), model: model({ powerState: 'Stopped' }) });
    expect(holdFor(stopped)?.reason).toBe('ClusterStopped');
  });
});

describe('Budget', () => {
  it('holds a change while the client-side limit of writes is reached', () => {
    expect(holdFor(input({ writeWaitMs: 40 * SECOND }))).toEqual({
      reason: 'Throttled',
      message: `The writes that AKS allows to one cluster are used up (20, and one more a minute). The next write follows at ${second(START + 40 * SECOND)}.`,
      stalled: false,
      afterMs: 40 * SECOND,
    });
  });
});

describe('of several holds', () => {
  it('the first in the order of the list decides', () => {
    const everything = (reason: string) =>
      input({
        record: { ...refusal({ reason }), ...lost(), ...pending(0, 0) },
        model: model({ powerState: 'Stopped', provisioningState: 'Updating', pools: offTarget }),
        settleMs: MINUTE,
        writeWaitMs: MINUTE,
      });
    const [refused, window] = [everything('DisallowedByPolicy'), everything('WaitingForMaintenanceWindow')];
    expect(HOLDS.map(({ name, check }) => [name, (check(refused) ?? check(window))?.reason])).toEqual([
      ['Refused', 'DisallowedByPolicy'],
      ['Unseen', 'Unreachable'],
      ['Stopped', 'ClusterStopped'],
      ['Busy', 'ClusterBusy'],
      ['Failed', 'ClusterFailed'],
      ['Settling', 'Settling'],
      ['Window', 'WaitingForMaintenanceWindow'],
      ['Budget', 'Throttled'],
    ]);
    expect(holdFor(refused)?.reason).toBe('DisallowedByPolicy');
    expect(holdFor(window)?.reason).toBe('Unreachable');
    for (const { check } of HOLDS) expect((check(refused) ?? check(window))?.afterMs).toBeGreaterThan(0);
  });

  it('those of the kind of the change come after those of every change', () => {
    const own: HoldCheck = {
      name: 'Own',
      check: () => ({ reason: 'Held', message: 'Not yet.', stalled: false, afterMs: 1 }),
    };
    expect(holdFor(input(), [own])?.reason).toBe('Held');
    expect(holdFor(input({ writeWaitMs: SECOND }), [own])?.reason).toBe('Throttled');
  });
});
