import { describe, expect, it } from '@jest/globals';
import { assessRotation, isRotating, rotationSight } from '../../../../src/cluster/kinds/rotate-certificates/assess.ts';
import type { OperationStatus } from '../../../../src/azure/managed-clusters.ts';
import type { AssessmentInput } from '../../../../src/cluster/operation/assess.ts';
import type { Observation } from '../../../../src/cluster/model/observation.ts';
import type { RecordedOperation } from '../../../../src/cluster/model/record.ts';
import { DEFAULT_TIMING } from '../../../../src/cluster/model/timing.ts';
import { measureProgress } from '../../../../src/cluster/reimage/progress.ts';
import { baselineOf } from '../../../../src/cluster/reimage/baseline.ts';
import { isRotatedPool } from '../../../../src/cluster/kinds/rotate-certificates/pools.ts';
import { at, mark, MINUTE, model, node, observe, pool, SECOND, START } from '../../../harness/build.ts';

const OLD = 40;
const NEW = 41;
const ROTATING = 'RotatingClusterCertificates';

interface Situation {
  /** State of the cluster; default: Succeeded. */
  readonly state?: string;
  /** State of the pool; default: Succeeded. */
  readonly poolState?: string;
  readonly osType?: string;
  /** The CA that ARM lists; default: none was read. */
  readonly ca?: number;
  /** Minutes since the attempt was sent. */
  readonly after: number;
  readonly phase?: 'Rolling' | 'Failed' | 'Canceled';
  readonly attempts?: number;
  /** The state of the attempt itself. */
  readonly own?: OperationStatus['status'];
  /** Creation times of the two nodes, in minutes after the attempt; default: the nodes are not read. */
  readonly nodes?: readonly number[];
  /** Minutes since a first read found nothing. */
  readonly notFound?: number;
  /** Minutes since ARM reported Succeeded. */
  readonly succeeded?: number;
  readonly stopped?: boolean;
}

function input(situation: Situation): AssessmentInput {
  const { state = 'Succeeded', poolState = 'Succeeded', osType = 'Linux', ca, after, phase, attempts = 1 } = situation;
  const { own, nodes, notFound, succeeded, stopped } = situation;
  const now = START + after * MINUTE;
  // An end that this attempt did not have.
  const end = { code: 'X', message: 'the cause', at: at(START - MINUTE) };
  const counted = nodes ? { baseline: at(START - MINUTE), countedAt: at(START - SECOND) } : {};
  const operation: RecordedOperation = {
    id: 'op-1',
    kind: 'RotateCertificates',
    rotateCertificates: { oldCA: mark(OLD), reason: 'Requested' },
    startedAt: at(START),
    attempts,
    lastAttemptAt: at(START),
    ...counted,
    ...(notFound === undefined ? {} : { notFound: { since: at(now - notFound * MINUTE), digest: mark(OLD) } }),
    ...(phase === 'Failed'
      ? { phase, failed: end }
      : phase === 'Canceled'
        ? { phase, canceled: { ...end, heldFor: [] } }
        : phase === 'Rolling'
          ? { phase, rolling: succeeded === undefined ? {} : { succeededSince: at(now - succeeded * MINUTE) } }
          : { phase: 'Sent' }),
  };
  const cluster = model({
    provisioningState: state,
    powerState: stopped ? 'Stopped' : 'Running',
    pools: [pool({ provisioningState: poolState, osType })],
  });
  const views = nodes?.map((minutes, index) => node(`n${index}`, START + minutes * MINUTE));
  const seen: Observation = {
    ...observe({
      ...cluster,
      readAt: now,
      nodes: views ? { kind: 'Read', nodes: views } : { kind: 'NoAccess' },
      ...(own ? { operation: { status: own, code: 'X', message: 'the cause' } } : {}),
    }),
    ...(ca === undefined
      ? {}
      : { clusterCA: { ok: true, fingerprint: mark(ca), createdAt: START, notAfter: START + 1, readAt: now } }),
  };
  return {
    observation: seen,
    model: cluster,
    readAt: now,
    operation,
    isShown: false,
    digest: '',
    progress: measureProgress(cluster, seen.nodes, baselineOf(operation), undefined, isRotatedPool),
    now,
    timing: DEFAULT_TIMING,
  };
}

