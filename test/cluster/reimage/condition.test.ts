import { describe, expect, it } from '@jest/globals';
import type { NodesObservation } from '../../../src/cluster/model/observation.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { reimagedCondition } from '../../../src/cluster/reimage/condition.ts';
import type { Blocker } from '../../../src/cluster/reimage/blocker.ts';
import type { Progress } from '../../../src/cluster/reimage/progress.ts';
import { at, node, observe, operation, START } from '../../harness/build.ts';

const counted: Progress = {
  nodes: { total: 3, reimaged: 1, excluded: 0, summary: '1/3' },
  pools: [],
  old: 2,
  members: new Map(),
};

function finding(
  record: RecordStatus,
  more: {
    progress?: Progress;
    state?: string;
    nodes?: NodesObservation;
    blockers?: readonly Blocker[];
  } = {},
) {
  const { progress, state = 'Succeeded', nodes = { kind: 'Read', nodes: [] }, blockers: blockers = [] } = more;
  return reimagedCondition(observe({ provisioningState: state, nodes }), record, progress, blockers);
}

describe('NodesReimaged', () => {
  const running = { operation: operation(), nodes: counted.nodes };

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

  const seen = (nodes: number): RecordStatus => ({ lastApplied: { at: at(START), proof: 'NodesSeen', nodes } });
  const byArm: RecordStatus = { lastApplied: { at: at(START), proof: 'ReportedByARM' } };
  const BY_ARM = 'ARM reports Succeeded; the nodes themselves were not read';
  const NONE = 'No update was needed, so no node was replaced';

  it.each<[string, RecordStatus, string, string, string, string | RegExp]>([
    [
      'Succeeded was never seen',
      {},
      'Failed',
      'Unknown',
      'ClusterNotSucceeded',
      /^The cluster is in state Failed, so /,
    ],
    ['nothing was ever sent', { firstSucceeded: 'AtFirstRead' }, 'Succeeded', 'True', 'NoChangeMade', NONE],
    ['nothing was sent, and AKS works', { firstSucceeded: 'AtFirstRead' }, 'Updating', 'True', 'NoChangeMade', NONE],
    ['others brought a failed cluster back', { firstSucceeded: 'Later' }, 'Succeeded', 'True', 'ReportedByARM', BY_ARM],
    ['all nodes were seen', seen(3), 'Succeeded', 'True', 'Reimaged', 'All 3 nodes were replaced since the change'],
    ['the only node was seen', seen(1), 'Succeeded', 'True', 'Reimaged', 'The only node was replaced since the change'],
    ['all were seen, and another client failed', seen(3), 'Failed', 'True', 'Reimaged', /^All 3 nodes were replaced/],
    ['ARM alone spoke', byArm, 'Succeeded', 'True', 'ReportedByARM', BY_ARM],
  ])('without an operation, when %s', (_when, record, state, status, reason, message) => {
    expect(finding(record, { state })).toEqual({
      status,
      reason,
      message: typeof message === 'string' ? message : (expect.stringMatching(message) as unknown),
    });
  });

  it('is not what a condition of the record says', () => {
    const condition = { type: 'NodesReimaged', message: 'edited', lastTransitionTime: at(START) };
    const conditions = [{ ...condition, status: 'True' as const, reason: 'Reimaged' }];
    expect(finding({ conditions }, { state: 'Failed' })).toEqual(finding({}, { state: 'Failed' }));
    expect(finding({ ...byArm, conditions })).toEqual(finding(byArm));
  });
});
