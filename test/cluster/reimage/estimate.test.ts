import { describe, expect, it } from '@jest/globals';
import type { NodeView } from '../../../src/cluster/model/observation.ts';
import { estimateOf, nodesAtOnce } from '../../../src/cluster/reimage/estimate.ts';
import { measureProgress } from '../../../src/cluster/reimage/progress.ts';
import { countedFrom, baselineOf } from '../../../src/cluster/reimage/baseline.ts';
import { at, HOUR, model, node, operation, pool, START } from '../../harness/build.ts';

const MINUTE = 60_000;
const names = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}${index}`);
const pools = [pool({ name: 'system', count: 3 }), pool({ name: 'apps', count: 6, maxSurge: '33%' })];
const before = pools.flatMap(({ name, count }) =>
  names(name, count).map((one) => node(one, START - MINUTE, { pool: name })),
);
const since = baselineOf(operation(countedFrom(before, START)))!;

function estimate(...replaced: NodeView[]) {
  return estimateIn('Updating', ...replaced);
}

function estimateIn(provisioningState: string, ...replaced: NodeView[]) {
  const gone = new Set(replaced.map(({ name }) => name));
  const cluster = model({ provisioningState, pools });
  const nodes = { kind: 'Read', nodes: [...replaced, ...before.filter(({ name }) => !gone.has(name))] } as const;
  return estimateOf(cluster, measureProgress(cluster, nodes, since), since);
}

describe('the estimate', () => {
  it('is not made before the first node was replaced, nor after the last', () => {
    expect(estimate()).toBeUndefined();
    expect(estimate(...before.map((one) => ({ ...one, createdAt: START + MINUTE })))).toBeUndefined();
    const coarse = measureProgress(model({ pools }), { kind: 'NoAccess' }, since);
    expect(estimateOf(model({ pools }), coarse, since)).toBeUndefined();
  });

  it('goes by the pace so far: pools side by side at the earliest, likely one after the other', () => {
    // One round in ten minutes; two are left of one pool, three of the other, which takes two nodes at once.
    expect(estimate(node('system0', START + 10 * MINUTE))).toEqual({
      nodesLeft: 8,
      earliest: at(START + 40 * MINUTE),
      likely: at(START + 60 * MINUTE),
    });
  });

  it.each(['Succeeded', 'Failed', 'Canceled'])('is not made when nothing goes on: %s', (state) => {
    expect(estimateIn(state, node('system0', START + 10 * MINUTE))).toBeUndefined();
  });

  it('leaves out a stall of hours, such as a failed operation', () => {
    const resumed = estimate(node('system0', START + 10 * MINUTE), node('system1', START + 10 * HOUR));
    // As long as a drain, a soak and a reimage may take at the most: 45 minutes.
    expect(resumed).toEqual({
      nodesLeft: 7,
      earliest: at(START + 10 * HOUR + Math.ceil((3 * 55) / 2) * MINUTE),
      likely: at(START + 10 * HOUR + Math.ceil((4 * 55) / 2) * MINUTE),
    });
  });

  it('counts what an autoscaler adds as no round', () => {
    const grown = model({ provisioningState: 'Updating', pools: [pool({ name: 'system', count: 4 })] });
    const nodes = [node('system0', START + 10 * MINUTE), node('system9', START + 30 * MINUTE), ...before.slice(1, 3)];
    const told = estimateOf(grown, measureProgress(grown, { kind: 'Read', nodes }, since), since);
    expect(told).toMatchObject({ nodesLeft: 2, likely: at(START + 30 * MINUTE) });
  });

  it('is not made where the clock that counted the nodes was ahead', () => {
    const ahead = { ...since, countedAt: START + HOUR };
    const cluster = model({ provisioningState: 'Updating', pools });
    const nodes = [node('system0', START + 10 * MINUTE), ...before.slice(1)];
    expect(estimateOf(cluster, measureProgress(cluster, { kind: 'Read', nodes }, ahead), ahead)).toBeUndefined();
  });

  it('does not change while no node comes, and is whole minutes', () => {
    const one = estimate(node('system0', START + 10 * MINUTE + 1));
    expect(one).toEqual(estimate(node('system0', START + 10 * MINUTE + 1)));
    expect(Date.parse(one!.likely) % MINUTE).toBe(0);
  });
});

describe('nodes at once', () => {
  it.each([
    [{}, 3, 1],
    [{}, 25, 3],
    [{ maxSurge: '5' }, 25, 5],
    [{ maxSurge: '33%' }, 10, 4],
    [{ maxSurge: '0', maxUnavailable: '2' }, 10, 2],
    [{ maxSurge: '0' }, 10, 1],
    [{ maxSurge: 'nonsense' }, 10, 1],
    [{ maxSurge: '5', spot: true, maxUnavailable: '2' }, 10, 2],
  ])('are with %j of %i: %i', (settings, nodes, atOnce) => {
    expect(nodesAtOnce(pool(settings), nodes)).toBe(atOnce);
  });
});
