import { describe, expect, it } from '@jest/globals';
import type { NodePoolStatus } from '../../../src/cluster/model/record.ts';
import { abandonedPools } from '../../../src/cluster/reimage/abandoned-pools.ts';
import type { Blocker } from '../../../src/cluster/reimage/blocker.ts';
import type { Progress } from '../../../src/cluster/reimage/progress.ts';
import { at, START } from '../../harness/build.ts';

const poolAs = (name: string, phase: NodePoolStatus['phase']): NodePoolStatus => ({
  name,
  osType: 'Linux',
  nodes: 2,
  phase,
});
const progress: Progress = {
  nodes: { total: 6, reimaged: 2, excluded: 0, summary: '2/6' },
  pools: [poolAs('done', 'Done'), poolAs('work', 'Failed'), poolAs('later', 'Failed')],
  old: 4,
  members: new Map(),
};
const error = (code: string, message = '') => ({ code, message, at: at(START) });
const holdUp = (pool: string, kind: Blocker['kind']): Blocker => ({ pool, kind, by: 'x', fix: 'y', since: START });

describe('an operation that AKS gave up', () => {
  it('blocks every pool that failed, since then', () => {
    expect(abandonedPools(progress, error('QuotaExceeded', 'no cores left'), [])).toEqual(
      ['work', 'later'].map((pool) => ({
        pool,
        kind: 'GivenUp',
        by: 'AKS gave up: QuotaExceeded',
        fix: 'raise the quota of the subscription, or lower maxSurge of the pool',
        since: START,
      })),
    );
  });

  it('adds nothing to a pool with another blocker', () => {
    const found = [holdUp('work', 'NodeNotReady')];
    expect(abandonedPools(progress, error('SubnetIsFull'), found).map(({ pool }) => pool)).toEqual(['later']);
  });

  it.each<[Blocker['kind'], number]>([
    ['EvictionRefused', 0],
    ['DrainFailed', 0],
    ['Quarantined', 0],
    ['NodeNotReady', 1],
  ])('for a drain is said of other pools only where no drain is known of (%s)', (kind, count) => {
    expect(abandonedPools(progress, error('PodDrainFailure'), [holdUp('work', kind)])).toHaveLength(count);
  });

  it.each([
    ['nothing is counted', undefined, error('QuotaExceeded')],
    ['another attempt may help', progress, error('InternalOperationError', 'Something went wrong.')],
    ['it is not given up', progress, undefined],
  ])('holds nothing up where %s', (_why, counted, cause) => {
    expect(abandonedPools(counted, cause, [])).toEqual([]);
  });
});
