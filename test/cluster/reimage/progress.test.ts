import { describe, expect, it } from '@jest/globals';
import type { NodeView, UpgraderEvent } from '../../../src/cluster/model/observation.ts';
import type { NodePoolStatus } from '../../../src/cluster/model/record.ts';
import { completed, measureProgress } from '../../../src/cluster/reimage/progress.ts';
import { countedFrom, baselineOf, type Baseline } from '../../../src/cluster/reimage/baseline.ts';
import { at, model, node, operation, pool, START } from '../../harness/build.ts';

const BASELINE = START;
const before = (name: string, options: Partial<NodeView> = {}) => node(name, BASELINE - 1000, options);
const since = (name: string, options: Partial<NodeView> = {}) => node(name, BASELINE + 1000, options);

/** As a record without names has it. */
const SINCE: Baseline = { newestNode: BASELINE, countedAt: BASELINE + 500, nodeNames: undefined };

function count(nodes: readonly NodeView[], pools = [pool({ count: 3 })]) {
  return measureProgress(model({ pools }), { kind: 'Read', nodes }, SINCE);
}

describe('nodes that are counted', () => {
  it.each<[string, NodeView[], string, string, number]>([
    ['none replaced', [before('a'), before('b'), before('c')], '0/3', 'Waiting', 3],
    ['one replaced', [since('a'), before('b'), before('c')], '1/3', 'Reimaging', 2],
    ['one gone and not back', [before('b'), before('c')], '0/3', 'Reimaging', 2],
    ['a surge node on top', [since('s'), before('a'), before('b'), before('c')], '0/3', 'Reimaging', 3],
    ['one new and not ready', [since('a', { ready: false }), before('b'), before('c')], '0/3', 'Reimaging', 2],
    ['all replaced', [since('a'), since('b'), since('c')], '3/3', 'Done', 0],
    ['all replaced and a surge node left', [since('a'), since('b'), since('c'), since('s')], '3/3', 'Done', 0],
    ['all replaced and one not ready', [since('a'), since('b'), since('c', { ready: false })], '2/3', 'Reimaging', 0],
    [
      'more old ones than the pool is meant to have',
      ['a', 'b', 'c', 'd'].map((name) => before(name)),
      '0/4',
      'Waiting',
      4,
    ],
  ])('%s', (_what, nodes, summary, phase, old) => {
    const progress = count(nodes);
    expect(progress?.nodes.summary).toBe(summary);
    expect(progress?.pools[0]?.phase).toBe(phase);
    expect(progress?.old).toBe(old);
  });

  it.each<[string, number, NodeView[], [reimaged: number, waiting: number, total: number]]>([
    [
      'as before while nobody has said of a surge node that it is one',
      3,
      [since('a'), before('b'), before('c')],
      [1, 2, 3],
    ],
    ['in the place of one that is away', 3, [since('a'), before('c')], [1, 2, 3]],
    ['with one to come where the pool has grown', 4, [since('a'), since('b'), since('c')], [3, 1, 4]],
    [
      'not as all where ARM does not know yet that the pool has grown',
      3,
      ['a', 'b', 'c'].map((name) => since(name)),
      [2, 1, 3],
    ],
    ['as one of none that ARM knows of', 0, [], [0, 1, 1]],
  ])('are counted %s', (_what, size, nodes, counted) => {
    const there = new Map(nodes.length > 0 ? [['system', (name: string) => ['a', 'b', 'c'].includes(name)]] : []);
    const read = { kind: 'Read', nodes: [...nodes, since('new')] } as const;
    const updating = model({
      provisioningState: 'Updating',
      pools: [pool({ count: size, provisioningState: 'Updating' })],
    });
    const { total, reimaged, waiting } = measureProgress(updating, read, { ...SINCE, nodeNames: there })!.nodes;
    expect([reimaged, waiting, total]).toEqual(counted);
  });

  it('are all that a pool of virtual machines has, of which ARM gives no count', () => {
    const machines = [pool({ count: 0 })];
    const told = (...nodes: NodeView[]) => count(nodes, machines)?.nodes.summary;
    expect(told(before('a'), before('b'), before('c'))).toBe('0/3');
    expect(told(since('a'), before('b'), before('c'))).toBe('1/3');
    expect(told(since('a'), since('b'), since('c', { ready: false }))).toBe('2/3');
    expect(told(since('a'), since('b'), since('c'))).toBe('3/3');
  });

  it('are idle whatever AKS said of an earlier replacement', () => {
    const word = { node: 'a', step: 'Draining', about: '' } as const;
    const reimaging = (minute: number) =>
      measureProgress(
        model({ provisioningState: 'Updating', pools: [pool({ count: 1 })] }),
        { kind: 'Read', nodes: [before('a')], events: [{ ...word, since: BASELINE, at: BASELINE + minute * 60_000 }] },
        SINCE,
      )?.nodes.reimaging;
    expect([reimaging(-5), reimaging(5)]).toEqual([0, 1]);
  });

  it('are recognised by when they were created, not by their names', () => {
    expect(count([since('a'), since('b'), since('c')])?.old).toBe(0);
    expect(count([before('new-1'), before('new-2'), before('new-3')])?.old).toBe(3);
  });

  it('are old when they were created in the very second of the baseline', () => {
    expect(count([node('a', BASELINE), since('b'), since('c')])?.old).toBe(1);
  });

  it.each(['Failed', 'canceled'])('are in a failed pool where ARM reports %s of it', (provisioningState) => {
    const pools = [pool({ count: 2, provisioningState })];
    expect(count([since('a'), before('b')], pools)?.pools[0]?.phase).toBe('Failed');
    expect(count([since('a'), since('b')], pools)?.pools[0]?.phase).toBe('Done');
  });

  it('are counted pool by pool, and together', () => {
    const pools = [pool({ count: 1 }), pool({ name: 'apps', count: 2 }), pool({ name: 'empty', count: 0 })];
    const nodes = [since('a'), since('b', { pool: 'apps' }), before('c', { pool: 'apps' })];
    const progress = count(nodes, pools);
    expect(progress?.pools.map(({ name, phase, nodes, reimaged }) => [name, phase, nodes, reimaged])).toEqual([
      ['system', 'Done', 1, 1],
      ['apps', 'Reimaging', 2, 1],
      ['empty', 'Done', 0, 0],
    ]);
    expect(progress?.nodes).toEqual({
      total: 3,
      reimaged: 2,
      reimaging: 0,
      waiting: 1,
      excluded: 0,
      summary: '2/3',
      source: 'Nodes',
    });
  });

  it('leave out Windows pools, virtual nodes, auto-provisioned ones and those of no pool', () => {
    const pools = [pool({ count: 1 }), pool({ name: 'win', osType: 'windows', count: 2 })];
    const nodes = [
      since('a'),
      before('w1', { pool: 'win' }),
      before('w2', { pool: 'win' }),
      before('v', { kind: 'Virtual', pool: '' }),
      before('k', { kind: 'AutoProvisioned', pool: '' }),
      before('odd', { pool: '' }),
    ];
    const progress = count(nodes, pools);
    expect(progress?.nodes).toMatchObject({ total: 1, reimaged: 1, excluded: 5, summary: '1/1' });
    expect(progress?.old).toBe(0);
    expect(progress?.pools[1]).toEqual({
      name: 'win',
      osType: 'windows',
      nodes: 2,
      phase: 'Excluded',
      message: 'Windows node pools do not get custom CAs',
    });
  });

  it("are also those of a pool of AKS' own, which no other client changes", () => {
    const pools = [pool({ count: 1 }), pool({ name: 'hosted', count: 1, managedSystem: true })];
    const progress = count([since('a'), before('h', { pool: 'hosted' })], pools);
    expect(progress).toMatchObject({ nodes: { total: 1, reimaged: 1, excluded: 1 }, old: 0 });
    expect(progress?.pools[1]).toMatchObject({ phase: 'Excluded', message: expect.stringContaining("AKS' own") });
  });
});

