import { describe, expect, it } from '@jest/globals';
import type { ClusterModel } from '../../../src/azure/cluster-model.ts';
import type { OperationStatus } from '../../../src/azure/managed-clusters.ts';
import type { TrustIntent } from '../../../src/cluster/model/intent.ts';
import type { NodesObservation, Observation } from '../../../src/cluster/model/observation.ts';
import type { RecordedOperation } from '../../../src/cluster/model/record.ts';
import { measureProgress } from '../../../src/cluster/reimage/progress.ts';
import { baselineOf } from '../../../src/cluster/reimage/baseline.ts';
import { assess, type Sight } from '../../../src/cluster/operation/assess.ts';
import type { Assessment, OpenOperation } from '../../../src/cluster/model/assessment.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import {
  at,
  digest,
  HOUR,
  intent,
  MINUTE,
  node,
  observe,
  operation,
  pool,
  second,
  SECOND,
  START,
} from '../../harness/build.ts';

interface Situation extends Partial<ClusterModel> {
  readonly operation?: Parameters<typeof operation>[0];
  readonly list?: string;
  readonly nodes?: NodesObservation;
  readonly own?: OperationStatus['status'];
  readonly intents?: readonly TrustIntent[];
  /** After the last attempt, in ms. */
  readonly after?: number;
  readonly seenFor?: NonNullable<Observation['seenFor']>;
}

const SENT = digest(0);
const OTHER = digest(1);
const old: NodesObservation = { kind: 'Read', nodes: [node('x', START - SECOND), node('y', START + SECOND)] };
const fresh: NodesObservation = { kind: 'Read', nodes: [node('x', START + SECOND), node('y', START + SECOND)] };
const none: NodesObservation = { kind: 'NoAccess' };
const unreadable: NodesObservation = { kind: 'Unreadable', message: 'no route' };
const END = { code: 'C', message: 'm', at: at(START) };

function judged(situation: Situation): Assessment {
  const {
    operation: recorded,
    list = SENT,
    nodes = none,
    own,
    intents = [intent('a', [0])],
    after = 0,
    seenFor = {},
    ...rest
  } = situation;
  const now = START + after;
  const arm = own && { operation: { status: own, code: 'PodDrainFailure', message: 'pdb web' } };
  const observation = { ...observe({ ...rest, nodes, intents, readAt: now, ...arm }), seenFor };
  if (!observation.arm.ok) throw new Error('unreachable');
  const { model } = observation.arm.reading;
  const begun = operation({ listDigest: SENT, baseline: at(START), ...recorded });
  return assess({
    observation,
    model,
    readAt: now,
    operation: begun,
    isShown: list === SENT,
    digest: list,
    progress: measureProgress(model, nodes, baselineOf(begun)),
    now,
    timing: DEFAULT_TIMING,
  });
}

function openOf(assessment: Assessment): OpenOperation | undefined {
  return assessment.kind === 'Open' ? assessment : undefined;
}

function holdOf(assessment: Assessment) {
  return openOf(assessment)?.hold;
}

