import { describe, expect, it } from '@jest/globals';
import type { NodesObservation, NodeView, UpgraderEvent } from '../../../src/cluster/model/observation.ts';
import { blockersOf } from '../../../src/cluster/reimage/blockers.ts';
import { measureProgress } from '../../../src/cluster/reimage/progress.ts';
import { countedFrom, baselineOf } from '../../../src/cluster/reimage/baseline.ts';
import type { NodePoolStatus } from '../../../src/cluster/model/record.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { at, model, node, operation, pool, START } from '../../harness/build.ts';

const MINUTE = 60_000;
const old = ['a', 'b', 'c'].map((name) => node(name, START - MINUTE));
const since = baselineOf(operation(countedFrom(old, START)))!;

interface Situation {
  readonly nodes?: readonly NodeView[];
  readonly events?: readonly UpgraderEvent[];
  readonly refusals?: ReadonlyMap<string, readonly string[]>;
  readonly refusalsForbidden?: true;
  /** Minutes since the nodes were counted. */
  readonly after?: number;
  readonly state?: string;
  readonly pool?: Parameters<typeof pool>[0];
  /** What was recorded of the pool before: what, since which minute, and of which kind. */
  readonly known?: readonly [blockedBy: string, minute: number, kind: NodePoolStatus['blockedReason'] & string];
}

function findBlockers(situation: Situation) {
  const { nodes = old, events = [], refusals, refusalsForbidden, after = 5, state = 'Updating' } = situation;
  const pools = [pool({ count: 3, provisioningState: state, ...situation.pool })];
  const read: NodesObservation = {
    kind: 'Read',
    nodes,
    events,
    serverTime: START + after * MINUTE,
    ...(refusals ? { refusals } : {}),
    ...(refusalsForbidden ? { refusalsForbidden } : {}),
  };
  const cluster = model({ provisioningState: state, pools });
  return blockersOf(cluster, read, measureProgress(cluster, read, since), since, DEFAULT_TIMING, knownAs(situation));
}

