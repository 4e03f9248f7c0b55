import { describe, expect, it } from '@jest/globals';
import type { Intent } from '../../src/cluster/intent.ts';
import type { RecordStatus } from '../../src/cluster/record.ts';
import { nextExpiry } from '../../src/cluster/report.ts';
import {
  at,
  BAD_PEM,
  digest,
  element,
  failure,
  HOUR,
  intent,
  MINUTE,
  named,
  node,
  observe,
  operation,
  pool,
  root,
  slot,
  START,
  type Seen,
} from './build.ts';
import { judge } from './judge.ts';

const ours = (...roots: number[]): RecordStatus => ({ slots: roots.map((one) => slot(one, 'team/a/ca')) });
const ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const landed = operation({ listDigest: digest(0), adds: [named(0, 'team/a/ca')], baseline: at(START), seen: true });
const refusal = (reason: string, stalled: boolean, token: string) => ({
  reason,
  code: 'TheCode',
  message: 'the message.',
  at: at(START),
  until: at(START + HOUR),
  stalled,
  count: 1,
  heldFor: [token],
});

describe('CertificatesValid', () => {
  const says = (one: Intent) => judge(observe({ intents: [one] })).says('a', 'CertificatesValid');

  it.each([
    [intent('a', [0, 1]), 'all 2 certificates read'],
    [intent('a', [0]), '1 certificate reads'],
    [intent('a', []), 'the object wants no certificate'],
  ])('is True when everything reads (%#)', (one, message) => {
    expect(says(one)).toEqual({ status: 'True', reason: 'Valid', message });
  });

  it('names entry, certificate, line and the mend of what does not read', () => {
    const message = says(intent('a', { good: [0], proxy: `${atob(element(1))}\n${BAD_PEM}` }))?.message;
    expect(message).toMatch(/^certificate 1 of entry "proxy" \(line \d+\): .+: .+$/);
  });

  it('spells three problems out and counts the others', () => {
    const bad = Object.fromEntries(['p', 'q', 'r', 's', 't'].map((name) => [name, BAD_PEM]));
    const message = says(intent('a', bad))?.message ?? '';
    expect(message.match(/of entry/g)).toHaveLength(3);
    expect(message).toMatch(/; and 2 more$/);
  });

  it.each([
    ['Invalid', intent('a', { ca: [0], bad: BAD_PEM })],
    ['PartiallyInvalid', intent('a', { ca: [0], bad: BAD_PEM }, { invalidCertificates: 'Skip' })],
    ['Invalid', intent('a', { bad: BAD_PEM }, { invalidCertificates: 'Skip' })],
  ])('is False: %s (%#)', (reason, one) => {
    expect(says(one)).toMatchObject({ status: 'False', reason });
  });

  it('never quotes a private key', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0c2VjcmV0\n-----END PRIVATE KEY-----\n';
    const { status } = judge(observe({ intents: [intent('a', { ca: key })] }));
    expect(JSON.stringify(status('a'))).not.toContain('c2VjcmV0');
  });
});

describe('WithinCertificateLimit', () => {
  it('is True for an object that fits', () => {
    const { says } = judge(observe({ intents: [intent('a', ten)] }));
    expect(says('a', 'WithinCertificateLimit')).toMatchObject({ status: 'True', reason: 'Fits' });
  });

  it('says how many of how many, which do not fit, and who holds the places in the list', () => {
    const record = { slots: [...ten.slice(0, 8).map((one) => slot(one, 'team/a/ca')), slot(8)] };
    const intents = [intent('a', ten.slice(0, 8)), intent('b', { x: [9], y: [10] })];
    const list = ten.slice(0, 9).map((one) => element(one));
    const { says } = judge(observe({ intents, record, elements: list }));
    expect(says('b', 'WithinCertificateLimit')).toEqual({
      status: 'False',
      reason: 'LimitExceeded',
      message:
        '11 certificates for 10 places: 2 of this object do not fit, so none of them is added (x[0], y[0]). Places are held by: team/a 8, nobody (unmanaged) 1. Take certificates out of this object or another one',
    });
  });

  it('counts the places of certificates that come in the same write, and not of those that leave in it', () => {
    const intents = [intent('a', ten.slice(1, 10)), intent('b', [10, 11])];
    const { says } = judge(observe({ intents, record: ours(0), elements: [element(0)] }));
    expect(says('b', 'WithinCertificateLimit')?.message).toMatch(
      /^11 certificates for 10 places: 2 of this object .* held by: team\/a 9\. /,
    );
  });

  it('tells an object with more than ten of its own', () => {
    const { says } = judge(observe({ intents: [intent('a', [...ten, 10, 11])] }));
    expect(says('a', 'WithinCertificateLimit')?.message).toMatch(/^12 certificates for 10 places: 12 of this object/);
  });

  it('holds Ready of this object alone', () => {
    const record = ours(...ten);
    const { says } = judge(
      observe({ intents: [intent('a', ten), intent('b', [10])], record, elements: ten.map((one) => element(one)) }),
    );
    expect([says('a', 'Ready')?.reason, says('b', 'Ready')?.reason]).toEqual(['Trusted', 'LimitExceeded']);
    expect(says('b', 'Stalled')?.reason).toBe('LimitExceeded');
  });
});

