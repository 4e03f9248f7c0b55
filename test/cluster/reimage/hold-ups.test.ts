import { describe, expect, it } from '@jest/globals';
import type { NodesObservation, NodeView, UpgraderEvent } from '../../../src/cluster/observation.ts';
import { holdUpsOf } from '../../../src/cluster/reimage/hold-ups.ts';
import { measureProgress } from '../../../src/cluster/reimage/progress.ts';
import { countedFrom, sinceOf } from '../../../src/cluster/reimage/since.ts';
import { model, node, operation, pool, START } from '../build.ts';

const MINUTE = 60_000;
const old = ['a', 'b', 'c'].map((name) => node(name, START - MINUTE));
const since = sinceOf(operation(countedFrom(old, START)))!;

interface Situation {
  readonly nodes?: readonly NodeView[];
  readonly events?: readonly UpgraderEvent[];
  readonly refusals?: ReadonlyMap<string, readonly string[]>;
  /** Minutes since the nodes were counted. */
  readonly after?: number;
  readonly state?: string;
  readonly pool?: Parameters<typeof pool>[0];
}

function holdUps(situation: Situation) {
  const { nodes = old, events = [], refusals, after = 5, state = 'Updating' } = situation;
  const pools = [pool({ count: 3, provisioningState: state, ...situation.pool })];
  const read: NodesObservation = {
    kind: 'Read',
    nodes,
    events,
    serverTime: START + after * MINUTE,
    ...(refusals ? { refusals } : {}),
  };
  const cluster = model({ provisioningState: state, pools });
  return holdUpsOf(cluster, read, measureProgress(cluster, read, since), since, MINUTE);
}

const said = (step: UpgraderEvent['step'], minute: number, about = '', on = 'a'): UpgraderEvent => ({
  node: on,
  step,
  about,
  since: START + minute * MINUTE,
  at: START + minute * MINUTE,
});

describe('an eviction that is refused', () => {
  const drain = [said('Cordoned', 1), said('Draining', 1), said('EvictionRefused', 2, 'web/web-1')];
  const nodes = [{ ...old[0]!, schedulable: false }, ...old.slice(1)];

  it('names the budget, the pod, the node, and since when', () => {
    const refusals = new Map([['web/web-1', ['web/web-pdb']]]);
    expect(holdUps({ nodes, events: drain, refusals })).toEqual([
      {
        pool: 'system',
        kind: 'EvictionRefused',
        by: 'web/web-pdb allows no eviction of web/web-1, on node a',
        mend: 'make room in the PodDisruptionBudget, or add a replica of what it guards',
        since: START + 2 * MINUTE,
      },
    ]);
  });

  it.each([
    [2.5, []],
    [3, ['EvictionRefused']],
  ])('%s minutes after the change counts as %j: it is part of any drain', (after, kinds) => {
    expect(holdUps({ nodes, events: drain, after }).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('names the pod where budgets may not be read, and counts the others', () => {
    const events = [...drain, said('EvictionRefused', 3, 'web/web-0'), said('Draining', 4)];
    expect(holdUps({ nodes, events })[0]).toMatchObject({
      by: 'a PodDisruptionBudget (most likely) allows no eviction of web/web-0 and 1 more, on node a',
      since: START + 2 * MINUTE,
    });
  });

  it.each<[string, Situation]>([
    ['once the node is gone', { events: drain, nodes: old.slice(1) }],
    ['once the node is back', { events: drain, nodes: [node('a', START + 4 * MINUTE), ...old.slice(1)] }],
    ['once its drain went on', { events: [...drain, said('Soaking', 3)] }],
    ['where it was said of an earlier life of the node', { events: [said('EvictionRefused', -2, 'web/web-1')] }],
    ['once the node is drained anew', { events: [...drain, said('Cordoned', 4), said('Draining', 4)] }],
    ['once AKS has given the node back, and tries another time', { events: drain, nodes: old }],
  ])('holds nothing up %s', (_when, situation) => {
    expect(holdUps({ nodes, ...situation })).toEqual([]);
  });

  it('is told still when the operation was canceled for it', () => {
    expect(holdUps({ events: drain, state: 'Canceled' }).map(({ kind }) => kind)).toEqual(['EvictionRefused']);
  });
});

describe('a drain that is given up', () => {
  it('says which node, and after how long', () => {
    const events = [said('Draining', 1), said('EvictionRefused', 2, 'web/web-1'), said('DrainFailed', 11)];
    expect(holdUps({ events, state: 'Failed', pool: { drainTimeoutMinutes: 10 } })).toMatchObject([
      { kind: 'DrainFailed', by: 'a could not be drained within 10 minutes', since: START + 11 * MINUTE },
    ]);
  });

  it('is no hold-up of the next operation, which takes the node up anew', () => {
    expect(holdUps({ events: [said('DrainFailed', 2)] })).toEqual([]);
  });

  it('leaves a quarantined node, which is said once, and since when it was given up', () => {
    const nodes = [{ ...old[0]!, quarantined: true, schedulable: false }, ...old.slice(1)];
    const events = [said('DrainFailed', 11), said('DrainFailed', 12, '', 'b')];
    const by = 'AKS could not drain a and quarantined it';
    const found = holdUps({ nodes, events, state: 'Failed' });
    expect(found).toMatchObject([
      { kind: 'Quarantined', by, since: START + 11 * MINUTE },
      { kind: 'DrainFailed', by: 'b could not be drained within 30 minutes' },
    ]);
    // Its event is gone after an hour: as far as can be told, it is so since it was seen.
    expect(holdUps({ nodes, after: 90, state: 'Failed' })).toMatchObject([{ by, since: START + 90 * MINUTE }]);
  });
});

describe('a node that does not become Ready', () => {
  const late = [node('a', START + MINUTE, { ready: false }), ...old.slice(1)];

  it.each([
    [10, []],
    [12, ['NodeNotReady']],
  ])('counts %s minutes after the change as %j', (after, kinds) => {
    expect(holdUps({ nodes: late, after }).map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('nodes of which none moves', () => {
  it.each<[string, Situation, string[]]>([
    ['within drain timeout, soak and margin', { after: 45 }, []],
    ['for longer', { after: 46 }, ['NoProgress']],
    ['for longer, with a longer drain timeout', { after: 46, pool: { drainTimeoutMinutes: 60 } }, []],
    ['for longer, with a soak', { after: 46, pool: { soakMinutes: 10 } }, []],
    ['for longer than since the last that came', { after: 46, nodes: [node('a', START + 9 * MINUTE), ...old] }, []],
    ['for longer than since AKS said something', { after: 46, events: [said('Reimaging', 5)] }, []],
    ['for longer, and AKS is done', { after: 46, state: 'Failed' }, []],
    ['and none is left', { after: 90, nodes: ['a', 'b', 'c'].map((name) => node(name, START + MINUTE)) }, []],
  ])('%s', (_what, situation, kinds) => {
    expect(holdUps(situation).map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('what holds the replacement up', () => {
  it('is not known where nodes are not counted', () => {
    const cluster = model({ provisioningState: 'Updating' });
    const coarse = measureProgress(cluster, { kind: 'NoAccess' }, since);
    expect(holdUpsOf(cluster, { kind: 'NoAccess' }, coarse, since, MINUTE)).toEqual([]);
    expect(holdUpsOf(cluster, { kind: 'Read', nodes: old }, undefined, since, MINUTE)).toEqual([]);
  });
});
