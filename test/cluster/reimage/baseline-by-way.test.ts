import { describe, expect, it } from '@jest/globals';
import type { NodesObservation } from '../../../src/cluster/model/observation.ts';
import { forJudge, ownBaseline, withBaselines } from '../../../src/cluster/reimage/baseline-by-way.ts';
import { handOver } from '../../../src/cluster/reimage/hand-over.ts';
import { baselineOfAttempt } from '../../../src/cluster/reimage/baseline.ts';
import type { Ways } from '../../../src/cluster/model/way.ts';
import { at, HOUR, intent, MINUTE, model, node, observe, operation, START } from '../../harness/build.ts';

const by = (countedBy: string, minutes: number) => ({ countedBy, baseline: at(START + minutes * MINUTE) });
const OPERATOR = by('Operator', 1);
const TEAM_A = by('Namespace/team-a', 2);
const TEAM_B = by('Namespace/team-b', 3);

describe('the baseline that counts', () => {
  const all = operation({ ...OPERATOR, otherBaselines: [TEAM_A, TEAM_B] });
  const teams = operation({ ...TEAM_A, otherBaselines: [TEAM_B] });

  it.each([
    ['Operator', undefined, all, OPERATOR],
    ['Operator', 'team-a', teams, TEAM_A],
    ['Operator', 'team-c', teams, undefined],
    ['Operator', undefined, teams, undefined],
    ['Namespace/team-b', 'team-b', teams, TEAM_B],
    ['Namespace/team-c', 'team-c', teams, undefined],
    ['Namespace/team-c', 'team-c', all, OPERATOR],
    ['ARM', 'team-a', all, undefined],
  ] as const)('for %s, where the only namespace is %s', (judge, sole, recorded, counts) => {
    const { baseline, countedBy, otherBaselines = [] } = forJudge(recorded, judge, sole);
    expect({ baseline, countedBy }).toEqual({ baseline: counts?.baseline, countedBy: counts?.countedBy });
    // None is lost: another judge may come.
    expect(otherBaselines).toHaveLength((recorded === all ? 3 : 2) - (counts ? 1 : 0));
  });

  it('of a namespace is its own, else the operator’s, and never that of another namespace', () => {
    expect(ownBaseline(all, 'team-b')).toEqual(TEAM_B);
    expect(ownBaseline(all, 'team-c')).toEqual(OPERATOR);
    expect(ownBaseline(teams, 'team-c')).toBeUndefined();
  });
});

describe('the nodes right before a change', () => {
  const names = (count: number, length: number) =>
    Array.from({ length: count }, (_, index) => `${index.toString(36)}-${'n'.repeat(length)}`);
  const read = (nodes: ReturnType<typeof node>[]): NodesObservation => ({ kind: 'Read', nodes });
  const before = (nodes: NodesObservation, own: NodesObservation) =>
    withBaselines(
      operation(),
      { judge: 'Operator' },
      { nodes, own: new Map([['team-a', own]]) },
      { pools: model().pools },
      START,
    );

  it('leave out those of pools that the cluster does not have', () => {
    const nodes = read([node('a', START - HOUR), node('b', START - MINUTE, { pool: 'of-another-cluster' })]);
    const { baseline, countedNodes } = before(nodes, { kind: 'NotRead' });
    expect(baseline).toBe(at(START - HOUR));
    expect(countedNodes?.map(({ pool }) => pool)).toEqual(['system']);
  });

  it('have their names recorded by the judge, and by a namespace as far as there is room for the others', () => {
    const many = read(names(400, 100).map((name) => node(name, START - HOUR)));
    const { countedNodes, otherBaselines = [] } = before(many, many);
    expect(countedNodes?.[0]?.names.length).toBeGreaterThan(32 * 1024);
    expect(otherBaselines).toEqual([
      { countedBy: 'Namespace/team-a', baseline: at(START - HOUR), countedAt: at(START) },
    ]);
  });
});

describe('a judge that is another one than before', () => {
  const ways = (...namespaces: string[]): Ways => ({
    ...observe().ways,
    judge: 'ARM',
    namespaces: new Map(namespaces.map((namespace) => [namespace, []])),
  });
  const teams = [intent('a', [0], { namespace: 'team-a' }), intent('b', [0], { namespace: 'team-b' })];

  it('starts again with the pools of a running operation', () => {
    const pools = [{ name: 'system', osType: 'Linux', nodes: 2, reimaged: 2, phase: 'Done' as const }];
    const record = { operation: operation(TEAM_A), countedBy: 'Namespace/team-a', nodePools: pools };
    expect(handOver(record, ways('team-a'), teams).nodePools).toEqual([]);
    expect(handOver({ ...record, countedBy: 'Operator' }, ways('team-a'), teams).nodePools).toEqual(pools);
  });

  it('keeps the count of a namespace for as long as that has a way of its own and an object', () => {
    const namespaceCounts = ['team-a', 'team-b', 'team-c'].map((namespace) => ({ namespace, done: false }));
    const kept = handOver({ namespaceCounts }, ways('team-a', 'team-c'), teams).namespaceCounts;
    expect(kept?.map(({ namespace }) => namespace)).toEqual(['team-a']);
  });
});

describe('the time of the last attempt', () => {
  it('is by the clock of the cluster, where that says its time', () => {
    const since = { newestNode: START, countedAt: START, nodeNames: undefined };
    const attempt = { lastAttemptAt: at(START + MINUTE) };
    const now = START + 2 * MINUTE;
    const seen = (serverTime?: number): NodesObservation => ({
      ...{ kind: 'Read', nodes: [] },
      ...(serverTime === undefined ? {} : { serverTime }),
    });
    expect(baselineOfAttempt(since, attempt, seen(now + HOUR), now).countedAt).toBe(START + MINUTE + HOUR);
    expect(baselineOfAttempt(since, attempt, seen(), now).countedAt).toBe(START + MINUTE);
    expect(baselineOfAttempt(since, attempt, seen(now - HOUR), now).countedAt).toBe(START);
  });
});
