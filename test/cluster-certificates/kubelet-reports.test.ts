import { expect, it, test } from '@jest/globals';
import { kubeletReports } from '../../src/cluster-certificates/kubelet-reports.ts';
import { START } from '../harness/build.ts';
import { DAY } from './authority.ts';
import { metric, node } from './kubelets.ts';

const nodes = [node('a'), node('b')];

it('puts the series of one node together, at the time of the newest', () => {
  const { byNode, hasClient } = kubeletReports(
    [
      metric('a', { clientExpiresInMs: 9 * DAY, at: START - 50_000 }),
      metric('a', { renewErrors: 2, at: START - 20_000 }),
      metric('a', { renewErrors: 1 }),
    ],
    nodes,
  );
  expect([...byNode]).toEqual([
    ['a', { node: 'a', at: START - 20_000, clientExpiresInMs: 9 * DAY - 30_000, renewErrors: 2 }],
  ]);
  expect(hasClient).toBe(true);
});

test.each([
  ['two programs that scrape one kubelet agree', 9 * DAY, 9 * DAY - 45_000, true],
  ['nodes of two clusters with one name differ', 9 * DAY, 300 * DAY, false],
  ['a kubelet without a certificate differs from one that has one', 9 * DAY, 'None' as const, false],
])('%s', (_, one, other, counts) => {
  const reports = kubeletReports(
    [metric('a', { clientExpiresInMs: one }), metric('a', { clientExpiresInMs: other }), metric('a', {})],
    nodes,
  );
  expect(reports.byNode.has('a')).toBe(counts);
  expect(reports.contradictory.has('a')).toBe(!counts);
});

test.each<readonly [string, Parameters<typeof metric>[1], string, string | undefined]>([
  ['its usual label', {}, 'a', 'a'],
  ['another label', { otherNames: ['b'] }, '10.0.0.4', 'b'],
  ['two nodes, so that neither is sure', { otherNames: ['b'] }, 'a', undefined],
  ['no node of the cluster', { otherNames: ['z'] }, 'y', undefined],
])('names a node by %s', (_, facts, name, expected) => {
  expect([...kubeletReports([metric(name, facts)], nodes).byNode.keys()]).toEqual(
    expected === undefined ? [] : [expected],
  );
});

it('takes nothing from before the Node object', () => {
  expect(kubeletReports([metric('a', { at: START - 366 * DAY })], nodes).byNode.size).toBe(0);
});
