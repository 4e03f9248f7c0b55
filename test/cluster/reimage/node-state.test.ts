import { describe, expect, it } from '@jest/globals';
import type { NodeView, UpgraderEvent } from '../../../src/cluster/model/observation.ts';
import { latestEvents } from '../../../src/cluster/reimage/latest-events.ts';
import {
  needsReimage,
  membersOf,
  surgeNodes,
  type NodeState,
  type UpgraderReports,
} from '../../../src/cluster/reimage/node-state.ts';
import { countedFrom, baselineOf } from '../../../src/cluster/reimage/baseline.ts';
import { model, node, operation, pool, START } from '../../harness/build.ts';

const MINUTE = 60_000;
const NOTHING: UpgraderReports['lastEvents'] = new Map();
const SILENT: UpgraderReports = { surge: new Set(), lastEvents: NOTHING };
const BASELINE = START - 60 * MINUTE;
const name = (index: string) => `aks-system-12345678-vmss${index.padStart(6, '0')}`;
const before = ['8', '9'].map((index) => node(name(index), BASELINE));
const since = baselineOf(operation(countedFrom(before, START)))!;
const said = (step: UpgraderEvent['step'], about: string): UpgraderEvent => ({
  node: about,
  step,
  about,
  since: START,
  at: START,
});

function stateOf(
  node: NodeView,
  state: { cluster?: string; pool?: string; others?: readonly NodeView[]; events?: readonly UpgraderEvent[] } = {},
): NodeState | 'early' | undefined {
  const { cluster = 'Updating', others = [], events = [] } = state;
  const system = pool({ provisioningState: state.pool ?? 'Updating' });
  const members = membersOf(
    model({ provisioningState: cluster }),
    system,
    [node, ...others],
    { surge: surgeNodes(events), lastEvents: latestEvents(events) },
    since,
  );
  const found = members.find((member) => member.node === node);
  return found?.mayHaveOldList ? 'early' : found?.state;
}