describe('nodes that are not read', () => {
  const pools = [
    pool({ count: 3 }),
    pool({ name: 'apps', count: 2, provisioningState: 'Updating' }),
    pool({ name: 'bad', count: 1, provisioningState: 'Failed' }),
    pool({ name: 'win', osType: 'Windows', count: 4 }),
  ];

  it.each<[string, Parameters<typeof measureProgress>[1], Baseline | undefined]>([
    ['for want of access', { kind: 'NoAccess' }, SINCE],
    ['as they were when the operation began', { kind: 'Read', nodes: [] }, undefined],
  ])('%s are counted by what ARM reports of their pools, and said to be', (_why, nodes, since) => {
    const progress = measureProgress(model({ provisioningState: 'Updating', pools }), nodes, since);
    expect(progress?.nodes).toEqual({ total: 6, reimaged: 3, excluded: 4, summary: '3/6 (coarse)', source: 'ARM' });
    expect(progress?.pools.map(({ phase }) => phase)).toEqual(['Done', 'Reimaging', 'Failed', 'Excluded']);
    expect(progress?.old).toBeUndefined();
  });

  it.each<Parameters<typeof measureProgress>[1]>([{ kind: 'NotRead' }, { kind: 'Unreadable', message: 'no' }])(
    'because of $kind are not counted at all',
    (nodes) => {
      expect(measureProgress(model({ pools }), nodes, SINCE)).toBeUndefined();
    },
  );
});

