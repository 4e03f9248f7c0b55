import { describe, expect, it } from '@jest/globals';
import type { RecordStatus } from '../../../../src/cluster/model/record.ts';
import { nextExpiry } from '../../../../src/cluster/kinds/update-trust/status.ts';
import {
  at,
  BAD_PEM,
  digest,
  element,
  failure,
  HOUR,
  intent,
  mark,
  MINUTE,
  named,
  node,
  observe,
  operation,
  pool,
  root,
  slot,
  START,
} from '../../../harness/build.ts';
import { judge } from '../../../harness/judge.ts';

const ours = (...roots: number[]): RecordStatus => ({ slots: roots.map((one) => slot(one, 'team/a/ca')) });
const ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const landed = operation({ listDigest: digest(0), adds: [named(0, 'team/a/ca')], baseline: at(START), seen: true });

describe('Ready', () => {
  it('is True when everything else is, with Skip also beside a bad certificate', () => {
    const one = intent('a', { ca: [0], bad: BAD_PEM }, { invalidCertificates: 'Skip' });
    const { says } = judge(observe({ intents: [one], record: ours(0), elements: [element(0)] }));
    expect(says('a', 'CertificatesValid')?.reason).toBe('PartiallyInvalid');
    expect(says('a', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
    expect([says('a', 'Reconciling'), says('a', 'Stalled')]).toEqual([undefined, undefined]);
  });

  it('reports the most important obstacle: one that a user has to fix comes before a wait', () => {
    const { says } = judge(observe({ intents: [intent('a', { bad: BAD_PEM })], provisioningState: 'Updating' }));
    expect(says('a', 'Ready')?.reason).toBe('Invalid');
  });

  it('is not touched by nodes outside the feature', () => {
    const pools = [pool(), pool({ name: 'win', osType: 'Windows', count: 3 })];
    const { says } = judge(observe({ intents: [intent('a', [0])], record: ours(0), elements: [element(0)], pools }));
    expect(says('a', 'FullyCovered')).toMatchObject({ status: 'False', reason: 'WindowsNodePools' });
    expect(says('a', 'Ready')?.status).toBe('True');
  });

  it('says what keeps the nodes from being replaced, in the pool’s row too, and since when also after its event is gone', () => {
    const refused = { node: 'x', step: 'EvictionRefused', about: 'web/web-1', since: START, at: START } as const;
    const pools = [pool({ count: 1, provisioningState: 'Updating' })];
    const seen = { intents: [intent('a', [0])], elements: [element(0)], provisioningState: 'Updating', pools };
    const nodes = {
      kind: 'Read',
      nodes: [node('x', START - 1000, { schedulable: false })],
      events: [refused],
    } as const;
    const first = judge(observe({ ...seen, nodes, record: { ...ours(0), operation: landed } }));
    expect(first.says('a', 'Ready')).toMatchObject({ status: 'False', reason: 'ReimageBlocked' });
    expect(first.says('a', 'Applied')?.reason).toBe('Updating');
    const [row] = first.status('a').nodePools ?? [];
    expect(row).toMatchObject({
      blockedBy: expect.stringContaining('web/web-1') as unknown,
      blockedSince: '2026-03-02T08:00:00Z',
    });
    const later = { ...nodes, events: [{ ...refused, since: START + HOUR, at: START + HOUR }] };
    const again = judge(observe({ ...seen, nodes: later, record: { ...first.decision.record, operation: landed } }));
    expect(again.status('a').nodePools?.[0]?.blockedSince).toBe('2026-03-02T08:00:00Z');
  });

  it('is Unknown when the nodes cannot be read', () => {
    const nodes = { kind: 'Unreadable', message: 'no route' } as const;
    const seen = {
      intents: [intent('a', [0])],
      record: { ...ours(0), operation: landed },
      elements: [element(0)],
      nodes,
    };
    const { says } = judge(observe(seen));
    expect(says('a', 'NodesReimaged')).toMatchObject({ status: 'Unknown', reason: 'NodesUnreadable' });
  });
});

describe('a status', () => {
  it('names the cluster, its record, its places and the earliest end of a certificate', () => {
    const status = judge(observe({ intents: [intent('a', [0, 1])], record: ours(0), elements: [element(0)] })).status(
      'a',
    );
    expect(status.cluster).toEqual({ name: 'prod', record: expect.stringMatching(/^prod-[0-9a-f]{20}$/) as unknown });
    expect(status.certificateSlots).toEqual({ limit: 10, used: 1, free: 9, summary: '1/10' });
    expect(status.earliestNotAfter).toBe([0, 1].map((one) => root(one).details.notAfter).sort()[0]);
    expect(status.observedGeneration).toBe(1);
  });

  it('shows 128 rows and counts the others', () => {
    const many = Object.fromEntries(Array.from({ length: 13 }, (_, index) => [`e${index}`, ten]));
    const { certificates, certificatesNotShown } = judge(observe({ intents: [intent('a', many)] })).status('a');
    expect([certificates?.length, certificatesNotShown]).toEqual([128, 2]);
  });

  it('keeps its rows, and when it was last applied, while the cluster cannot be read', () => {
    const status = {
      certificates: [{ name: 'ca', index: 0, fingerprintSHA256: mark(0), state: 'Trusted' as const }],
      lastAppliedTime: at(START),
    };
    const one = intent('a', [0], { status });
    const problem = failure(403, 'AuthorizationFailed', { call: 'GetManagedCluster' });
    const observation = {
      ...observe({ intents: [one] }),
      arm: { ok: false, failure: problem, failedInARow: 9 },
    } as const;
    expect(judge(observation).status('a')).toMatchObject(status);
  });

  it('notes when a change of this object was seen through, and of no other', () => {
    const record = { ...ours(0), operation: landed };
    const intents = [intent('a', [0]), intent('b', [0])];
    const nodes = { kind: 'Read', nodes: [node('x', START + 1000)] } as const;
    const { status } = judge(observe({ intents, record, elements: [element(0)], nodes }), START + MINUTE);
    expect([status('a').lastAppliedTime, status('b').lastAppliedTime]).toEqual(['2026-03-02T08:01:00Z', undefined]);
  });

  it('keeps the time of a condition whose status stays, also where its message changes', () => {
    const seen = { intents: [intent('a', [0], { settleSeconds: 30 })] };
    const before = judge(observe(seen)).status('a');
    const next = intent('a', [0, 1], { settleSeconds: 30, generation: 2, status: before });
    const after = judge(observe({ intents: [next] }), START + HOUR).status('a');
    const times = (status: typeof before) => status.conditions?.map(({ lastTransitionTime }) => lastTransitionTime);
    expect(times(after)).toEqual(times(before));
    expect(after.conditions?.every(({ observedGeneration }) => observedGeneration === 2)).toBe(true);
  });
});

describe('the next date of a certificate', () => {
  it('is the first that is still to come', () => {
    const { notBefore, notAfter } = root(0).details;
    const next = (now: number) => nextExpiry([intent('a', [0])], now);
    expect(next(Date.parse(notBefore) - 1)).toBe(Date.parse(notBefore));
    expect(next(Date.parse(notBefore))).toBe(Date.parse(notAfter));
    expect(next(Date.parse(notAfter))).toBeUndefined();
    expect(nextExpiry([intent('a', { bad: BAD_PEM })], START)).toBeUndefined();
  });
});
