import { describe, expect, it } from '@jest/globals';
import type { ClusterModel } from '../../../src/azure/cluster-model.ts';
import type { OperationStatus } from '../../../src/azure/managed-clusters.ts';
import type { Intent } from '../../../src/cluster/model/intent.ts';
import type { NodesObservation, Observation } from '../../../src/cluster/model/observation.ts';
import type { RecordedOperation } from '../../../src/cluster/model/record.ts';
import { measureProgress } from '../../../src/cluster/reimage/progress.ts';
import { baselineOf } from '../../../src/cluster/reimage/baseline.ts';
import { assess } from '../../../src/cluster/operation/assess.ts';
import type { Assessment } from '../../../src/cluster/model/standing.ts';
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
  readonly operation?: Partial<RecordedOperation>;
  readonly list?: string;
  readonly nodes?: NodesObservation;
  readonly own?: OperationStatus['status'];
  readonly intents?: readonly Intent[];
  /** After the last attempt, in ms. */
  readonly after?: number;
  readonly seenFor?: NonNullable<Observation['seenFor']>;
}

const SENT = digest(0);
const OTHER = digest(1);
const old: NodesObservation = { kind: 'Read', nodes: [node('x', START - SECOND), node('y', START + SECOND)] };
const fresh: NodesObservation = { kind: 'Read', nodes: [node('x', START + SECOND), node('y', START + SECOND)] };
const none: NodesObservation = { kind: 'NoAccess' };

function stand(situation: Situation): Assessment {
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
    digest: list,
    progress: measureProgress(model, nodes, baselineOf(begun)),
    now,
    timing: DEFAULT_TIMING,
  });
}

function holdOf(standing: Assessment) {
  return 'hold' in standing ? standing.hold : undefined;
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
      { after: MINUTE + 4 * SECOND, operation: { absentSince: at(START + MINUTE), absentDigest: OTHER } },
      6 * SECOND,
    ],
    [
      'when the second read shows yet another list',
      { after: 2 * MINUTE, operation: { absentSince: at(START + MINUTE), absentDigest: 'another' } },
      10 * SECOND,
    ],
  ])('waits: %s', (_when, situation, afterMs) => {
    const standing = stand({ list: OTHER, ...situation });
    expect(standing.kind).toBe('Wait');
    expect(holdOf(standing)).toMatchObject({ reason: 'Updating', stalled: false, afterMs });
  });

  it('notes the first read that shows another list, and begins anew when that changes', () => {
    const first = stand({ list: OTHER, after: MINUTE });
    expect(first).toMatchObject({ operation: { absentSince: at(START + MINUTE), absentDigest: OTHER } });
    const noted = { absentSince: at(START + MINUTE), absentDigest: 'another' };
    expect(stand({ list: OTHER, after: 2 * MINUTE, operation: noted })).toMatchObject({
      operation: { absentSince: at(START + 2 * MINUTE), absentDigest: OTHER },
    });
  });

  it('forgets that read when something runs, or the cluster is stopped', () => {
    const noted = { absentSince: at(START + MINUTE), absentDigest: OTHER };
    for (const situation of [{ provisioningState: 'Updating' }, { powerState: 'Stopped' }]) {
      const standing = stand({ list: OTHER, after: 2 * MINUTE, operation: noted, ...situation });
      expect(standing.kind === 'Wait' && standing.operation).not.toHaveProperty('absentSince');
    }
  });

  it('never arrived when two reads ten seconds apart agree, both a minute after the attempt', () => {
    const noted = { absentSince: at(START + MINUTE), absentDigest: OTHER };
    expect(stand({ list: OTHER, after: MINUTE + 10 * SECOND, operation: noted })).toEqual({ kind: 'NeverArrived' });
  });

  it.each(['Failed', 'Canceled'])('never arrived at a cluster in state %s either', (provisioningState) => {
    const noted = { absentSince: at(START + MINUTE), absentDigest: OTHER };
    expect(stand({ list: OTHER, after: 2 * MINUTE, operation: noted, provisioningState }).kind).toBe('NeverArrived');
  });

  it('counts the minute from the last attempt, not from the first', () => {
    const resumed = { attempts: 2, lastAttemptAt: at(START + HOUR) };
    expect(stand({ list: OTHER, after: HOUR + 30 * SECOND, operation: resumed }).kind).toBe('Wait');
  });
});