describe('pools that speak for themselves', () => {
  const phases = (cluster: string, own: string, ...before: NodePoolStatus['phase'][]) => {
    const known = before.map((phase) => ({ name: 'system', osType: 'Linux', nodes: 2, phase }));
    const pools = [pool({ provisioningState: own })];
    const seen = model({ provisioningState: cluster, pools });
    const [row] = measureProgress(seen, { kind: 'NoAccess' }, undefined, known)!.pools;
    return [row?.phase, row?.reimaged];
  };

  it.each<[string, string, string, NodePoolStatus['phase'][], [string, number]]>([
    ['wait right before the change', 'Succeeded', 'Updating', [], ['Waiting', 0]],
    ['have had no turn while they always said Succeeded', 'Updating', 'Succeeded', ['Waiting'], ['Waiting', 0]],
    ['have had none where nothing is known of them', 'Updating', 'Succeeded', [], ['Waiting', 0]],
    ['have their turn', 'Updating', 'Updating', ['Waiting'], ['Reimaging', 0]],
    ['are done after it', 'Updating', 'succeeded', ['Reimaging'], ['Done', 2]],
    ['stay done', 'Updating', 'Succeeded', ['Done'], ['Done', 2]],
    ['are done when the cluster is', 'Succeeded', 'Succeeded', ['Waiting'], ['Done', 2]],
    ['have had no turn when AKS gave up before', 'Failed', 'Succeeded', ['Waiting'], ['Waiting', 0]],
    ['failed', 'Failed', 'Canceled', ['Reimaging'], ['Failed', 0]],
  ])('%s', (_what, cluster, own, before, told) => {
    expect(phases(cluster, own, ...before)).toEqual(told);
  });
});

describe('nodes of which none is of the cluster’s pools', () => {
  const foreign = [since('x', { pool: 'other' }), since('y', { pool: '' })];

  it('say nothing of the cluster, whose pools speak for themselves', () => {
    const progress = count(foreign, [pool({ count: 3, provisioningState: 'Failed' })]);
    expect(progress?.old).toBeUndefined();
    expect(progress?.nodes.summary).toBe('0/3 (coarse)');
    expect(count([], [pool({ count: 3 })])?.old).toBeUndefined();
  });

  it('are no reason to forget those that were there and are all away', () => {
    const alone = [pool({ count: 1, provisioningState: 'Updating' })];
    const named: Baseline = { ...SINCE, nodeNames: new Map([['system', (name) => name === 'a']]) };
    const look = (provisioningState: string) =>
      measureProgress(model({ provisioningState, pools: alone }), { kind: 'Read', nodes: foreign }, named);
    expect(look('Updating')).toMatchObject({ nodes: { summary: '0/1', reimaging: 1 } });
    expect(look('Updating')?.old).toBeUndefined();
    expect(look('Succeeded')?.nodes.summary).toBe('0/1 (coarse)');
  });

  it('are all there is to see where the pools are empty', () => {
    expect(count(foreign, [pool({ count: 0 })])).toMatchObject({ old: 0, nodes: { total: 0, excluded: 2 } });
  });
});

