import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { CustomCATrustStatus } from '../../../../src/api/generated/customcatrusts.ts';
import {
  BAD_PEM,
  digest,
  element,
  failure,
  intent,
  mark,
  named,
  observe,
  onNodes,
  operation,
  root,
  slot,
  toIntent,
  trust,
} from '../../../harness/build.ts';
import { armour, basicConstraints, craft } from '../../../certificates/fixtures/craft.ts';
import { octets, oid, sequence } from '../../../certificates/fixtures/der-writer.ts';
import { judge } from '../../../harness/judge.ts';
import type { Seen } from '../../../harness/build.ts';

const A = 'team/a/ca';

function trusted(...roots: number[]): CustomCATrustStatus {
  return {
    certificates: roots.map((one) => ({
      name: 'ca',
      index: 0,
      fingerprintSHA256: mark(one),
      state: 'Trusted' as const,
    })),
  };
}

function rows(seen: Seen, now?: number) {
  return judge(observe(seen), now).status('a').certificates;
}

function states(seen: Seen): (string | undefined)[] | undefined {
  return rows(seen)?.map(({ state }) => state);
}

describe('the row of a certificate', () => {
  it('says what it is, where it stands and until when it holds', () => {
    const { subject, issuer, notBefore, notAfter } = root(0).details;
    const record = { slots: [slot(0, 'team/a/proxy')] };
    expect(rows({ intents: [intent('a', { proxy: [0] })], elements: [element(0)], record })).toEqual([
      { name: 'proxy', index: 0, subject, issuer, fingerprintSHA256: mark(0), notBefore, notAfter, state: 'Trusted' },
    ]);
  });

  it('shows something where the subject is empty', () => {
    const text = readFileSync(new URL('../../../certificates/fixtures/empty-subject.pem', import.meta.url), 'utf8');
    const seen = { intents: [toIntent(trust('a', { ca: text }))], elements: [btoa(text)] };
    expect(rows(seen)).toMatchObject([{ subject: '(empty name)', issuer: '(empty name)' }]);
    expect(judge(observe(seen)).record?.slots).toMatchObject([{ subject: '(empty name)' }]);
  });

  it('is warned of where its element makes a large list', () => {
    const der = craft({ extensions: [basicConstraints(true), sequence(oid('1.2.3'), octets(Buffer.alloc(24_000)))] });
    const intents = [toIntent(trust('a', { large: armour(der) })), intent('b', [0])];
    const { status } = judge(observe({ intents }));
    expect(status('a').certificates).toMatchObject([
      { warnings: ['LargeList'], message: expect.stringMatching(/^The cluster's list has \d\d KiB/) },
    ]);
    expect(status('b').certificates?.[0]?.warnings).toBeUndefined();
  });

  it('says why there is a warning where its name does not say it', () => {
    const text = readFileSync(new URL('../../../certificates/fixtures/field/bool-01.pem', import.meta.url), 'utf8');
    const [row] = rows({ intents: [toIntent(trust('a', { ca: text }))] }) ?? [];
    expect(row).toMatchObject({ state: 'Pending', warnings: ['UnusableByGo'] });
    expect(row?.message).toBe(
      'Go programs (containerd, the kubelet) do not use it: its basicConstraints has a BOOLEAN that is not DER. Use a certificate without that if nodes need it to pull images.',
    );
  });

  it.each<[string, Seen, string[]]>([
    ['Pending', { intents: [intent('a', [0])] }, ['Pending']],
    [
      'Trusted',
      {
        intents: [intent('a', [0])],
        elements: [element(5), element(0)],
        record: { slots: [slot(5), slot(0, A)] },
      },
      ['Trusted'],
    ],
    ['Adopted of one that was there before', { intents: [intent('a', [0])], elements: [element(5, 0)] }, ['Adopted']],
    [
      'Applying until it is seen through',
      {
        intents: [intent('a', [0])],
        elements: [element(0)],
        provisioningState: 'Updating',
        record: { operation: operation({ listDigest: digest(0), adds: [named(0, A)] }) },
      },
      ['Applying'],
    ],
    [
      'Pending while a list without it may still arrive',
      {
        intents: [intent('a', [0])],
        elements: [element(0)],
        record: { slots: [slot(0, A)], operation: operation({ listDigest: digest(1), removes: [named(0, A)] }) },
      },
      ['Pending'],
    ],
    [
      'Applying while another client’s write of it is rolled out',
      { intents: [intent('a', [0])], elements: [element(0)], provisioningState: 'Updating' },
      ['Applying'],
    ],
    [
      'Applying after another client’s write of it failed',
      { intents: [intent('a', [0])], elements: [element(0)], provisioningState: 'Failed' },
      ['Applying'],
    ],
    [
      'Trusted of one that was trusted before another operation began',
      {
        intents: [intent('a', [0])],
        elements: [element(0)],
        provisioningState: 'Upgrading',
        record: { slots: [onNodes(0, A)] },
      },
      ['Trusted'],
    ],
    [
      'Applying of one that only its status calls Trusted',
      {
        intents: [intent('a', [0], { status: trusted(0) })],
        elements: [element(0)],
        provisioningState: 'Upgrading',
        record: { slots: [slot(0, A)] },
      },
      ['Applying'],
    ],
    [
      'Pending of one that was trusted and left the list since',
      { intents: [intent('a', [0])], elements: [], record: { slots: [onNodes(0, A)] } },
      ['Pending'],
    ],
    ['OverLimit', { intents: [intent('a', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])] }, Array(11).fill('OverLimit')],
    [
      'OverLimit beside what is in',
      {
        intents: [intent('a', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])],
        elements: [element(0)],
        record: { slots: [slot(0, A)] },
      },
      ['Trusted', ...(Array(10).fill('OverLimit') as string[])],
    ],
    ['Duplicate', { intents: [intent('a', { x: [0], y: [1, 0] })] }, ['Pending', 'Pending', 'Duplicate']],
    ['Invalid', { intents: [intent('a', { x: BAD_PEM, y: [0] })], elements: [element(0)] }, ['Invalid', 'Trusted']],
    [
      'Removing with its object',
      {
        intents: [intent('a', [0], { deleting: true, deletionPolicy: 'Remove', settleSeconds: 30 })],
        elements: [element(0)],
        record: { slots: [slot(0, A)] },
      },
      ['Removing'],
    ],
    [
      'Removing while nodes still have it',
      {
        intents: [intent('a', [0], { deleting: true, deletionPolicy: 'Remove' })],
        provisioningState: 'Updating',
        record: { operation: operation({ listDigest: digest(), removes: [named(0, A)], seen: true }) },
      },
      ['Removing'],
    ],
    [
      'Removing after the others once no object names it',
      {
        intents: [intent('a', [1], { settleSeconds: 30 })],
        elements: [element(0), element(1)],
        record: { slots: [slot(0, A), slot(1, A)] },
      },
      ['Trusted', 'Removing'],
    ],
    [
      'nothing of another object’s certificate that leaves',
      {
        intents: [intent('a', [1]), intent('b', [])],
        elements: [element(0), element(1)],
        record: { slots: [slot(0, 'team/b/ca'), slot(1, A)] },
      },
      ['Trusted'],
    ],
  ])('says %s', (_what, seen, expected) => {
    expect(states(seen)).toEqual(expected);
  });

  it('names the earlier row of a duplicate, and line and fault of what does not read', () => {
    const [, duplicate, invalid] = rows({ intents: [intent('a', { x: [0], y: [0], z: BAD_PEM })] }) ?? [];
    expect(duplicate?.message).toBe('The same certificate as number 0 of entry "x"');
    expect(invalid?.message).toMatch(/^Line \d+: /);
  });

  it('warns of its time and of its kind', () => {
    const seen = { intents: [intent('a', [0])], elements: [element(0)] };
    const { notBefore, notAfter } = root(0).details;
    const warnings = (now: number) => rows(seen, now)?.[0]?.warnings;
    expect(warnings(Date.parse(notAfter) + 1000)).toEqual(['Expired']);
    expect(warnings(Date.parse(notBefore) - 1000)).toEqual(['NotYetValid']);
    expect(warnings(Date.parse(notAfter) - 1000)).toBeUndefined();
  });

  it('warns of how it was written', () => {
    const [row] = rows({ intents: [intent('a', { ca: btoa(root(0).pem) })] }) ?? [];
    expect(row?.warnings).toEqual(['Base64EncodedPem']);
  });

  it('is there before the cluster was read, with what is wrong about it', () => {
    const problem = failure(403, 'AuthorizationFailed', { call: 'GetManagedCluster' });
    const seen = {
      ...observe({ intents: [intent('a', { ca: [0], proxy: [0], bad: BAD_PEM }, { invalidCertificates: 'Skip' })] }),
      arm: { ok: false, failure: problem, failedInARow: 1 },
    } as const;
    const states = judge(seen, Date.parse(root(0).details.notAfter) + 1000).status('a').certificates;
    expect(states).toMatchObject([
      { state: 'Pending', subject: root(0).details.subject, warnings: ['Expired'] },
      { state: 'Duplicate' },
      { state: 'Invalid', message: expect.stringMatching(/^Line /) as unknown },
    ]);
  });
});