function knownAs({ known }: Situation): NodePoolStatus[] {
  if (!known) return [];
  const [blockedBy, minute, blockedReason] = known;
  const blocked = { blockedBy, blockedReason, blockedSince: at(START + minute * MINUTE) };
  return [{ name: 'system', osType: 'Linux', nodes: 3, phase: 'Reimaging', ...blocked }];
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
    expect(findBlockers({ nodes, events: drain, refusals })).toEqual([
      {
        pool: 'system',
        kind: 'EvictionRefused',
        by: 'web/web-pdb allows no eviction of web/web-1, on node a',
        fix: 'Make room in the PodDisruptionBudget, or add a replica of the pods that it guards',
        since: START + 2 * MINUTE,
      },
    ]);
  });

  it.each([
    [2.5, []],
    [3, ['EvictionRefused']],
  ])('%s minutes after the change counts as %j: it is part of any drain', (after, kinds) => {
    expect(findBlockers({ nodes, events: drain, after }).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('names the pod where budgets may not be read, and counts the others', () => {
    const events = [...drain, said('EvictionRefused', 3, 'web/web-0'), said('Draining', 4)];
    expect(findBlockers({ nodes, events })[0]).toMatchObject({
      by: 'a PodDisruptionBudget (most likely) allows no eviction of web/web-0 and 1 more, on node a',
      since: START + 2 * MINUTE,
    });
  });

  it('says how the budget can be named where pods or budgets may not be read, and only there', () => {
    const events = [...drain.slice(0, 2), said('EvictionRefused', 2, 'web-1')];
    const [unnamed] = findBlockers({ nodes, events, refusals: new Map(), refusalsForbidden: true });
    expect(unnamed).toMatchObject({
      by: 'a PodDisruptionBudget (most likely) allows no eviction of web-1, on node a',
      fix: 'Make room in the PodDisruptionBudget, or add a replica of the pods that it guards. To see the budget named here, allow the controller to list pods and PodDisruptionBudgets (deploy/target-cluster)',
    });
    const refusals = new Map([['web/web-1', ['web/web-pdb']]]);
    expect(findBlockers({ nodes, events: drain, refusals, refusalsForbidden: true })[0]?.fix).not.toContain(
      'named here',
    );
  });

  it('names the node where AKS names no pod', () => {
    const events = [...drain.slice(0, 2), said('EvictionRefused', 2)];
    expect(findBlockers({ nodes, events })[0]?.by).toBe(
      'a PodDisruptionBudget (most likely) allows no eviction of a pod, on node a',
    );
  });

  it.each([
    ['\u001b[31mred', '\\u{1b}[31mred'],
    ['a\u202eb', 'a\\u{202e}b'],
    ['a\u009b', 'a\\u{9b}'],
    ['a'.repeat(400), `${'a'.repeat(319)}…`],
  ])('is shown with safe names only: %j', (name, shown) => {
    const events = [...drain.slice(0, 2), said('EvictionRefused', 2, name)];
    const refusals = new Map([[name, [name]]]);
    expect(findBlockers({ nodes, events, refusals })[0]?.by).toBe(`${shown} allows no eviction of ${shown}, on node a`);
    const quarantined = nodes.map((one) => ({ ...one, name, quarantined: true }));
    expect(findBlockers({ nodes: quarantined })[0]?.by).toContain(`could not drain ${shown} and`);
  });

  it('names three of many budgets', () => {
    const refusals = new Map([['web/web-1', ['w/1', 'w/2', 'w/3', 'w/4', 'w/5']]]);
    expect(findBlockers({ nodes, events: drain, refusals })[0]?.by).toContain(
      'w/1 and w/2 and w/3 and 2 more allows no',
    );
  });

  it.each<[string, Situation]>([
    ['once the node is gone', { events: drain, nodes: old.slice(1) }],
    ['once the node is back', { events: drain, nodes: [node('a', START + 4 * MINUTE), ...old.slice(1)] }],
    ['once its drain went on', { events: [...drain, said('Soaking', 3)] }],
    ['where it was said of an earlier life of the node', { events: [said('EvictionRefused', -2, 'web/web-1')] }],
    ['once the node is drained anew', { events: [...drain, said('Cordoned', 4), said('Draining', 4)] }],
    ['once AKS has given the node back, and tries another time', { events: drain, nodes: old }],
  ])('holds nothing up %s', (_when, situation) => {
    expect(findBlockers({ nodes, ...situation })).toEqual([]);
  });

  it.each<[string, ReadonlyMap<string, readonly string[]>, string[]]>([
    ['allow it by now', new Map([['web/web-1', []]]), []],
    ['are not known', new Map(), ['EvictionRefused']],
  ])('whose budgets %s is %j', (_how, refusals, kinds) => {
    expect(findBlockers({ nodes, events: drain, refusals }).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('names no pod that may be evicted by now', () => {
    const refusals = new Map([
      ['web/web-0', []],
      ['web/web-1', ['web/web-pdb']],
    ]);
    const events = [...drain, said('EvictionRefused', 2, 'web/web-0')];
    expect(findBlockers({ nodes, events, refusals })[0]?.by).toBe(
      'web/web-pdb allows no eviction of web/web-1, on node a',
    );
  });

  it('names one of the checked pods and counts the others; where the checked ones may be evicted, all may', () => {
    const events = [...drain, said('EvictionRefused', 2, 'web/web-0')];
    const refusals = new Map([['web/web-1', ['web/web-pdb']]]);
    expect(findBlockers({ nodes, events, refusals })[0]?.by).toBe(
      'web/web-pdb allows no eviction of web/web-1 and 1 more, on node a',
    );
    expect(findBlockers({ nodes, events, refusals: new Map([['web/web-1', []]]) })).toEqual([]);
  });

  it('of the next pod counts at once while the pool is blocked by a refused eviction', () => {
    // The server's time may be from before the latest of its events.
    const events = [...drain, said('EvictionRefused', 5.1, 'web/web-0')];
    const refusals = new Map([
      ['web/web-0', ['web/web-pdb']],
      ['web/web-1', []],
    ]);
    expect(findBlockers({ nodes, events, refusals })).toEqual([]);
    expect(
      findBlockers({
        nodes,
        events,
        refusals,
        known: ['x allows no eviction of web/web-1, on node a', 2, 'EvictionRefused'],
      }),
    ).toMatchObject([{ kind: 'EvictionRefused', since: START + 5.1 * MINUTE }]);
  });

  it('of a surge node keeps it from being taken away, when all others are replaced', () => {
    const fresh = ['a', 'b', 'c'].map((name) => node(name, START + MINUTE));
    const surge = node('d', START + MINUTE, { schedulable: false });
    const made: UpgraderEvent = { ...said('SurgeCreated', 1, 'd', 'd') };
    const events = [made, said('Draining', 2, '', 'd'), said('EvictionRefused', 3, 'web/web-1', 'd')];
    expect(findBlockers({ nodes: [...fresh, surge], events })).toMatchObject([
      {
        kind: 'EvictionRefused',
        by: 'a PodDisruptionBudget (most likely) allows no eviction of web/web-1, on node d',
        since: START + 3 * MINUTE,
      },
    ]);
  });

  it('stays when the operation was canceled because of it', () => {
    expect(findBlockers({ events: drain, state: 'Canceled' }).map(({ kind }) => kind)).toEqual(['EvictionRefused']);
  });
});

describe('a blocker whose events the API server has dropped', () => {
  const by = 'web/web-pdb allows no eviction of web/web-1, on node a';
  const nodes = [{ ...old[0]!, schedulable: false }, ...old.slice(1)];
  const known = [by, 2, 'EvictionRefused'] as const;

  it('stays, with its time, while the nodes are unchanged', () => {
    // What was said before it may outlive it.
    const events = [said('Cordoned', 1), said('Draining', 2)];
    expect(findBlockers({ nodes, known, after: 40, events })).toHaveLength(1);
    const found = findBlockers({ nodes, known, after: 40 });
    expect(found).toEqual([
      {
        pool: 'system',
        kind: 'EvictionRefused',
        by,
        fix: 'Make room in the PodDisruptionBudget, or add a replica of the pods that it guards',
        since: START + 2 * MINUTE,
      },
    ]);
  });

  it('stays for a drain that was given up, until AKS goes on', () => {
    const given = ['a could not be drained within 30 minutes', 2, 'DrainFailed'] as const;
    expect(findBlockers({ known: given, after: 90, state: 'Failed' })).toMatchObject([
      { kind: 'DrainFailed', by: given[0], since: START + 2 * MINUTE },
    ]);
    expect(findBlockers({ known: given })).toEqual([]);
  });

  it.each<[string, Situation]>([
    ['once AKS says something of the nodes', { events: [said('Draining', 4, '', 'b')] }],
    [
      'where the budget gave way',
      { events: [said('EvictionRefused', 2, 'web/web-1')], refusals: new Map([['web/web-1', []]]) },
    ],
    ['once no node is cordoned any more', { nodes: old }],
    ['once a node has moved', { nodes: [nodes[0]!, node('b', START + 4 * MINUTE), old[2]!] }],
    ['once the node is back', { nodes: [node('a', START + 4 * MINUTE, { schedulable: false }), ...old.slice(1)] }],
    ['where it blocked an earlier attempt', { known: [by, -2, 'EvictionRefused'] }],
    ['where the nodes themselves would show it', { known: ['a registered but is not Ready', 2, 'NodeNotReady'] }],
  ])('is not %s', (_when, situation) => {
    expect(findBlockers({ nodes, known, ...situation })).toEqual([]);
  });
});

describe('a drain that is given up', () => {
  it('says which node, and after how long', () => {
    const events = [said('Draining', 1), said('EvictionRefused', 2, 'web/web-1'), said('DrainFailed', 11)];
    expect(findBlockers({ events, state: 'Failed', pool: { drainTimeoutMinutes: 10 } })).toMatchObject([
      { kind: 'DrainFailed', by: 'a could not be drained within 10 minutes', since: START + 11 * MINUTE },
    ]);
  });

  it('does not block a later attempt, also where the node was left cordoned', () => {
    const nodes = [{ ...old[0]!, schedulable: false }, ...old.slice(1)];
    expect(findBlockers({ nodes, events: [said('DrainFailed', -1)] })).toEqual([]);
    expect(findBlockers({ nodes, events: [said('DrainFailed', -1)], state: 'Failed' })).toHaveLength(1);
  });

  it('does not block the next operation, which drains the node again', () => {
    expect(findBlockers({ events: [said('DrainFailed', 2)] })).toEqual([]);
  });

  it('leaves a quarantined node, which is one blocker, since the drain was given up', () => {
    const nodes = [{ ...old[0]!, quarantined: true, schedulable: false }, ...old.slice(1)];
    const events = [said('DrainFailed', 11), said('DrainFailed', 12, '', 'b')];
    const by = 'AKS could not drain a and quarantined it';
    const found = findBlockers({ nodes, events, state: 'Failed' });
    expect(found).toMatchObject([
      { kind: 'Quarantined', by, since: START + 11 * MINUTE },
      { kind: 'DrainFailed', by: 'b could not be drained within 30 minutes' },
    ]);
    // Its event is gone after an hour: as far as can be told, it is so since it was seen.
    expect(findBlockers({ nodes, after: 90, state: 'Failed' })).toMatchObject([{ by, since: START + 90 * MINUTE }]);
  });
});

describe('a node that does not become Ready', () => {
  const late = [node('a', START + MINUTE, { ready: false }), ...old.slice(1)];

  it.each([
    [10, []],
    [12, ['NodeNotReady']],
  ])('counts %s minutes after the change as %j', (after, kinds) => {
    expect(findBlockers({ nodes: late, after }).map(({ kind }) => kind)).toEqual(kinds);
  });

  it.each([
    [14, []],
    [16, ['NodeNotReady']],
  ])('any more counts from when AKS was done with it (%s minutes after the change: %j)', (after, kinds) => {
    const found = findBlockers({ nodes: late, events: [said('Upgraded', 5)], after });
    expect(found.map(({ kind }) => kind)).toEqual(kinds);
    for (const holdUp of found) expect(holdUp.since).toBe(START + 5 * MINUTE);
  });
});

const doneButForSurge = ['a', 'b', 'c', 'd'].map((name) => node(name, START + MINUTE));

describe('nodes of which none is replaced', () => {
  it.each<[string, Situation, string[]]>([
    ['within drain timeout, soak and margin', { after: 45 }, []],
    ['for longer', { after: 46 }, ['NoProgress']],
    ['for longer, with a longer drain timeout', { after: 46, pool: { drainTimeoutMinutes: 60 } }, []],
    ['for longer, with a soak', { after: 46, pool: { soakMinutes: 10 } }, []],
    ['for longer than since the last that came', { after: 46, nodes: [node('a', START + 9 * MINUTE), ...old] }, []],
    ['for longer than since AKS said something', { after: 46, events: [said('Reimaging', 5)] }, []],
    ['for longer, and AKS is done', { after: 46, state: 'Failed' }, []],
    [
      'for longer than the one that an autoscaler added',
      { after: 46, nodes: [...old, node('d', START + 40 * MINUTE)] },
      ['NoProgress'],
    ],
    [
      'and only a surge node is left',
      { after: 90, nodes: doneButForSurge, events: [said('SurgeCreated', 0, 'd', 'd')] },
      ['NoProgress'],
    ],
    ['and none is left', { after: 90, nodes: ['a', 'b', 'c'].map((name) => node(name, START + MINUTE)) }, []],
  ])('%s', (_what, situation, kinds) => {
    expect(findBlockers(situation).map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('the blockers of a replacement', () => {
  it('are not known where nodes are not counted', () => {
    const cluster = model({ provisioningState: 'Updating' });
    const coarse = measureProgress(cluster, { kind: 'NoAccess' }, since);
    expect(blockersOf(cluster, { kind: 'NoAccess' }, coarse, since, DEFAULT_TIMING)).toEqual([]);
    expect(blockersOf(cluster, { kind: 'Read', nodes: old }, undefined, since, DEFAULT_TIMING)).toEqual([]);
  });
});