describe('an operation whose list ARM does not show', () => {
  it.each<[string, Situation, number]>([
    ['that was just sent', { after: SECOND }, 59 * SECOND],
    ['that was sent less than a minute ago', { after: MINUTE - 1 }, 1],
    ['at the first read after a minute', { after: MINUTE }, 10 * SECOND],
    ['while anything runs', { after: HOUR, provisioningState: 'Updating' }, 15 * SECOND],
    ['while a pool is at work', { after: HOUR, pools: [pool({ provisioningState: 'Scaling' })] }, 15 * SECOND],
    [
      'while anything runs that should long be over',
      { after: HOUR, provisioningState: 'Updating', operation: { slot: { until: at(START + 58 * MINUTE) } } },
      2 * MINUTE,
    ],
    [
      'when the second read comes early',
      { after: MINUTE + 4 * SECOND, operation: { notFound: { since: at(START + MINUTE), digest: OTHER } } },
      6 * SECOND,
    ],
    [
      'when the second read shows yet another list',
      { after: 2 * MINUTE, operation: { notFound: { since: at(START + MINUTE), digest: 'another' } } },
      10 * SECOND,
    ],
  ])('waits: %s', (_when, situation, afterMs) => {
    const assessment = judged({ list: OTHER, ...situation });
    expect(assessment).toMatchObject({ allows: 'Nothing' });
    expect(holdOf(assessment)).toMatchObject({ reason: 'Updating', stalled: false, afterMs });
  });

  it('notes the first read that shows another list, and begins anew when that changes', () => {
    const first = judged({ list: OTHER, after: MINUTE });
    expect(first).toMatchObject({ operation: { notFound: { since: at(START + MINUTE), digest: OTHER } } });
    const noted = { notFound: { since: at(START + MINUTE), digest: 'another' } };
    expect(judged({ list: OTHER, after: 2 * MINUTE, operation: noted })).toMatchObject({
      operation: { notFound: { since: at(START + 2 * MINUTE), digest: OTHER } },
    });
  });

  it('forgets that read when something runs, or the cluster is stopped', () => {
    const noted = { notFound: { since: at(START + MINUTE), digest: OTHER } };
    for (const situation of [{ provisioningState: 'Updating' }, { powerState: 'Stopped' }]) {
      const assessment = judged({ list: OTHER, after: 2 * MINUTE, operation: noted, ...situation });
      expect(openOf(assessment)?.operation.notFound).toBeUndefined();
    }
  });

  it('never arrived when two reads ten seconds apart agree, both a minute after the attempt', () => {
    const noted = { notFound: { since: at(START + MINUTE), digest: OTHER } };
    expect(judged({ list: OTHER, after: MINUTE + 10 * SECOND, operation: noted })).toEqual({ kind: 'NeverArrived' });
  });

  it.each(['Failed', 'Canceled'])('never arrived at a cluster in state %s either', (provisioningState) => {
    const noted = { notFound: { since: at(START + MINUTE), digest: OTHER } };
    expect(judged({ list: OTHER, after: 2 * MINUTE, operation: noted, provisioningState }).kind).toBe('NeverArrived');
  });

  it('counts the minute from the last attempt, not from the first', () => {
    const resumed = { attempts: 2, lastAttemptAt: at(START + HOUR) };
    expect(judged({ list: OTHER, after: HOUR + 30 * SECOND, operation: resumed })).toMatchObject({ allows: 'Nothing' });
  });
});