describe('nodes that AKS took away and did not bring back', () => {
  const named: Baseline = {
    ...SINCE,
    nodeNames: new Map([
      ['system', (name: string) => ['a', 'b', 'c'].includes(name)],
      ['other', (name: string) => name === 'o'],
    ]),
  };
  const word = (step: UpgraderEvent['step'], about = '') => ({
    node: 'c',
    step,
    about,
    since: BASELINE + 600,
    at: BASELINE + 600,
  });
  const left = (
    provisioningState: string,
    nodes: readonly NodeView[],
    events: readonly UpgraderEvent[],
    options: Parameters<typeof pool>[0] = {},
  ) => {
    const pools = [pool({ count: 3, provisioningState, ...options }), pool({ name: 'other', count: 1 })];
    const others = [since('o', { pool: 'other' })];
    return measureProgress(
      model({ provisioningState, pools }),
      { kind: 'Read', nodes: [...nodes, ...others], events },
      named,
    )?.old;
  };
  const two = [since('a'), since('b')];

  it.each<[string, Parameters<typeof left>, number]>([
    ['are left where it gave up', ['Failed', two, [word('Reimaging')]], 1],
    ['are left where it could not reimage them', ['Failed', two, [word('Failed')]], 1],
    ['are not where it is done', ['Succeeded', two, [word('Reimaging')]], 0],
    ['are not where it never began with them', ['Failed', two, [word('Cordoned')]], 0],
    ['are not where the pool has shrunk by them', ['Failed', two, [word('Deleted')], { count: 2 }], 0],
    ['are not where they are back', ['Failed', [...two, since('c')], [word('Reimaging')]], 0],
    ['are all of a pool that lacks all', ['Failed', [], []], 3],
    ['are none of a spot pool that lost all', ['Failed', [], [], { spot: true }], 0],
    ['are those it said of a spot pool that lost all', ['Failed', [], [word('Reimaging')], { spot: true }], 1],
  ])('%s', (_what, situation, expected) => {
    expect(left(...situation)).toBe(expected);
  });
});

describe('the progress of an operation that is seen through', () => {
  it('counts nodes that are not ready, or not back, as replaced', () => {
    const seen = count([since('a'), since('b', { ready: false })])!;
    expect(seen.nodes.summary).toBe('1/3');
    expect(completed(seen)).toMatchObject({ nodes: { summary: '3/3' }, pools: [{ reimaged: 3, phase: 'Done' }] });
  });

  it('leaves out excluded pools, and relies on ARM where nodes were not read', () => {
    const pools = [pool({ count: 1 }), pool({ name: 'win', osType: 'Windows', count: 2 })];
    expect(completed(count([since('a')], pools)!).pools[1]).toMatchObject({ phase: 'Excluded' });
    const coarse = measureProgress(model({ pools }), { kind: 'NoAccess' }, SINCE)!;
    expect(completed(coarse)).toEqual(coarse);
  });
});

describe('the baseline of an operation', () => {
  it('is when the newest node was created', () => {
    expect(countedFrom([since('a'), before('b')], 0).baseline).toBe(at(BASELINE + 1000));
  });

  it('is never a creation time in the future, nor a text that is not a time', () => {
    const [honest, odd] = [before('a'), before('b')];
    for (const createdAt of [Date.parse('9999-12-31T23:59:59Z'), NaN, Infinity, -Infinity, 9e15, START + 6 * 60_000]) {
      const { baseline } = countedFrom([honest, { ...odd, createdAt }], START);
      expect(baseline).toBe(at(honest.createdAt));
      expect(() => countedFrom([{ ...odd, createdAt }], START)).not.toThrow();
    }
    expect(countedFrom([{ ...odd, createdAt: NaN }], START).baseline).toBe(at(START));
  });

  it('is none where the recorded time is invalid', () => {
    expect(baselineOf(operation({ baseline: 'garbage' }))).toBeUndefined();
    expect(baselineOf(operation({ baseline: at(START), countedAt: 'garbage' }))).toMatchObject({
      newestNode: START,
      countedAt: START,
    });
  });

  it('is the API server’s time where there is no node', () => {
    expect(countedFrom([], START).baseline).toBe(at(START));
  });
});
