import { describe, expect, it } from '@jest/globals';
import type { CustomCATrustStatus } from '../../../src/api/generated/customcatrusts.ts';
import { plan } from '../../../src/cluster/decide/plan.ts';
import { describeRecord } from '../../../src/cluster/decide/record-conditions.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import type { NodesObservation, NodeView, UpgraderEvent } from '../../../src/cluster/model/observation.ts';
import type { RecordStatus } from '../../../src/cluster/model/record.ts';
import { countedFrom } from '../../../src/cluster/reimage/baseline.ts';
import {
  at,
  digest,
  element,
  failure,
  HOUR,
  intent,
  MINUTE,
  node,
  observe,
  operation,
  pool,
  SECOND,
  slot,
  START,
  type Seen,
} from '../../harness/build.ts';
import { judge } from '../../harness/judge.ts';

const inPlace: Seen = {
  intents: [intent('a', [0])],
  elements: [element(0)],
  record: { slots: [slot(0, 'team/a/ca')] },
};
const landed = { ...inPlace.record, operation: operation({ listDigest: digest(0) }) };

function said(seen: Seen) {
  const { record } = judge(observe(seen));
  const condition = (type: string) => record?.conditions?.find((one) => one.type === type);
  return {
    state: record?.state,
    idle: condition('Idle'),
    reachable: condition('Reachable'),
    nodes: condition('NodesReimaged'),
  };
}

describe('the record of a cluster', () => {
  it.each<[string, Seen, string]>([
    ['Idle', inPlace, 'NothingToDo'],
    ['Settling', { intents: [intent('a', [0], { settleSeconds: 30 })] }, 'Settling'],
    ['Held', { intents: [intent('a', [0])], powerState: 'Stopped' }, 'ClusterStopped'],
    ['Updating', { ...inPlace, record: landed, provisioningState: 'Updating' }, 'Updating'],
  ])('is %s', (state, seen, reason) => {
    const { idle, ...rest } = said(seen);
    expect(rest.state).toBe(state);
    expect(idle).toMatchObject({ status: state === 'Idle' ? 'True' : 'False', reason });
    expect(rest.reachable).toMatchObject({ status: 'True', reason: 'Read' });
    expect(rest.nodes).toBeDefined();
  });

  it.each([
    [0, 'NoAnswer', 'Unreachable', 'Unreachable'],
    [403, 'AuthorizationFailed', 'Held', 'AccessDenied'],
  ])('of a cluster that answers %i %s is %s', (status, code, state, reason) => {
    const problem = failure(status, code, { call: 'GetManagedCluster' });
    const { record } = judge({ ...observe(inPlace), arm: { ok: false, failure: problem, failedInARow: 3 } });
    expect(record?.state).toBe(state);
    expect(record?.conditions?.find(({ type }) => type === 'Reachable')).toMatchObject({ status: 'False', reason });
  });

  it('does not say that no node has to be replaced while a change is being sent', () => {
    const { nodes } = said({ intents: [intent('a', [0])] });
    expect(nodes).toMatchObject({ status: 'False', reason: 'ReimageInProgress' });
    expect(nodes?.message).toContain('is being sent');
  });

  it('says nothing new while it is not certain that the cluster cannot be read', () => {
    const problem = failure(0, 'NoAnswer', { call: 'GetManagedCluster' });
    const { record } = judge({ ...observe(inPlace), arm: { ok: false, failure: problem, failedInARow: 1 } });
    expect(record).toEqual({ ...inPlace.record, clusterName: 'prod' });
  });

  it('lists the slots, counts them, and names the cluster', () => {
    const { record } = judge(observe({ ...inPlace, elements: [element(0), element(5)] }));
    expect(record).toMatchObject({
      clusterName: 'prod',
      resourceUID: 'uid-1',
      certificateSlots: { used: 2, free: 8 },
      slots: [
        { managed: true, namedBy: ['team/a/ca'] },
        { managed: false, foreign: true },
      ],
    });
  });

  it('keeps an operation that AKS gave up while a node was away to be reimaged, however new the others are', () => {
    const before = ['x', 'y'].map((name) => node(name, START - MINUTE));
    const begun = { ...operation({ listDigest: digest(0), seen: true }), ...countedFrom(before, START) };
    const taken = { node: 'y', step: 'Reimaging', about: '', since: START + MINUTE, at: START + MINUTE } as const;
    const pass = (...events: readonly UpgraderEvent[]) => {
      const nodes = { kind: 'Read', nodes: [node('x', START + MINUTE)], events, serverTime: START + HOUR } as const;
      const record = { ...inPlace.record, operation: begun };
      return judge(observe({ ...inPlace, record, nodes, provisioningState: 'Failed' })).record;
    };
    expect(pass(taken)).toMatchObject({ operation: { id: 'op-1' }, nodes: { summary: '1/2' } });
    // A machine that the pool lacks for another reason is not waited for.
    expect(pass()).toMatchObject({
      lastApplied: { at: at(START), proof: 'NodesSeen', nodes: 2 },
      nodes: { summary: '2/2' },
    });
  });

  it('counts the nodes as they are while an operation runs, and all of them once it is done', () => {
    const nodes = {
      kind: 'Read',
      nodes: [node('x', START + SECOND), node('y', START + SECOND, { ready: false })],
    } as const;
    const record = { ...inPlace.record, operation: operation({ listDigest: digest(0), baseline: at(START) }) };
    const summary = (provisioningState: string) =>
      judge(observe({ ...inPlace, record, nodes, provisioningState })).record?.nodes?.summary;
    expect([summary('Updating'), summary('Succeeded')]).toEqual(['1/2', '2/2']);
  });
});