describe('an operation whose list ARM shows', () => {
  it.each<[string, Situation]>([
    ['ARM reports Succeeded and every node is new', { nodes: fresh }],
    ['ARM reports Succeeded and nodes are not read', {}],
    [
      'ARM reports Succeeded of all that takes part',
      { pools: [pool(), pool({ name: 'win', osType: 'Windows', provisioningState: 'Failed' })] },
    ],
    [
      'ARM reports Succeeded and the nodes came into sight after it began',
      { nodes: old, operation: { baseline: undefined as never } },
    ],
    ['every node is new, although an operation failed since', { nodes: fresh, provisioningState: 'Failed' }],
    ['every node is new, although an operation was canceled since', { nodes: fresh, provisioningState: 'Canceled' }],
  ])('is done when %s', (_when, situation) => {
    expect(judged(situation)).toEqual({ kind: 'Done' });
  });

  it.each([
    ['while it has its slot', 29 * MINUTE, 15 * SECOND, 29 * MINUTE],
    ['when it has just lost it', 30 * MINUTE + 5 * SECOND, 15 * SECOND, HOUR],
    ['a minute later', 31 * MINUTE, MINUTE, HOUR],
    ['a day later', 24 * HOUR, 5 * MINUTE, 24 * HOUR],
    ['an hour later, to a process that has just begun', 90 * MINUTE, 15 * SECOND, 0],
    ['an hour later by a clock that was set', 90 * MINUTE, 15 * SECOND, MINUTE],
  ])('is read less and less often where it replaces no node any more: %s', (_when, after, afterMs, attemptMs) => {
    const running = { provisioningState: 'Updating', operation: { slot: { until: at(START + 30 * MINUTE) } } };
    expect(holdOf(judged({ ...running, after, seenFor: { attemptMs } }))).toMatchObject({
      reason: 'Updating',
      afterMs,
    });
  });

  it.each<[string, Situation, string, string, boolean]>([
    ['while it runs', { provisioningState: 'Updating', nodes: fresh }, 'Nothing', 'Updating', false],
    ['while a pool is at work', { pools: [pool({ provisioningState: 'Updating' })] }, 'Nothing', 'Updating', false],
    ['over a stopped cluster', { powerState: 'Stopped', nodes: old }, 'Nothing', 'ClusterStopped', false],
    [
      'while nodes cannot be read, and lets other changes go',
      { nodes: { kind: 'Unreadable', message: 'no' } },
      'OtherChange',
      'NodesUnreadable',
      false,
    ],
    [
      'when it failed by its own status and nodes cannot be read',
      { nodes: { kind: 'Unreadable', message: 'no' }, own: 'Failed', provisioningState: 'Failed' },
      'Retry',
      'UpdateFailed',
      false,
    ],
    [
      'when the failed operation may be another client’s, because nodes cannot be read',
      { nodes: { kind: 'Unreadable', message: 'no' }, own: 'Unknown', provisioningState: 'Failed' },
      'OtherChange',
      'ClusterFailed',
      false,
    ],
    ['when ARM is done and old nodes are left', { nodes: old }, 'OtherChange', 'Updating', false],
    ['when it was canceled', { nodes: old, provisioningState: 'Canceled' }, 'Nothing', 'UpdateCanceled', true],
    [
      'when it was canceled by its own status',
      { own: 'Canceled', provisioningState: 'Canceled' },
      'Nothing',
      'UpdateCanceled',
      true,
    ],
    [
      'when the canceled operation may be another client’s',
      { own: 'Unknown', provisioningState: 'Canceled' },
      'Nothing',
      'ClusterFailed',
      false,
    ],
    ['when it failed', { nodes: old, provisioningState: 'Failed' }, 'Retry', 'UpdateFailed', false],
    [
      'when it failed by its own status',
      { own: 'Failed', provisioningState: 'Failed' },
      'Retry',
      'UpdateFailed',
      false,
    ],
    [
      'when the failed operation may be another client’s',
      { own: 'Unknown', provisioningState: 'Failed' },
      'OtherChange',
      'ClusterFailed',
      false,
    ],
    [
      'when it failed and a pool is off its target',
      { nodes: old, provisioningState: 'Failed', after: HOUR, pools: [pool({ currentVersion: '1.32.0' })] },
      'Nothing',
      'ClusterFailed',
      false,
    ],
    [
      'when ARM reports Succeeded of the cluster only, and nodes are not read',
      { pools: [pool(), pool({ name: 'apps', provisioningState: 'Failed' })] },
      'OtherChange',
      'ClusterFailed',
      false,
    ],
  ])('is not done %s', (_when, situation, allows, reason, stalled) => {
    const assessment = judged(situation);
    expect(assessment).toMatchObject({ kind: 'Open', allows });
    expect(holdOf(assessment)).toMatchObject({ reason, stalled });
    expect(holdOf(assessment)?.afterMs).toBeGreaterThan(0);
  });

  it('is noted as seen, and no longer as absent', () => {
    const noted = { notFound: { since: at(START), digest: OTHER } };
    const assessment = judged({ provisioningState: 'Updating', operation: noted });
    expect(openOf(assessment)?.operation).toMatchObject({ phase: 'Rolling' });
    expect(openOf(assessment)?.operation.notFound).toBeUndefined();
  });

  it('goes on from how it had ended when any client resumes it, and says how that was', () => {
    const assessment = judged({ provisioningState: 'Updating', operation: { canceled: { ...END, heldFor: ['x'] } } });
    expect(openOf(assessment)?.operation).toEqual(
      operation({ listDigest: SENT, baseline: at(START), rolling: { resumedAfter: END } }),
    );
  });
});

