import { describe, expect, it } from '@jest/globals';
import type { RecordStatus } from '../../../../src/cluster/model/record.ts';
import {
  at,
  BAD_PEM,
  digest,
  element,
  failure,
  HOUR,
  intent,
  named,
  node,
  observe,
  operation,
  pool,
  slot,
  START,
  type Seen,
} from '../../../harness/build.ts';
import { judge } from '../../../harness/judge.ts';

const ours = (...roots: number[]): RecordStatus => ({ slots: roots.map((one) => slot(one, 'team/a/ca')) });
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

describe('Applied', () => {
  const a = intent('a', [0]);
  const inPlace = { intents: [a], record: ours(0), elements: [element(0)] };

  it('is True when the list has what the object wants and ARM reports Succeeded', () => {
    const { says } = judge(observe(inPlace));
    expect(says('a', 'Applied')).toMatchObject({ status: 'True', reason: 'Applied' });
  });

  it.each<[string, boolean, Seen]>([
    ['Settling', false, { intents: [intent('a', [0], { settleSeconds: 30 })] }],
    ['Updating', false, { ...inPlace, record: { ...ours(0), operation: landed }, provisioningState: 'Updating' }],
    ['ClusterBusy', false, { ...inPlace, provisioningState: 'Upgrading' }],
    ['ClusterBusy', false, { ...inPlace, pools: [pool({ provisioningState: 'Scaling' })] }],
    ['ClusterBusy', false, { intents: [a], provisioningState: 'Starting' }],
    ['ClusterFailed', false, { ...inPlace, provisioningState: 'Failed' }],
    [
      'ClusterFailed',
      false,
      { intents: [a], provisioningState: 'Failed', pools: [pool({ currentVersion: '1.32.0' })] },
    ],
    ['ClusterStopped', false, { intents: [a], powerState: 'Stopped' }],
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

  it('says of a deleted object what it waits for, and the patch that releases it, for any reason', () => {
    const removing = intent('a', [0], { deleting: true, deletionPolicy: 'Remove' });
    for (const [status, code] of [
      [404, 'ResourceGroupNotFound'],
      [403, 'AuthorizationFailed'],
    ] as const) {
      const problem = failure(status, code, { call: 'GetManagedCluster' });
      const arm = { ok: false, failure: problem, failedInARow: 3 } as const;
      const { says } = judge({ ...observe({ ...inPlace, intents: [removing] }), arm });
      for (const type of ['Applied', 'Ready'])
        expect(says('a', type)?.message).toMatch(
          /being deleted and waits until .*kubectl patch customcatrust a -n team --type=merge -p '{"spec":{"deletionPolicy":"Retain"}}'$/,
        );
    }
  });

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

    it('waits for what ARM does to a node pool, is not True: ARM is not done with the cluster', () => {
      const pools = [pool({ provisioningState: 'Scaling' })];
      const { says } = judge(observe({ ...inPlace, intents: [a, b], pools }));
      expect(says('b', 'Applied')).toMatchObject({ status: 'False', reason: 'ClusterBusy' });
      expect(says('a', 'Applied')).toMatchObject({ status: 'False', reason: 'ClusterBusy' });
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

  it('is False for an object that asks for the removal of unmanaged certificates, while that waits', () => {
    const one = intent('a', [0], { unmanagedCertificates: 'Remove', settleSeconds: 30 });
    const { says } = judge(observe({ ...inPlace, intents: [one], elements: [element(0), element(5)] }));
    expect(says('a', 'Applied')?.reason).toBe('Settling');
  });
});
