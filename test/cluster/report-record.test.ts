import { describe, expect, it } from '@jest/globals';
import {
  at,
  digest,
  element,
  failure,
  intent,
  node,
  observe,
  operation,
  SECOND,
  slot,
  START,
  type Seen,
} from './build.ts';
import { judge } from './judge.ts';

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

  it('says nothing new while it is not certain that the cluster cannot be read', () => {
    const problem = failure(0, 'NoAnswer', { call: 'GetManagedCluster' });
    const { record } = judge({ ...observe(inPlace), arm: { ok: false, failure: problem, failedInARow: 1 } });
    expect(record).toEqual({ ...inPlace.record, clusterName: 'prod' });
  });

  it('lists the places, counts them, and names the cluster', () => {
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

  it('counts the nodes as they are while an operation runs, and all of them once it is seen through', () => {
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