describe('Applied', () => {
  const a = intent('a', [0]);
  const inPlace = { intents: [a], record: ours(0), elements: [element(0)] };

  it('is True when the list has what the object wants and ARM says Succeeded', () => {
    const { says } = judge(observe(inPlace));
    expect(says('a', 'Applied')).toMatchObject({ status: 'True', reason: 'Applied' });
  });

  it.each<[string, boolean, Seen]>([
    ['Settling', false, { intents: [intent('a', [0], { settleSeconds: 30 })] }],
    ['Updating', false, { ...inPlace, record: { ...ours(0), operation: landed }, provisioningState: 'Updating' }],
    ['ClusterBusy', false, { ...inPlace, provisioningState: 'Upgrading' }],
    ['ClusterBusy', false, { ...inPlace, pools: [pool({ provisioningState: 'Scaling' })] }],
    ['ClusterBusy', false, { intents: [a], provisioningState: 'Starting' }],
    ['ClusterFailed', true, { ...inPlace, provisioningState: 'Failed' }],
    ['ClusterFailed', true, { intents: [a], provisioningState: 'Failed', pools: [pool({ currentVersion: '1.32.0' })] }],
    ['ClusterStopped', true, { intents: [a], powerState: 'Stopped' }],
    ['Suspended', true, { ...inPlace, intents: [intent('a', [0], { suspend: true })] }],
    ['Held', true, { ...inPlace, intents: [intent('a', { ca: [0], bad: BAD_PEM })] }],
    ['Throttled', false, { intents: [a], record: { refusal: refusal('Throttled', false, a.token) } }],
    ['AccessDenied', false, { intents: [a], record: { refusal: refusal('AccessDenied', false, a.token) } }],
    ['ScopeLocked', true, { intents: [a], record: { refusal: refusal('ScopeLocked', true, a.token) } }],
    ['UpdateFailed', true, { intents: [a], record: { refusal: refusal('UpdateFailed', true, a.token) } }],
    [
      'CertificateRejected',
      true,
      { intents: [a], record: { rejections: [{ object: 'team/a', heldFor: a.token, message: 'm', at: at(START) }] } },
    ],
    [
      'Contended',
      true,
      {
        intents: [a],
        record: { missing: [named(0, 'team/a/ca')], corrections: [1, 2].map(() => ({ at: at(START), requests: '' })) },
      },
    ],
    [
      'UpdateFailed',
      false,
      {
        ...inPlace,
        record: { ...ours(0), operation: landed },
        provisioningState: 'Failed',
        nodes: { kind: 'Read', nodes: [node('x', START)] },
      },
    ],
    [
      'UpdateCanceled',
      true,
      {
        ...inPlace,
        record: { ...ours(0), operation: landed },
        provisioningState: 'Canceled',
        nodes: { kind: 'Read', nodes: [node('x', START)] },
      },
    ],
  ])('is False: %s, Stalled %s (%#)', (reason, stalled, seen) => {
    const { says } = judge(observe(seen));
    expect(says('a', 'Applied')).toMatchObject({ status: 'False', reason });
    expect(says('a', stalled ? 'Stalled' : 'Reconciling')?.status).toBe('True');
    expect(says('a', stalled ? 'Reconciling' : 'Stalled')).toBeUndefined();
  });

  it.each(['Unreachable', 'ClusterNotFound', 'AccessDenied'])(
    'is False: %s when the cluster cannot be read',
    (reason) => {
      const [status, code] = { Unreachable: [0, 'NoAnswer'], ClusterNotFound: [404, 'ResourceNotFound'] }[reason] ?? [
        403,
        'AuthorizationFailed',
      ];
      const problem = failure(status as number, code as string, { call: 'GetManagedCluster' });
      const observation = {
        ...observe({ intents: [a] }),
        arm: { ok: false, failure: problem, failedInARow: 3 },
      } as const;
      expect(judge(observation).says('a', 'Applied')).toMatchObject({ status: 'False', reason });
    },
  );

  it('says of an object that is being deleted that its certificates leave', () => {
    const removing = intent('a', [], { deleting: true, deletionPolicy: 'Remove', settleSeconds: 30 });
    expect(judge(observe({ ...inPlace, intents: [removing] })).says('a', 'Applied')?.reason).toBe('Settling');
  });

  describe('of an object whose certificates are in, while another one’s change', () => {
    const b = intent('b', [1], { settleSeconds: 30 });

    it.each<[string, Seen]>([
      ['settles', { intents: [a, b] }],
      [
        'is refused',
        { intents: [a, intent('b', [1])], record: { ...ours(0), refusal: refusal('ScopeLocked', true, a.token) } },
      ],
    ])('%s, stays True', (_what, seen) => {
      const heldFor = (seen.intents ?? []).map(({ token }) => token);
      const record = seen.record?.refusal ? { ...seen.record, refusal: { ...seen.record.refusal, heldFor } } : ours(0);
      const { says } = judge(observe({ ...inPlace, ...seen, record }));
      expect(says('b', 'Applied')?.status).toBe('False');
      expect(says('a', 'Applied')?.status).toBe('True');
      expect(says('a', 'Ready')?.reason).toBe('Trusted');
    });

    it('is under way, is False until it was seen through', () => {
      const record = { ...ours(0), operation: operation({ listDigest: digest(0, 1), adds: [named(1, 'team/b/ca')] }) };
      const seen = { intents: [a, b], record, elements: [element(0), element(1)], provisioningState: 'Updating' };
      expect(judge(observe(seen)).says('a', 'Applied')?.reason).toBe('Updating');
    });
  });

  it('is False of an object whose own certificates wait to leave', () => {
    const { says } = judge(
      observe({
        intents: [intent('a', [0], { settleSeconds: 30 })],
        record: ours(0, 1),
        elements: [element(0), element(1)],
      }),
    );
    expect(says('a', 'Applied')?.reason).toBe('Settling');
  });

  it('is False of an object that asks for the removal of what nobody names, while that waits', () => {
    const one = intent('a', [0], { unmanagedCertificates: 'Remove', settleSeconds: 30 });
    const { says } = judge(observe({ ...inPlace, intents: [one], elements: [element(0), element(5)] }));
    expect(says('a', 'Applied')?.reason).toBe('Settling');
  });
});