describe('an operation whose list ARM shows', () => {
  it.each<[string, Situation]>([
    ['ARM says Succeeded and every node is new', { nodes: fresh }],
    ['ARM says Succeeded and nodes are not read', {}],
    [
      'ARM says Succeeded of all that takes part',
      { pools: [pool(), pool({ name: 'win', osType: 'Windows', provisioningState: 'Failed' })] },
    ],
    [
      'ARM says Succeeded and the nodes came into sight after it began',
      { nodes: old, operation: { baseline: undefined as never } },
    ],
    ['every node is new, although an operation failed since', { nodes: fresh, provisioningState: 'Failed' }],
    ['every node is new, although an operation was canceled since', { nodes: fresh, provisioningState: 'Canceled' }],
  ])('is done when %s', (_when, situation) => {
    expect(stand(situation)).toEqual({ kind: 'Done' });
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
    expect(holdOf(stand({ ...running, after, seenFor: { attemptMs } }))).toMatchObject({ reason: 'Updating', afterMs });
  });

  it.each<[string, Situation, string, string, boolean]>([
    ['while it runs', { provisioningState: 'Updating', nodes: fresh }, 'Wait', 'Updating', false],
    ['while a pool is at work', { pools: [pool({ provisioningState: 'Updating' })] }, 'Wait', 'Updating', false],
    ['over a stopped cluster', { powerState: 'Stopped', nodes: old }, 'Wait', 'ClusterStopped', false],
    [
      'while nodes cannot be read, and lets other changes go',
      { nodes: { kind: 'Unreadable', message: 'no' } },
      'OldNodesRemain',
      'NodesUnreadable',
      false,
    ],
    [
      'when it failed by its own status and nodes cannot be read',
      { nodes: { kind: 'Unreadable', message: 'no' }, own: 'Failed', provisioningState: 'Failed' },
      'Resume',
      'UpdateFailed',
      false,
    ],
    [
      'when the failed operation may be another client’s, because nodes cannot be read',
      { nodes: { kind: 'Unreadable', message: 'no' }, own: 'Unknown', provisioningState: 'Failed' },
      'OldNodesRemain',
      'ClusterFailed',
      false,
    ],
    ['when ARM is done and old nodes are left', { nodes: old }, 'OldNodesRemain', 'Updating', false],
    ['when it was canceled', { nodes: old, provisioningState: 'Canceled' }, 'Wait', 'UpdateCanceled', true],
    [
      'when it was canceled by its own status',
      { own: 'Canceled', provisioningState: 'Canceled' },
      'Wait',
      'UpdateCanceled',
      true,
    ],
    [
      'when the canceled operation may be another client’s',
      { own: 'Unknown', provisioningState: 'Canceled' },
      'Wait',
      'ClusterFailed',
      false,
    ],
    ['when it failed', { nodes: old, provisioningState: 'Failed' }, 'Resume', 'UpdateFailed', false],
    [
      'when it failed by its own status',
      { own: 'Failed', provisioningState: 'Failed' },
      'Resume',
      'UpdateFailed',
      false,
    ],
    [
      'when the failed operation may be another client’s',
      { own: 'Unknown', provisioningState: 'Failed' },
      'OldNodesRemain',
      'ClusterFailed',
      false,
    ],
    [
      'when it failed and a pool is off its target',
      { nodes: old, provisioningState: 'Failed', after: HOUR, pools: [pool({ currentVersion: '1.32.0' })] },
      'Wait',
      'ClusterFailed',
      false,
    ],
    [
      'when ARM says Succeeded of the cluster only, and nodes are not read',
      { pools: [pool(), pool({ name: 'apps', provisioningState: 'Failed' })] },
      'OldNodesRemain',
      'ClusterFailed',
      false,
    ],
  ])('is not done %s', (_when, situation, kind, reason, stalled) => {
    const standing = stand(situation);
    expect(standing.kind).toBe(kind);
    expect(holdOf(standing)).toMatchObject({ reason, stalled });
    expect(holdOf(standing)?.afterMs).toBeGreaterThan(0);
  });

  it('is noted as seen, and no longer as absent', () => {
    const noted = { absentSince: at(START), absentDigest: OTHER };
    const standing = stand({ provisioningState: 'Updating', operation: noted });
    expect(standing).toMatchObject({ operation: { seen: true } });
    expect('operation' in standing && standing.operation).not.toHaveProperty('absentSince');
  });

  it('forgets how it had ended when any client resumes it', () => {
    const standing = stand({ provisioningState: 'Updating', operation: { ended: 'Canceled', heldFor: ['x'] } });
    expect('operation' in standing && standing.operation).toEqual(
      operation({ listDigest: SENT, baseline: at(START), seen: true }),
    );
  });
});

