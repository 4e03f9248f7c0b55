import { describe, expect, it } from '@jest/globals';
import type { NodesObservation } from '../../../src/cluster/model/observation.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { reimagedCondition } from '../../../src/cluster/reimage/condition.ts';
import type { Blocker } from '../../../src/cluster/reimage/blocker.ts';
import type { Progress } from '../../../src/cluster/reimage/progress.ts';
import type { Assessment } from '../../../src/cluster/model/assessment.ts';
import { at, node, observe, operation, START } from '../../harness/build.ts';

const counted: Progress = {
  nodes: { total: 3, reimaged: 1, excluded: 0, summary: '1/3' },
  pools: [],
  old: 2,
  members: new Map(),
};
const coarse: Progress = { ...counted, old: undefined };
const complete: Assessment = { kind: 'Done' };

function finding(
  record: RecordStatus,
  more: {
    standing?: Assessment;
    progress?: Progress;
    state?: string;
    nodes?: NodesObservation;
    blockers?: readonly Blocker[];
  } = {},
) {
  const {
    standing,
    progress,
    state = 'Succeeded',
    nodes = { kind: 'Read', nodes: [] },
    blockers: blockers = [],
  } = more;
  return reimagedCondition(observe({ provisioningState: state, nodes }), record, standing, progress, blockers);
}

function said(status: 'True' | 'False' | 'Unknown', reason: string): RecordStatus {
  return { conditions: [{ type: 'NodesReimaged', status, reason, message: 'before', lastTransitionTime: at(START) }] };
}

describe('NodesReimaged', () => {
  const running = { operation: operation(), nodes: counted.nodes };

  it('is True for a completed operation, and says who reported it', () => {
    expect(finding({}, { standing: complete, progress: { ...counted, old: 0 } })).toEqual({
      status: 'True',
      reason: 'Reimaged',
      message: 'All 3 nodes were replaced since the change',
    });
    expect(finding({}, { standing: complete, progress: coarse }).reason).toBe('ReportedByARM');
  });

  it.each<[string, RecordStatus, Parameters<typeof finding>[1], string, RegExp]>([
    ['runs', running, { state: 'Updating' }, 'ReimageInProgress', /^1 of 3 nodes were replaced since the change$/],
    [
      'runs unseen',
      running,
      { nodes: { kind: 'NoAccess' } },
      'ReimageInProgress',
      /, by the pool states that ARM reports$/,
    ],
    ['was not counted yet', { operation: operation() }, {}, 'ReimageInProgress', /^No node was counted yet$/],
    ['is not seen over a failed cluster', running, { state: 'Failed' }, 'ReimageInProgress', /1 of 3/],
    ['failed', { ...running, operation: operation({ seen: true }) }, { state: 'Failed' }, 'ReimageFailed', /1 of 3/],
    [
      'was canceled',
      { ...running, operation: operation({ seen: true }) },
      { state: 'Canceled' },
      'ReimageFailed',
      /1 of 3/,
    ],
  ])('is False of an operation that %s', (_what, record, more, reason, message) => {
    expect(finding(record, more)).toEqual({
      status: 'False',
      reason,
      message: expect.stringMatching(message) as unknown,
    });
  });

  const refused: Blocker = {
    pool: 'apps',
    kind: 'EvictionRefused',
    by: 'web/web-pdb allows no eviction of web/web-1, on node x',
    fix: 'make room',
    since: START,
  };

  it('is ReimageBlocked with the cause and its fix', () => {
    expect(finding(running, { state: 'Updating', blockers: [refused] })).toEqual({
      status: 'False',
      reason: 'ReimageBlocked',
      message:
        '1 of 3 nodes were replaced since the change. Node pool apps: web/web-pdb allows no eviction of web/web-1, on node x. Make room',
    });
  });

  it('names the pools with the same blocker in one sentence', () => {
    const gone: Blocker = { pool: 'a', kind: 'GivenUp', by: 'AKS gave up: X', fix: 'do y', since: START };
    const blockers = [gone, refused, { ...gone, pool: 'b' }];
    expect(finding(running, { state: 'Updating', blockers: blockers }).message).toBe(
      '1 of 3 nodes were replaced since the change. Node pools a, b: AKS gave up: X. Do y. ' +
        'Node pool apps: web/web-pdb allows no eviction of web/web-1, on node x. Make room',
    );
  });

  it('spells out ten blockers and counts the others: its row has the blocker of each pool', () => {
    const blockers = Array.from({ length: 100 }, (_, index): Blocker => {
      const pool = `pool${index}`;
      return {
        pool,
        kind: 'EvictionRefused',
        by: `budget ${index} allows no eviction of it`,
        fix: 'do',
        since: START,
      };
    });
    const { message } = finding(running, { state: 'Updating', blockers: blockers });
    expect(message).toContain('Node pool pool9: budget 9');
    expect(message).toMatch(/\. And 90 more, see status\.nodePools$/);
  });

  it('names the nodes with and without the new certificates where the operation failed half-way', () => {
    const members = new Map([
      [
        'system',
        [
          { node: node('a', START), state: 'Old' },
          { node: node('b', START), state: 'Unconfirmed' },
          { node: node('c', START), state: 'Replaced' },
        ] as const,
      ],
    ]);
    const failed = { ...running, operation: operation({ seen: true }) };
    expect(finding(failed, { state: 'Failed', progress: { ...counted, members } }).message).toBe(
      '1 of 3 nodes were replaced since the change; without the new certificates: a, b; with them: c',
    );
  });

  it('is Unknown while an operation runs and the nodes cannot be read', () => {
    const nodes = { kind: 'Unreadable', message: 'no route' } as const;
    expect(finding(running, { nodes })).toEqual({ status: 'Unknown', reason: 'NodesUnreadable', message: 'no route' });
  });

  it.each<[string, RecordStatus, string, string, string]>([
    ['nothing was ever sent', {}, 'Succeeded', 'True', 'NoChangeMade'],
    ['nothing was ever sent over a failed cluster', {}, 'Failed', 'Unknown', 'ClusterNotSucceeded'],
    ['the last operation completed', said('True', 'Reimaged'), 'Succeeded', 'True', 'Reimaged'],
    ['it did, and an operation of another client failed', said('True', 'Reimaged'), 'Failed', 'True', 'Reimaged'],
    ['nothing was sent, and still is not', said('True', 'NoChangeMade'), 'Succeeded', 'True', 'NoChangeMade'],
    ['an operation was left unfinished', said('False', 'ReimageFailed'), 'Failed', 'Unknown', 'ClusterNotSucceeded'],
    ['another client completed it', said('False', 'ReimageFailed'), 'Succeeded', 'True', 'ReportedByARM'],
    [
      'others brought a failed cluster back',
      said('Unknown', 'ClusterNotSucceeded'),
      'Succeeded',
      'True',
      'ReportedByARM',
    ],
  ])('without an operation, when %s', (_when, record, state, status, reason) => {
    expect(finding(record, { state })).toMatchObject({ status, reason });
  });

  it.each(['Unreachable', 'ClusterNotFound', 'AccessDenied'])(
    'says that nothing was sent when the cluster could not be read at first (%s)',
    (reason) => {
      expect(finding(said('Unknown', reason))).toMatchObject({ status: 'True', reason: 'NoChangeMade' });
    },
  );
});