describe('a record while nothing happens', () => {
  const old = ['x', 'y', 'z'].map((name) => node(name, START - MINUTE));
  const begun = { ...operation({ listDigest: digest(0), seen: true }), ...countedFrom(old, START) };
  const back = node('x', START + 4 * MINUTE);
  const refused = { node: 'y', step: 'EvictionRefused', about: 'web/web-1', since: START + 5 * MINUTE } as const;
  const drained = [back, { ...old[1]!, schedulable: false }, old[2]!];
  const read = (nodes: readonly NodeView[], now: number, ...events: readonly UpgraderEvent[]): NodesObservation => ({
    kind: 'Read',
    nodes,
    events,
    serverTime: now,
  });
  const outside = [node('k', START - MINUTE, { kind: 'AutoProvisioned', pool: '' }), node('m', START, { pool: 'm' })];

  it.each<[string, (now: number) => Seen]>([
    ['one of three nodes is back', (now) => ({ nodes: read([back, ...old.slice(1)], now) })],
    ['a pod is in the way', (now) => ({ nodes: read(drained, now, { ...refused, at: now - SECOND }) })],
    ['no node moves for hours', (now) => ({ nodes: read(old, now + 9 * HOUR) })],
    ['nodes are outside of the pools', (now) => ({ nodes: read([...drained, ...outside], now) })],
    ['nodes cannot be read', () => ({ nodes: { kind: 'Unreadable', message: 'no route' } })],
    ['ARM alone speaks', () => ({ nodes: { kind: 'NoAccess' } })],
    ['AKS gave up', (now) => ({ provisioningState: 'Failed', nodes: read([back, ...old.slice(1)], now) })],
    ['a person aborted it', (now) => ({ provisioningState: 'Canceled', nodes: read([back, ...old.slice(1)], now) })],
    ['ARM is done and a node is left', (now) => ({ provisioningState: 'Succeeded', nodes: read(drained, now) })],
    ['the cluster is stopped', () => ({ provisioningState: 'Succeeded', powerState: 'Stopped' })],
  ])('is as it was, and so is each status: %s', (_what, seen) => {
    const pass = (now: number, record: RecordStatus, status?: CustomCATrustStatus) => {
      const one = intent('a', [0], { nodeAccess: true, ...(status ? { status } : {}) });
      const pools = [pool({ count: 3, provisioningState: 'Updating' })];
      const observed = observe({
        provisioningState: 'Updating',
        pools,
        ...inPlace,
        ...seen(now),
        intents: [one],
        record,
      });
      const { record: next = {}, status: statusOf } = judge(observed, now);
      return { record: next, status: statusOf('a') };
    };
    const first = pass(START + 8 * MINUTE, { ...inPlace.record, operation: begun });
    const second = pass(START + 8 * MINUTE + 15 * SECOND, first.record, first.status);
    expect(second.record).toEqual(first.record);
    expect(second.status).toEqual(first.status);
  });
});

describe('the count of an attempt that never was', () => {
  const nodes = { total: 2, reimaged: 0, reimaging: 0, waiting: 2, excluded: 0, summary: '0/2' };
  const nodePools = [{ name: 'system', osType: 'Linux', nodes: 2, reimaged: 0, phase: 'Waiting' as const }];
  const counted = { ...inPlace.record, nodes, nodePools };
  const provisioned = node('k', START - MINUTE, { kind: 'AutoProvisioned', pool: '' });
  const there = [node('x', START - MINUTE), node('y', START - MINUTE), provisioned];
  const sent = operation({ ...countedFrom(there, START), listDigest: digest(0, 1), lastAttemptAt: at(START - HOUR) });
  const seen: Seen = { ...inPlace, nodes: { kind: 'Read', nodes: there } };

  it('goes with it when ARM never shows its list, and nothing outside has become older by it', () => {
    const first = judge(observe({ ...seen, record: { ...counted, operation: sent } })).record;
    expect(first?.operation?.notFound).toBeDefined();
    expect(first?.nodes?.summary).toBe('0/2');
    expect(first?.outside).toMatchObject({ autoProvisionedNodes: 1, autoProvisionedLeft: 0 });
    const now = START + MINUTE;
    const second = judge(observe({ ...seen, readAt: now, ...(first ? { record: first } : {}) }), now).record;
    expect(second?.operation).toBeUndefined();
    expect([second?.nodes, second?.nodePools]).toEqual([undefined, undefined]);
    expect(second?.outside?.autoProvisionedLeft).toBe(0);
  });

  it.each([
    ['2/2', 2],
    ['1/2 (coarse)', 1],
    ['0/0', 0],
  ])('is not the reported count of a finished one: %s', (summary, reimaged) => {
    const total = summary === '0/0' ? 0 : 2;
    const record = { ...counted, nodes: { total, reimaged, excluded: 0, summary } };
    expect(judge(observe({ ...inPlace, record })).record?.nodes?.summary).toBe(summary);
  });
});

it('the record, which others may read, does not say why the additions of one object wait', () => {
  const observation = observe(inPlace);
  const decided = plan(observation, START, DEFAULT_TIMING, () => 'op');
  const hold = {
    reason: 'NodesUnreadable',
    message: 'Secret team-a/nodes is not there',
    stalled: false,
    afterMs: 1,
  } as const;
  const shares = new Map([
    ['team-a/a', hold],
    ['team-a/b', hold],
  ]);
  const decision = { ...decided, outlook: { ...decided.outlook, shares } };
  const record = describeRecord(decided.record ?? {}, observation, decision, START);
  expect(JSON.stringify(record)).not.toContain('Secret');
  expect(record.conditions?.find(({ type }) => type === 'Idle')).toMatchObject({
    reason: 'NodesUnreadable',
    message: 'The changes for team-a/a and of 1 more wait; the status of the object says why.',
  });
});