describe('what one read shows of a rotation', () => {
  it.each<[string, Situation]>([
    ['Rotating', { state: ROTATING, after: 1 }],
    ['Rotating', { state: 'Updating', poolState: ROTATING, after: 1 }],
    ['Rotating', { state: 'Certificate Rotating', after: 1 }],
    // ARM's own words disagree: neither is believed to be the end.
    ['Rotating', { state: ROTATING, own: 'Succeeded', ca: NEW, after: 20 }],
    ['Rotating', { state: 'Succeeded', own: 'InProgress', ca: OLD, after: 20 }],
    ['Rotating', { state: 'Failed', own: 'InProgress', after: 20 }],
    ['OtherBusy', { state: 'Upgrading', after: 1 }],
    ['OtherBusy', { poolState: 'Scaling', after: 1 }],
    ['Stopped', { stopped: true, after: 1 }],
    ['OldCA', { ca: OLD, after: 1 }],
    ['OldCA', { ca: OLD, after: 60, phase: 'Rolling' }],
    ['NewCA', { ca: NEW, after: 1 }],
    ['CAUnread', { after: 1 }],
    ['Arriving', { state: 'Failed', after: 4, phase: 'Failed', attempts: 2 }],
    ['Failed', { state: 'Failed', after: 5, phase: 'Failed', attempts: 2 }],
    ['Failed', { state: 'Failed', after: 1, phase: 'Failed', attempts: 2, own: 'Failed' }],
    ['Arriving', { state: 'Succeeded', ca: NEW, after: 4, phase: 'Failed', attempts: 2 }],
    ['NewCA', { state: 'Succeeded', ca: NEW, after: 4, phase: 'Rolling', attempts: 2 }],
    ['Arriving', { state: 'Failed', after: 4 }],
    ['Failed', { state: 'Failed', after: 4, phase: 'Rolling' }],
    ['Canceled', { state: 'Canceled', after: 4, phase: 'Rolling' }],
  ])('%s: %j', (sight, situation) => {
    expect(rotationSight(input(situation))).toBe(sight);
  });

  it('knows no other state as a rotation of the certificates', () => {
    for (const provisioningState of [
      'RotatingClusterStaticTokens',
      'ReconcilingClusterCertificates',
      'Updating',
      'RotatingServiceAccountSigningKeysInternal',
    ])
      expect([provisioningState, isRotating(model({ provisioningState }))]).toEqual([provisioningState, false]);
  });
});