describe('an operation that failed', () => {
  const failed = { nodes: old, provisioningState: 'Failed' } as const;
  const since = (ms: number, attempts = 1): Situation => ({
    ...failed,
    after: ms,
    operation: { attempts, failed: END },
  });

  it('notes when that was first seen, and why', () => {
    const seen = { ...failed, provisioningError: { code: 'SubnetIsFull', message: 'full' }, after: HOUR };
    expect(judged(seen)).toMatchObject({
      operation: { failed: { code: 'SubnetIsFull', message: 'full', at: at(START + HOUR) } },
      hold: { afterMs: MINUTE },
    });
  });

  it('keeps the first time it was seen', () => {
    expect(judged(since(10 * SECOND))).toMatchObject({ operation: { failed: { at: at(START) } } });
  });

  it.each([
    [1, MINUTE],
    [2, 2 * MINUTE],
    [4, 8 * MINUTE],
    [7, HOUR],
    [1000, HOUR],
  ])('after attempt %i is resumed in %i ms', (attempts, wait) => {
    expect(judged(since(wait - 1, attempts))).toMatchObject({ allows: 'Retry', hold: { afterMs: 1 } });
    expect(holdOf(judged(since(wait, attempts)))).toBeUndefined();
  });

  it.each([
    ['PodDrainFailure', 'PodDisruptionBudget'],
    ['QuotaExceeded', 'quota'],
    ['SubnetIsFull', 'subnet'],
  ])('of %s names the fix', (code, fix) => {
    const hold = holdOf(judged({ ...failed, provisioningError: { code, message: 'm' } }));
    expect(hold?.message).toContain(`${code}: m`);
    expect(hold?.message).toContain(fix);
    expect(hold?.message).toContain(`Attempt 2 at ${second(START + MINUTE)}`);
  });
});

describe('an operation that was canceled', () => {
  const held = intent('a', [0]);
  const canceled = { nodes: old, provisioningState: 'Canceled', intents: [held] } as const;

  it('is held for the objects as they are', () => {
    expect(judged(canceled)).toMatchObject({ operation: { canceled: { heldFor: [held.token] } } });
  });

  it.each<[string, TrustIntent, boolean]>([
    ['nothing happened', held, false],
    ['an object was edited', intent('a', [0], { generation: 2 }), true],
    ['a person asks', intent('a', [0], { requestedAt: 'now' }), true],
  ])('is released when %s: %#', (_when, now, released) => {
    const assessment = judged({
      ...canceled,
      intents: [now],
      operation: { canceled: { ...END, heldFor: [held.token] } },
    });
    expect(assessment).toMatchObject({ allows: released ? 'Retry' : 'Nothing' });
    if (released) expect(holdOf(assessment)).toBeUndefined();
  });

  it('is not resumed over a half-done upgrade, also when released', () => {
    const pools = [pool({ currentVersion: '1.32.0' })];
    const assessment = judged({ ...canceled, pools, operation: { canceled: { ...END, heldFor: ['other'] } } });
    expect(assessment).toMatchObject({ allows: 'Nothing', hold: { reason: 'ClusterFailed' } });
  });

  it('lets another list go, and is not resumed, when released where it may be another client’s', () => {
    const assessment = judged({
      provisioningState: 'Canceled',
      operation: { canceled: { ...END, heldFor: ['other'] } },
    });
    expect(assessment).toMatchObject({ allows: 'OtherChange', hold: { reason: 'ClusterFailed' } });
  });
});