describe('a node of a pool', () => {
  const reimaged = node(name('9'), START + MINUTE);
  const another = node(name('a'), START + MINUTE);

  it.each<[string, NodeView, Parameters<typeof stateOf>[1], NodeState | 'early']>([
    ['is old when it was there', before[0]!, {}, 'Old'],
    ['is old when it was created in the very second of the baseline', node(name('z'), BASELINE), {}, 'Old'],
    ['was replaced when it came back under its name', reimaged, {}, 'Replaced'],
    ['may have the old list when its machine is another one', another, {}, 'Unconfirmed'],
    ['is there for a while when AKS said so', another, { events: [said('SurgeCreated', name('a'))] }, 'Surge'],
    [
      'stays when AKS is done and has not taken it away',
      another,
      { cluster: 'Succeeded', events: [said('SurgeCreated', name('a'))] },
      'Added',
    ],
    ['is proven when AKS is done with the cluster', another, { cluster: 'Succeeded' }, 'Added'],
    ['is proven when AKS is done with its pool', another, { pool: 'Succeeded', others: [reimaged] }, 'Added'],
    ['is not when the pool had no turn yet', another, { pool: 'Succeeded', others: before }, 'Unconfirmed'],
    ['is not when nothing tells a turn of the pool', another, { pool: 'Succeeded' }, 'Unconfirmed'],
    [
      'is proven when no machine takes so long after its pool had its turn',
      node(name('a'), START + 17 * MINUTE),
      { others: [reimaged, before[0]!] },
      'Added',
    ],
    [
      'was added before its pool had its turn for sure when another one could be as old',
      node(name('a'), START + 16 * MINUTE),
      { others: [reimaged, before[0]!] },
      'early',
    ],
    [
      'was added too early when the turn of its pool may be hours away',
      node(name('a'), START + 300 * MINUTE),
      { others: before },
      'early',
    ],
    ['was added too early when its pool had no node', node('aks-apps-1-vmss000000', START + 300 * MINUTE), {}, 'early'],
    [
      'was added in time when its pool is done by then',
      node(name('a'), START + 16 * MINUTE),
      { pool: 'Succeeded', others: [reimaged] },
      'Added',
    ],
    [
      'may be back as it was when it had no node for a while',
      node(name('7'), START + MINUTE),
      { others: before },
      'Unconfirmed',
    ],
    [
      'may be back as it was when it could not be reimaged',
      reimaged,
      { events: [{ ...said('Failed', name('9')), at: START + 30_000 }] },
      'Unconfirmed',
    ],
    [
      'was replaced when AKS gave it up only after it was back',
      reimaged,
      { events: [{ ...said('Failed', name('9')), at: START + 2 * MINUTE }] },
      'Replaced',
    ],
  ])('%s', (_what, node, observed, state) => {
    expect(stateOf(node, observed)).toBe(state);
  });

  it('is left while it is old, or may have the old list', () => {
    const states: NodeState[] = ['Old', 'Unconfirmed', 'Replaced', 'Added', 'Surge'];
    expect(states.filter((state) => needsReimage({ node: reimaged, state }))).toEqual(['Old', 'Unconfirmed']);
    expect(needsReimage({ node: another, state: 'Added', mayHaveOldList: true })).toBe(true);
  });

  it.each<[string, number, readonly string[], NodeState[]]>([
    ['in the place of a quarantined one stays', 3, ['8', '9'], ['Added', 'Surge']],
    ['is there for a while when the count has not grown', 2, ['8', '9'], ['Surge', 'Surge']],
    ['is there for a while when another is away to be reimaged', 3, ['8'], ['Added', 'Surge']],
  ])('of a surge %s', (_what, count, there, expected) => {
    const quarantined = { quarantined: true, schedulable: false };
    const nodes = [
      ...there.map((index) => node(name(index), BASELINE, index === '8' ? quarantined : {})),
      node(name('a'), START + MINUTE),
      node(name('b'), START + MINUTE),
    ];
    const surge = new Set([name('a'), name('b')]);
    const members = membersOf(
      model({ provisioningState: 'Updating' }),
      pool({ count }),
      nodes,
      { surge, lastEvents: NOTHING },
      since,
    );
    expect(members.slice(there.length).map(({ state }) => state)).toEqual(expected);
  });

  it('of a surge that is not ready is no stand-in yet', () => {
    const nodes = [
      node(name('8'), BASELINE, { quarantined: true, schedulable: false }),
      node(name('a'), START + MINUTE, { ready: false }),
    ];
    const members = membersOf(
      model({ provisioningState: 'Updating' }),
      pool({ count: 2 }),
      nodes,
      { surge: new Set([name('a')]), lastEvents: NOTHING },
      since,
    );
    expect(members.map(({ state }) => state)).toEqual(['Old', 'Surge']);
  });

  it('of another pool, or of none, is not among them', () => {
    const strange = [
      node('x', START, { pool: 'apps' }),
      node('y', START, { kind: 'AutoProvisioned' }),
      node('z', START, { kind: 'Virtual' }),
    ];
    expect(membersOf(model(), pool(), strange, SILENT, since)).toEqual([]);
  });
});

describe('the names of nodes', () => {
  it('are noted pool by pool, of nodes of pools only', () => {
    const nodes = [
      ...before,
      node('v', START, { kind: 'Virtual', pool: 'system' }),
      node('b', START, { pool: 'apps' }),
    ];
    expect(countedFrom(nodes, START).countedNodes).toEqual([
      { pool: 'apps', names: ' b' },
      { pool: 'system', names: 'aks-system-12345678-vmss00000 8..9' },
    ]);
  });

  it('that a record does not have prove nothing against a node', () => {
    const { countedNodes: _, ...rest } = operation(countedFrom(before, START));
    const old = baselineOf(rest)!;
    const [member] = membersOf(model(), pool(), [node(name('z'), START + 1000)], SILENT, old);
    expect(member?.state).toBe('Replaced');
    expect(baselineOf(operation())).toBeUndefined();
  });
});
