import { describe, expect, it } from '@jest/globals';
import type { CustomCATrustStatus } from '../../../../src/api/generated/customcatrusts.ts';
import type { RecordedOperation, RecordStatus } from '../../../../src/cluster/model/record.ts';
import {
  at,
  digest,
  element,
  HOUR,
  intent,
  mark,
  named,
  node,
  observe,
  onNodes,
  operation,
  pool,
  slot,
  START,
  type Seen,
} from '../../../harness/build.ts';
import { reimagedConditionFor } from '../../../../src/cluster/kinds/update-trust/conditions.ts';
import { judge } from '../../../harness/judge.ts';

const seen = { lastApplied: { at: at(START - HOUR), proof: 'NodesSeen', nodes: 1 } } as const;
const slots: RecordStatus = { slots: [onNodes(0, 'team/a/ca')], ...seen };
const adding = (...add: number[]) =>
  operation({
    listDigest: digest(0, ...add),
    adds: add.map((one) => named(one, 'team/b/ca')),
    seen: true,
    baseline: at(START - HOUR),
    countedAt: at(START - HOUR),
  });
/** A status that nothing is decided by. */
const READY: CustomCATrustStatus = {
  certificates: [{ name: 'ca', index: 0, fingerprintSHA256: mark(0), state: 'Trusted' }],
};
const a = intent('a', [0]);
const b = intent('b', [1]);
const rolling: Seen = {
  intents: [a, b],
  elements: [element(0), element(1)],
  provisioningState: 'Updating',
  pools: [pool({ provisioningState: 'Updating' })],
  record: { ...slots, operation: adding(1) },
};
const withRemoval = (sent: RecordedOperation): RecordedOperation => ({
  ...sent,
  updateTrust: { ...sent.updateTrust!, removes: [named(0, 'team/a/ca')] },
});
const old = { kind: 'Read', nodes: [node('x', START - 2 * HOUR)], serverTime: START } as const;

const letGo = {
  ...seen,
  slots: [onNodes(0, 'team/a/ca'), onNodes(2, 'team/a/ca')],
  operation: { ...adding(1, 2), adds: [named(1, 'team/b/ca')] },
};

describe('an object outside the running change', () => {
  it.each<[string, Seen]>([
    ['while the nodes are replaced', rolling],
    ['while nodes are counted', { ...rolling, nodes: old }],
    ['before the sent list can be read back', { ...rolling, elements: [element(0)] }],
    [
      'after the operation failed',
      { ...rolling, provisioningState: 'Failed', pools: [pool({ provisioningState: 'Failed' })], nodes: old },
    ],
    [
      'where it has just begun to name a certificate of another object',
      { ...rolling, record: { ...rolling.record, slots: [onNodes(0, 'team/b/ca')] } },
    ],
    ['while a suspended object is part of it', { ...rolling, intents: [a, intent('b', [1], { suspend: true })] }],
  ])('stays Ready %s', (_when, seen) => {
    const { says, status } = judge(observe(seen));
    for (const type of ['Applied', 'NodesReimaged', 'Ready']) expect(says('a', type)?.status).toBe('True');
    expect(says('a', 'NodesReimaged')).toMatchObject({ reason: 'Reimaged' });
    expect(says('a', 'NodesReimaged')?.message).toContain('another object');
    expect([says('a', 'Stalled'), says('a', 'Reconciling')]).toEqual([undefined, undefined]);
    expect(status('a').certificates?.map(({ state }) => state)).toEqual(['Trusted']);
    expect(says('b', 'Ready')?.status).not.toBe('True');
  });

  it.each<[string, Seen]>([
    ['its own certificate is part of it', { ...rolling, intents: [intent('a', [0, 1]), b] }],
    ['its own certificate leaves by it', { ...rolling, record: { ...slots, operation: withRemoval(adding(1)) } }],
    [
      'a certificate that it let go of waits to leave',
      { ...rolling, record: letGo, elements: [0, 1, 2].map((one) => element(one)) },
    ],
    ['it was never seen on the nodes', { ...rolling, record: { ...rolling.record, slots: [slot(0, 'team/a/ca')] } }],
    [
      'its status says so and the record does not',
      {
        ...rolling,
        intents: [intent('a', [0], { status: READY }), b],
        record: { ...rolling.record, slots: [slot(0, 'team/a/ca')] },
      },
    ],
    ['its certificate is no longer in the list', { ...rolling, elements: [element(1)] }],
    ['an edit of it waits', { ...rolling, intents: [intent('a', [0, 2]), b] }],
    ['the operation in the cluster is of another client', { ...rolling, record: slots }],
  ])('is not outside when %s', (_when, seen) => {
    expect(judge(observe(seen)).says('a', 'Ready')?.status).not.toBe('True');
  });
});

describe('an object outside the running change whose namespace counts by its own way', () => {
  const reasonFor = (earlier?: 'None' | 'Unfinished' | 'Done') => {
    const observation = observe(rolling);
    const { decision, record } = judge(observation);
    const namespaceCounts = earlier ? [{ namespace: 'team', done: false, earlier }] : [];
    const byArm = { lastApplied: { at: at(START), proof: 'ReportedByARM' as const }, namespaceCounts };
    const input = { intent: a, observation, decision, record: { ...record, ...byArm }, now: START };
    const { status, reason } = reimagedConditionFor(input, undefined);
    return `${status} ${reason}`;
  };

  it.each([
    ['None', 'True ReportedByARM'],
    ['Done', 'True Reimaged'],
    ['Unfinished', 'False ReimageInProgress'],
    [undefined, 'True ReportedByARM'],
  ] as const)('is shown what the count of the change before has shown (%s)', (earlier, shown) => {
    expect(reasonFor(earlier)).toBe(shown);
  });
});

describe('NodesReimaged', () => {
  it.each<[string, Seen]>([
    ['settles', { intents: [intent('a', [0], { settleSeconds: 30 })] }],
    ['is held by a bad certificate', { intents: [intent('a', { ca: [0], bad: 'nothing' })] }],
    ['does not fit', { intents: [intent('a', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])] }],
    [
      'is a removal that waits',
      { intents: [intent('a', [], { settleSeconds: 30 })], elements: [element(0)], record: slots },
    ],
    ['of a suspended object was never sent', { intents: [intent('a', [0], { suspend: true })] }],
  ])('is Unknown while a change is wanted that %s', (_what, seen) => {
    expect(judge(observe(seen)).says('a', 'NodesReimaged')).toMatchObject({
      status: 'Unknown',
      reason: 'ChangeNotSent',
    });
  });
});

describe('a suspended object', () => {
  const suspended = (...roots: number[]) => intent('a', roots, { suspend: true });

  it('stays Ready while all of its certificates are in place, and says that it is suspended', () => {
    const { says } = judge(observe({ intents: [suspended(0)], record: slots, elements: [element(0)] }));
    expect(says('a', 'Ready')).toMatchObject({ status: 'True', reason: 'Suspended' });
    expect(says('a', 'Suspended')?.status).toBe('True');
    expect([says('a', 'Stalled'), says('a', 'Reconciling')]).toEqual([undefined, undefined]);
  });

  it('is not Ready and not Stalled while one of its certificates is missing', () => {
    const { says } = judge(observe({ intents: [suspended(0, 1)], record: slots, elements: [element(0)] }));
    expect(says('a', 'Ready')).toMatchObject({ status: 'False', reason: 'Suspended' });
    expect([says('a', 'Stalled'), says('a', 'Reconciling')]).toEqual([undefined, undefined]);
  });
});
