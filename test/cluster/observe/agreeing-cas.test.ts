import { describe, expect, it } from '@jest/globals';
import type { ClusterCA } from '../../../src/cluster/model/observation.ts';
import { createAgreeingCAs } from '../../../src/cluster/observe/agreeing-cas.ts';
import { MINUTE, START } from '../../harness/build.ts';

const read = (fingerprint: string, minutes: number): ClusterCA => ({
  ...{ ok: true, fingerprint, createdAt: START, notAfter: START, readAt: START + minutes * MINUTE },
});

describe('reads of a cluster CA that agree', () => {
  it.each<[string, readonly (readonly [fingerprint: string, minutes: number])[], number]>([
    ['begin with one', [['a', 0]], 0],
    [
      'count from the first',
      [
        ['a', 0],
        ['a', 1],
        ['a', 2.5],
      ],
      2.5,
    ],
    [
      'begin anew after a gap',
      [
        ['a', 0],
        ['a', 1],
        ['a', 4],
        ['a', 5],
      ],
      1,
    ],
    [
      'begin anew with another CA',
      [
        ['a', 0],
        ['b', 1],
        ['b', 2],
      ],
      1,
    ],
    [
      'begin anew where the clock was set back',
      [
        ['a', 60],
        ['a', 1],
        ['a', 2],
      ],
      1,
    ],
  ])('%s', (_, reads, minutes) => {
    const agreeing = createAgreeingCAs(2 * MINUTE);
    const [last] = reads.map(([fingerprint, at]) => agreeing.note('prod', read(fingerprint, at), true)).slice(-1);
    expect(last).toMatchObject({ sameForMs: minutes * MINUTE });
  });

  it('are counted for each cluster, and a failure changes nothing', () => {
    const agreeing = createAgreeingCAs(2 * MINUTE);
    agreeing.note('prod', read('a', 0), true);
    expect(agreeing.note('test', read('a', 1), true)).toMatchObject({ sameForMs: 0 });
    const failed: ClusterCA = { ok: false, reason: 'Unreachable', message: 'm', afterMs: 0 };
    expect(agreeing.note('prod', failed, true)).toBe(failed);
    expect(agreeing.note('prod', read('a', 2), true)).toMatchObject({ sameForMs: 2 * MINUTE });
  });

  it('are forgotten of the cluster that was read longest ago, once there are many', () => {
    const agreeing = createAgreeingCAs(2 * MINUTE);
    for (let index = 0; index <= 1000; index++) agreeing.note(`cluster-${index}`, read('a', 0), true);
    expect(agreeing.note('cluster-1', read('a', 1), true)).toMatchObject({ sameForMs: MINUTE });
    expect(agreeing.note('cluster-0', read('a', 1), true)).toMatchObject({ sameForMs: 0 });
  });

  it('begin anew after an operation', () => {
    const agreeing = createAgreeingCAs(2 * MINUTE);
    agreeing.note('prod', read('a', 0), true);
    expect(agreeing.note('prod', read('a', 1), false)).toMatchObject({ sameForMs: 0 });
    expect(agreeing.note('prod', read('a', 2), true)).toMatchObject({ sameForMs: 0 });
    expect(agreeing.note('prod', read('a', 3), true)).toMatchObject({ sameForMs: MINUTE });
  });
});