describe('what becomes of a rotation', () => {
  it.each<[string, Situation, string]>([
    ['runs', { state: ROTATING, after: 10 }, 'Nothing Rolling Updating'],
    ['runs for long', { state: ROTATING, after: 46 }, 'Nothing Rolling RotationSlow'],
    ['hangs', { state: ROTATING, after: 91 }, 'Nothing Rolling RotationHangs!'],
    ['may arrive', { ca: OLD, after: 4 }, 'Nothing Sent Updating'],
    ['has to be read twice', { ca: OLD, after: 6 }, 'Nothing Sent Updating'],
    ['has to be read twice, a minute apart', { ca: OLD, after: 6, notFound: 0.5 }, 'Nothing Sent Updating'],
    ['never arrived', { ca: OLD, after: 6, notFound: 1 }, 'NeverArrived'],
    [
      'arrived, because nodes are newer',
      { ca: OLD, after: 7, notFound: 2, nodes: [3, -60] },
      'Nothing Rolling Updating',
    ],
    ['never arrived where all nodes are old', { ca: OLD, after: 7, notFound: 2, nodes: [-30, -60] }, 'NeverArrived'],
    [
      'arrived, because it says so itself',
      { ca: OLD, after: 7, notFound: 2, own: 'Succeeded' },
      'Nothing Rolling Updating',
    ],
    ['shows the old CA for a while after it ran', { ca: OLD, after: 30, phase: 'Rolling' }, 'Nothing Rolling Updating'],
    [
      'shows the old CA for a while after it hung',
      { ca: OLD, after: 95, phase: 'Rolling' },
      'Nothing Rolling Updating',
    ],
    [
      '… as long as a listing may be behind',
      { ca: OLD, after: 95, phase: 'Rolling', notFound: 4 },
      'Nothing Rolling Updating',
    ],
    ['ended without another CA', { ca: OLD, after: 90, phase: 'Rolling', notFound: 5 }, 'NeverArrived'],
    ['is decided by nothing that was not read', { after: 200, phase: 'Rolling' }, 'OtherChange Rolling Updating!'],
    ['needs a second read of the new CA', { ca: NEW, after: 10, phase: 'Rolling' }, 'Nothing Rolling Updating'],
    [
      'is done by what ARM says where nodes are not read',
      { ca: NEW, after: 10, phase: 'Rolling', succeeded: 1 },
      'Done',
    ],
    ['is done with its last node', { ca: NEW, after: 10, phase: 'Rolling', succeeded: 1, nodes: [5, 6] }, 'Done'],
    [
      'waits for its last node',
      { ca: NEW, after: 10, phase: 'Rolling', succeeded: 1, nodes: [5, -60] },
      'Nothing Rolling Updating',
    ],
    [
      'waits for nodes of Windows as well',
      { ca: NEW, after: 10, phase: 'Rolling', succeeded: 1, nodes: [5, -60], osType: 'Windows' },
      'Nothing Rolling Updating',
    ],
    [
      'leaves a node old',
      { ca: NEW, after: 20, phase: 'Rolling', succeeded: 6, nodes: [5, -60] },
      'OtherChange Rolling Updating!',
    ],
    [
      'needs every pool',
      { ca: NEW, after: 10, phase: 'Rolling', succeeded: 1, poolState: 'Failed' },
      'OtherChange Rolling ClusterFailed',
    ],
    [
      'failed, and is tried again',
      { state: 'Failed', after: 10, phase: 'Rolling', ca: OLD },
      'Retry Failed RotationFailed',
    ],
    [
      'failed for the last time',
      { state: 'Failed', after: 10, phase: 'Rolling', ca: OLD, attempts: 4 },
      'Nothing Failed RotationFailed!',
    ],
    ['may have failed, or another client did', { state: 'Failed', after: 10 }, 'Nothing Sent ClusterFailed'],
    ['failed by its own status', { state: 'Failed', after: 10, own: 'Failed' }, 'Retry Failed RotationFailed'],
    [
      'failed with another CA and an old node',
      { state: 'Failed', after: 10, ca: NEW, nodes: [5, -60] },
      'Retry Failed RotationFailed',
    ],
    [
      'may have succeeded before another client failed, where its nodes are not read',
      { state: 'Failed', after: 10, phase: 'Rolling', ca: NEW },
      'Nothing Rolling ClusterFailed',
    ],
    [
      'may have succeeded before another client failed, where its nodes are new',
      { state: 'Failed', after: 10, phase: 'Rolling', ca: NEW, nodes: [5, 6] },
      'Nothing Rolling ClusterFailed',
    ],
    [
      'may have succeeded before another client failed, where its CA is not read',
      { state: 'Failed', after: 10, phase: 'Rolling' },
      'Nothing Rolling ClusterFailed',
    ],
    [
      'succeeded before another client failed',
      { state: 'Failed', after: 60, phase: 'Rolling', succeeded: 20, ca: NEW, nodes: [5, -60] },
      'OtherChange Rolling ClusterFailed',
    ],
    [
      'succeeded by its own status before another client canceled',
      { state: 'Canceled', after: 60, phase: 'Rolling', own: 'Succeeded', ca: NEW },
      'OtherChange Rolling ClusterFailed',
    ],
    [
      'failed by its own status after ARM said Succeeded',
      { state: 'Failed', after: 10, phase: 'Rolling', succeeded: 1, own: 'Failed', ca: NEW },
      'Retry Failed RotationFailed',
    ],
    [
      'has a status of its own that never ends',
      { ca: NEW, after: 91, phase: 'Rolling', own: 'InProgress', succeeded: 80 },
      'Done',
    ],
    ['was canceled', { state: 'Canceled', after: 10, phase: 'Rolling' }, 'Nothing Canceled RotationCanceled!'],
    [
      'stays canceled when another client fails',
      { state: 'Failed', after: 10, phase: 'Canceled' },
      'Nothing Canceled RotationCanceled!',
    ],
  ])('that %s', (_, situation, expected) => {
    const assessment = assessRotation(input(situation));
    if (assessment.kind !== 'Open') {
      expect(assessment.kind).toBe(expected);
      return;
    }
    const { allows, operation, hold } = assessment;
    expect(`${allows} ${operation.phase} ${hold?.reason}${hold?.stalled ? '!' : ''}`).toBe(expected);
  });

  it('says what AKS does in its own words, and nothing of lists', () => {
    const states: Situation[] = [
      { state: ROTATING, after: 10 },
      { state: 'Upgrading', after: 10 },
      { ca: OLD, after: 3 },
      { state: 'Failed', after: 10, phase: 'Rolling', ca: OLD },
      { ca: NEW, after: 20, phase: 'Rolling', succeeded: 6, nodes: [5, -60] },
    ];
    for (const situation of states) {
      const assessment = assessRotation(input(situation));
      if (assessment.kind === 'Open') expect(assessment.hold?.message).not.toMatch(/\blist\b/);
    }
    const running = assessRotation(input({ state: ROTATING, after: 10, nodes: [5, -60] }));
    expect(running).toMatchObject({
      hold: {
        message: 'AKS rotates the certificates of the cluster: RotatingClusterCertificates, 1 of 2 nodes replaced.',
      },
    });
  });
});