describe('Ready', () => {
  it('is True when everything else is, with Skip also beside a bad certificate', () => {
    const one = intent('a', { ca: [0], bad: BAD_PEM }, { invalidCertificates: 'Skip' });
    const { says } = judge(observe({ intents: [one], record: ours(0), elements: [element(0)] }));
    expect(says('a', 'CertificatesValid')?.reason).toBe('PartiallyInvalid');
    expect(says('a', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
    expect([says('a', 'Reconciling'), says('a', 'Stalled')]).toEqual([undefined, undefined]);
  });

  it('says what holds it back most: what a user has to mend comes before what waits', () => {
    const { says } = judge(observe({ intents: [intent('a', { bad: BAD_PEM })], provisioningState: 'Updating' }));
    expect(says('a', 'Ready')?.reason).toBe('Invalid');
  });

  it('is not touched by nodes outside the feature', () => {
    const pools = [pool(), pool({ name: 'win', osType: 'Windows', count: 3 })];
    const { says } = judge(observe({ intents: [intent('a', [0])], record: ours(0), elements: [element(0)], pools }));
    expect(says('a', 'FullyCovered')).toMatchObject({ status: 'False', reason: 'WindowsNodePools' });
    expect(says('a', 'Ready')?.status).toBe('True');
  });

  it('is Unknown where nobody can tell whether the nodes have the list', () => {
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
    expect(status.cluster).toEqual({ name: 'prod', record: expect.stringMatching(/^prod-[0-9a-f]{10}$/) as unknown });
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
    const status = { certificates: [{ name: 'ca', index: 0, state: 'Trusted' as const }], lastAppliedTime: at(START) };
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
    expect([status('a').lastAppliedTime, status('b').lastAppliedTime]).toEqual([at(START + MINUTE), undefined]);
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