describe('an operation that failed', () => {
  const failed = { nodes: old, provisioningState: 'Failed' } as const;
  const since = (ms: number, attempts = 1): Situation => ({
    ...failed,
    after: ms,
    operation: { attempts, lastError: { code: 'C', message: 'm', at: at(START) } },
  });

  it('notes when that was first seen, and why', () => {
    const seen = { ...failed, provisioningError: { code: 'SubnetIsFull', message: 'full' }, after: HOUR };
    expect(stand(seen)).toMatchObject({
      operation: { lastError: { code: 'SubnetIsFull', message: 'full', at: at(START + HOUR) } },
      hold: { afterMs: MINUTE },
    });
  });

  it('keeps the first time it was seen', () => {
    expect(stand(since(10 * SECOND))).toMatchObject({ operation: { lastError: { at: at(START) } } });
  });

  it.each([
    [1, MINUTE],
    [2, 2 * MINUTE],
    [4, 8 * MINUTE],
    [7, HOUR],
    [1000, HOUR],
  ])('after attempt %i is resumed in %i ms', (attempts, wait) => {
    expect(stand(since(wait - 1, attempts))).toMatchObject({ kind: 'Resume', hold: { afterMs: 1 } });
    expect(holdOf(stand(since(wait, attempts)))).toBeUndefined();
  });

  it.each([
    ['PodDrainFailure', 'PodDisruptionBudget'],
    ['QuotaExceeded', 'quota'],
    ['SubnetIsFull', 'subnet'],
  ])('of %s names the fix', (code, fix) => {
    const hold = holdOf(stand({ ...failed, provisioningError: { code, message: 'm' } }));
    expect(hold?.message).toContain(`${code}: m`);
    expect(hold?.message).toContain(fix);
    expect(hold?.message).toContain(`Attempt 2 at ${second(START + MINUTE)}`);
  });
});

describe('an operation that was canceled', () => {
  const held = intent('a', [0]);
  const canceled = { nodes: old, provisioningState: 'Canceled', intents: [held] } as const;

  it('is held for the objects as they are', () => {
    expect(stand(canceled)).toMatchObject({ operation: { heldFor: [held.token] } });
  });

  it.each<[string, Intent, boolean]>([
    ['nothing happened', held, false],
    ['an object was edited', intent('a', [0], { generation: 2 }), true],
    ['a person asks', intent('a', [0], { requestedAt: 'now' }), true],
  ])('is released when %s: %#', (_when, now, released) => {
    const standing = stand({ ...canceled, intents: [now], operation: { heldFor: [held.token] } });
    expect(standing.kind).toBe(released ? 'Resume' : 'Wait');
    if (released) expect(holdOf(standing)).toBeUndefined();
  });

  it('is not resumed over a half-done upgrade, also when released', () => {
    const pools = [pool({ currentVersion: '1.32.0' })];
    const standing = stand({ ...canceled, pools, operation: { heldFor: ['other'] } });
    expect(standing).toMatchObject({ kind: 'Wait', hold: { reason: 'ClusterFailed' } });
  });

  it('lets another list go, and is not resumed, when released where it may be another client’s', () => {
    const standing = stand({ provisioningState: 'Canceled', operation: { heldFor: ['other'] } });
    expect(standing).toMatchObject({ kind: 'OldNodesRemain', hold: { reason: 'ClusterFailed' } });
  });
});