describe('a recorded operation, by its phase and by what a read shows', () => {
  const object = intent('a', [0]);
  const held = { ...END, heldFor: [object.token] };
  const PHASES: Record<RecordedOperation['phase'], Parameters<typeof operation>[0]> = {
    Sent: {},
    Rolling: { seen: true },
    Failed: { failed: { ...END, confirmed: true } },
    Canceled: { canceled: held },
  };
  const shows: Record<Sight, Situation> = {
    OtherBusy: { list: OTHER, provisioningState: 'Updating' },
    OtherStopped: { list: OTHER, powerState: 'Stopped' },
    OtherIdle: { list: OTHER },
    Running: { provisioningState: 'Updating', nodes: old },
    Stopped: { powerState: 'Stopped' },
    Arriving: { provisioningState: 'Failed', nodes: old, operation: { attempts: 2, lastAttemptAt: at(START + HOUR) } },
    AllReplaced: { nodes: fresh },
    SucceededUnread: { nodes: unreadable },
    SucceededOldNodes: { nodes: old },
    SucceededUncounted: { pools: [pool({ provisioningState: 'Failed' })] },
    Failed: { provisioningState: 'Failed', nodes: old },
    Canceled: { provisioningState: 'Canceled', nodes: old },
  };
  /** The next phase and what is allowed, for an operation that is Sent, Rolling, Failed, Canceled. */
  const ROWS: Record<Sight, readonly [string, string, string, string]> = {
    OtherBusy: ['Sent Nothing', 'Rolling Nothing', 'Failed Nothing', 'Canceled Nothing'],
    OtherStopped: ['Sent Nothing', 'Rolling Nothing', 'Failed Nothing', 'Canceled Nothing'],
    OtherIdle: ['Sent Nothing', 'Rolling Nothing', 'Failed Nothing', 'Canceled Nothing'],
    Running: ['Rolling Nothing', 'Rolling Nothing', 'Rolling Nothing', 'Rolling Nothing'],
    Stopped: ['Rolling Nothing', 'Rolling Nothing', 'Failed Nothing', 'Canceled Nothing'],
    Arriving: ['Rolling Nothing', 'Rolling Nothing', 'Failed Nothing', 'Canceled Nothing'],
    AllReplaced: ['Done', 'Done', 'Done', 'Done'],
    SucceededUnread: ['Rolling OtherChange', 'Rolling OtherChange', 'Rolling OtherChange', 'Rolling OtherChange'],
    SucceededOldNodes: ['Rolling OtherChange', 'Rolling OtherChange', 'Rolling OtherChange', 'Rolling OtherChange'],
    SucceededUncounted: ['Rolling OtherChange', 'Rolling OtherChange', 'Rolling OtherChange', 'Rolling OtherChange'],
    Failed: ['Failed Retry', 'Failed Retry', 'Failed Retry', 'Canceled Nothing'],
    Canceled: ['Canceled Nothing', 'Canceled Nothing', 'Canceled Nothing', 'Canceled Nothing'],
  };
  const cells = Object.entries(ROWS).flatMap(([sight, row]) =>
    Object.keys(PHASES).map((phase, index) => [sight, phase, row[index]] as const),
  );

  it.each(cells)('%s, when it is %s: %s', (sight, phase, expected) => {
    const situation = shows[sight as Sight];
    const recorded = { ...PHASES[phase as RecordedOperation['phase']], ...situation.operation };
    const assessment = judged({ ...situation, after: HOUR, operation: recorded, intents: [object] });
    const open = openOf(assessment);
    expect(open ? `${open.operation.phase} ${open.allows}` : assessment.kind).toBe(expected);
  });

  it('keeps the release of a canceled operation through a read that fails to show the nodes', () => {
    const edited = intent('a', [0], { generation: 2 });
    const canceled = { provisioningState: 'Canceled', intents: [edited], operation: { canceled: held } } as const;
    const unread = openOf(judged({ ...canceled, nodes: unreadable, own: 'Unknown' }));
    expect(unread?.operation.canceled?.heldFor).toEqual(held.heldFor);
    const next = { ...canceled, nodes: old, operation: { canceled: unread!.operation.canceled! } };
    expect(judged(next)).toMatchObject({ allows: 'Retry' });
  });

  it('that a person canceled is not resumed because another client’s operation failed since', () => {
    const failed = { nodes: old, provisioningState: 'Failed', intents: [object], operation: { canceled: held } };
    expect(judged({ ...failed, own: 'Canceled' })).toMatchObject({
      allows: 'Nothing',
      operation: { phase: 'Canceled' },
    });
    const edited = { intents: [intent('a', [0], { generation: 2 })] };
    expect(judged({ ...failed, ...edited, own: 'Canceled' })).toMatchObject({ allows: 'Retry' });
  });

  it.each<[string, NonNullable<Situation['operation']>]>([
    ['before its first read', {}],
    ['while it was seen to run', { seen: true }],
    ['after another client had resumed it', { rolling: { resumedAfter: END } }],
  ])('that a person canceled %s is held although another client’s operation failed since', (_when, recorded) => {
    const failed = { nodes: old, provisioningState: 'Failed', intents: [object], after: HOUR, operation: recorded };
    expect(judged({ ...failed, own: 'Canceled' })).toMatchObject({
      ...{ allows: 'Nothing', hold: { reason: 'UpdateCanceled', stalled: true } },
      operation: { phase: 'Canceled', canceled: { confirmed: true, heldFor: [object.token] } },
    });
    expect(judged({ ...failed, own: 'Unknown' })).toMatchObject({ allows: 'Retry' });
  });
});
