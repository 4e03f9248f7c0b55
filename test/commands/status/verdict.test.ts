import { describe, expect, it } from '@jest/globals';
import { RECONCILE_REQUESTED_AT } from '../../../src/api/names.ts';
import { reportOn } from '../../../src/commands/status/cluster-report.ts';
import { EXIT_CODES, worst, type Verdict } from '../../../src/commands/status/verdict.ts';
import { createPatience } from '../../../src/commands/status/watch.ts';
import { but, record, rotation, says, trust, UPDATING, type RotationSeed, type TrustSeed } from './states.ts';

const exitCode = (...seeds: TrustSeed[]) =>
  EXIT_CODES[worst(reportOn({ trusts: seeds.map(trust), records: [] }).map(({ verdict }) => verdict)).outcome];
const notReady = (reason: string) => says('Ready', 'False', reason);
const stalled = (reason: string) => but(notReady(reason), says('Stalled', 'True', reason));
const notReimaged = (reason: string, status: 'False' | 'Unknown' = 'False') =>
  but(notReady(reason), says('NodesReimaged', status, reason));

describe('the exit code of an object', () => {
  it.each<[string, TrustSeed, number]>([
    ['Ready', {}, 0],
    ['Ready, but of an older generation', { metadata: { generation: 3 } }, 2],
    ['Ready, and being deleted', { metadata: { deletionTimestamp: '2026-11-22T11:00:00Z' } }, 2],
    ['without a status', { status: {}, conditions: [] }, 2],
    ['settling', { conditions: but(notReady('Settling')) }, 2],
    ['being rolled out', { conditions: notReimaged('ReimageInProgress') }, 2],
    ['with nodes that cannot be read', { conditions: notReimaged('NodesUnreadable', 'Unknown') }, 3],
    ['waiting for a cluster that is busy', { conditions: but(notReady('ClusterBusy')) }, 2],
    ['suspended, with all in place', { conditions: but(says('Ready', 'True', 'Suspended')) }, 0],
    ['suspended, with something missing', { conditions: but(notReady('Suspended')) }, 3],
    ['without access', { conditions: but(notReady('AccessDenied')) }, 3],
    ['of a cluster that is not there', { conditions: but(notReady('ClusterNotFound')) }, 3],
    ['of a cluster that cannot be reached', { conditions: but(notReady('Unreachable')) }, 3],
    ['seen by no controller yet', { status: { observedGeneration: -1 }, conditions: [] }, 2],
    ['over the limit', { conditions: stalled('LimitExceeded') }, 3],
    ['blocked', { conditions: notReimaged('ReimageBlocked') }, 3],
    ['failed half-way', { conditions: notReimaged('ReimageFailed') }, 3],
    ['stalled, but of an older generation', { conditions: stalled('Held'), metadata: { generation: 3 } }, 2],
  ])('%s is %j → %d', (_, seed, code) => {
    expect(exitCode(seed)).toBe(code);
  });

  it.each<[string, RotationSeed, number]>([
    ['watches healthy certificates', {}, 0],
    [
      'watches one that has expired',
      { conditions: [says('CertificatesHealthy', 'False', 'Expired'), says('Ready', 'True', 'Expired')] },
      0,
    ],
    ['is of an older generation', { metadata: { generation: 3 } }, 2],
    ['waits for its window', { mode: 'Rotate', conditions: [notReady('WaitingForWindow')] }, 2],
    ['is being rotated', { mode: 'Rotate', conditions: [notReady('Updating')] }, 2],
    ['has failed and is sent again', { mode: 'Rotate', conditions: [notReady('RotationFailed')] }, 2],
    [
      'has failed for good',
      { mode: 'Rotate', conditions: [notReady('RotationFailed'), says('Stalled', 'True', 'RotationFailed')] },
      3,
    ],
    ['has no right to the Secret', { conditions: [notReady('SecretNotWritten')] }, 3],
    ['has a request that is not handled', { metadata: { annotations: { [RECONCILE_REQUESTED_AT]: 'now' } } }, 2],
  ])('of a CertificateRotation that %s is of %j → %d', (_, seed, code) => {
    const [report] = reportOn({ trusts: [], rotations: [rotation(seed)], records: [record()] });
    expect(EXIT_CODES[report!.verdict.outcome]).toBe(code);
  });

  it('counts the rotations of a cluster with its other objects', () => {
    const stuck = rotation({ conditions: stalled('RotationNotAllowed') });
    const [report] = reportOn({ trusts: [trust()], rotations: [stuck], records: [record()] });
    expect(report?.verdict).toEqual({ outcome: 'Stuck', lasting: true });
  });

  it('of several is stuck as soon as one of them is, and converged only when all are', () => {
    const moving = { name: 'm', cluster: 'b', conditions: but(notReady('Settling')) };
    const stuck = { name: 's', cluster: 'c', conditions: stalled('Held') };
    expect(exitCode({}, moving)).toBe(2);
    expect(exitCode({}, moving, stuck)).toBe(3);
    expect(exitCode({}, { name: 'other' })).toBe(0);
  });
});

describe('the verdict on a cluster without objects', () => {
  it.each([
    ['Converged', {}],
    ['InProgress', UPDATING],
    ['InProgress', { state: 'Idle' as const, conditions: [says('NodesReimaged', 'Unknown', 'NodesUnreadable')] }],
    ['Stuck', { ...UPDATING, conditions: [says('NodesReimaged', 'False', 'ReimageBlocked')] }],
    [
      'Stuck',
      {
        state: 'Held' as const,
        refusal: { reason: 'AccessDenied', code: 'x', message: '', at: '', count: 1, stalled: true },
      },
    ],
  ])('is %s with %j', (outcome, status) => {
    expect(reportOn({ trusts: [], records: [record(status)] })[0]?.verdict.outcome).toBe(outcome);
  });
});

describe('patience', () => {
  const CONVERGED: Verdict = { outcome: 'Converged', lasting: true };
  const STALLED: Verdict = { outcome: 'Stuck', lasting: true };
  const HELD_UP: Verdict = { outcome: 'Stuck', lasting: false };
  const MOVING: Verdict = { outcome: 'InProgress', lasting: false };

  it('is not needed for what is converged or stalled', () => {
    expect(createPatience(1000).isOver([CONVERGED, STALLED], 0)).toBe(true);
    expect(createPatience(1000).isOver([], 0)).toBe(true);
  });

  it('ends when nodes were held up for as long without a break', () => {
    const patience = createPatience(1000);
    expect(patience.isOver([HELD_UP, CONVERGED], 0)).toBe(false);
    expect(patience.isOver([HELD_UP, CONVERGED], 999)).toBe(false);
    expect(patience.isOver([HELD_UP, CONVERGED], 1000)).toBe(true);
  });

  it('begins anew when they moved in between', () => {
    const patience = createPatience(1000);
    expect(patience.isOver([HELD_UP], 0)).toBe(false);
    expect(patience.isOver([MOVING], 900)).toBe(false);
    expect(patience.isOver([HELD_UP], 1000)).toBe(false);
    expect(patience.isOver([HELD_UP], 2000)).toBe(true);
  });

  it('does not end while anything else is in progress', () => {
    const patience = createPatience(0);
    expect(patience.isOver([HELD_UP, MOVING], 0)).toBe(false);
    expect(patience.isOver([STALLED, MOVING], 0)).toBe(false);
    expect(patience.isOver([HELD_UP], 0)).toBe(true);
  });
});
