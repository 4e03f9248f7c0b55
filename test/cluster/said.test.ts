import { describe, expect, it } from '@jest/globals';
import type { CustomCATrustStatus } from '../../src/api/generated/customcatrusts.ts';
import type { ArmFailure } from '../../src/azure/failures.ts';
import type { TrustIntent } from '../../src/cluster/model/intent.ts';
import type { RecordStatus } from '../../src/cluster/model/record.ts';
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
  slot,
  START,
  type Seen,
} from '../harness/build.ts';
import { judge } from '../harness/judge.ts';
import { allReplacedMessage } from '../../src/cluster/reimage/last-applied.ts';

const ours = (...roots: number[]): RecordStatus => ({ slots: roots.map((one) => slot(one, 'team/a/ca')) });
const landed = operation({ listDigest: digest(0), adds: [named(0, 'team/a/ca')], baseline: at(START), seen: true });
const inPlace: Seen = { record: ours(0), elements: [element(0)] };
const running: Seen = { ...inPlace, record: { ...ours(0), operation: landed } };
const old = { kind: 'Read', nodes: [node('x', START)] } as const;
const refusedWith = (code: string, message: string): Seen => ({
  record: {
    refusal: {
      ...{ reason: 'UpdateFailed', code, message, at: at(START), until: at(START + HOUR) },
      ...{ stalled: false, count: 1, heldFor: ['all'] },
    },
  },
});
const ended = (code: string, message: string): Seen => ({
  ...running,
  provisioningState: 'Failed',
  provisioningError: { code, message },
  nodes: old,
});
const lost = (error: { code: string; message: string }): Seen => ({
  record: {
    unseenWrites: {
      ...{ count: 3, attempt: 'op-1/1', at: at(START), lost: 3, error },
      ...{ until: at(START + HOUR), heldFor: [] },
    },
  },
});

/** What a cluster is like, and what its record remembers. */
const STATES: Readonly<Record<string, Seen>> = {
  'at rest': inPlace,
  'without the certificate': {},
  'busy with something else': { ...inPlace, provisioningState: 'Upgrading' },
  'left Failed by others': { ...inPlace, provisioningState: 'Failed' },
  'left Failed by others in the middle of an upgrade': {
    provisioningState: 'Failed',
    provisioningError: { code: 'NodesNotReady', message: '' },
    pools: [pool({ currentVersion: '1.32.0' })],
  },
  stopped: { powerState: 'Stopped' },
  'about to be changed': { ...running, provisioningState: 'Updating', nodes: old },
  'changed by what ARM reports': { ...running, provisioningState: 'Updating' },
  'changed, unseen': { ...running, nodes: { kind: 'Unreadable', message: 'the kubeconfig has no user' } },
  'changed, without nodes': { ...running, nodes: { kind: 'Read', nodes: [] } },
  'changed, with one node': { ...running, nodes: { kind: 'Read', nodes: [node('x', START + MINUTE)] } },
  'changed, with old nodes': { ...running, nodes: old },
  'given up': ended('VMExtensionProvisioningError', 'Enable failed: exit status=161'),
  'given up without a word': ended('NodesNotReady', ''),
  'given up by a budget': ended('PodDrainFailure', 'Drain node x failed.'),
  canceled: { ...running, provisioningState: 'Canceled', nodes: old },
  'refused without a word': refusedWith('Conflict', ''),
  'refused in words without an end': refusedWith('BadRequest', 'Internal server error'),
  'lost again and again': lost({ code: 'HTTP502', message: 'HTTP 502 with an HTML or XML page' }),
  'with Windows and Karpenter': {
    ...inPlace,
    autoProvisions: true,
    pools: [pool(), pool({ name: 'w', osType: 'Windows' })],
  },
};

const FAILURES: Readonly<Record<string, ArmFailure>> = {
  'no answer': failure(0, 'NoAnswer', { message: 'read ECONNRESET', call: 'GetManagedCluster' }),
  'a server error without words': failure(500, 'InternalOperationError', { message: '', call: 'GetManagedCluster' }),
  'a page': failure(502, 'HTTP502', { message: 'HTTP 502 with an HTML or XML page', call: 'GetManagedCluster' }),
  'no right': failure(403, 'AuthorizationFailed', { call: 'GetManagedCluster' }),
  'no cluster': failure(404, 'ResourceNotFound', { call: 'GetManagedCluster' }),
};

const OBJECTS: Readonly<Record<string, () => TrustIntent>> = {
  plain: () => intent('a', [0]),
  'waits for more': () => intent('a', [0, 1], { settleSeconds: 30 }),
  suspended: () => intent('a', [0], { suspend: true }),
  'suspended, with a bad certificate': () => intent('a', { ca: [0], bad: BAD_PEM }, { suspend: true }),
  'suspended, with too many': () => intent('a', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], { suspend: true }),
  'held by a bad certificate': () => intent('a', { ca: [0], bad: BAD_PEM }),
  'without the bad one': () => intent('a', { ca: [0], bad: BAD_PEM }, { invalidCertificates: 'Skip' }),
  'with too many': () => intent('a', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
  empty: () => intent('a', []),
  'to be removed': () => intent('a', [0], { deleting: true, deletionPolicy: 'Remove' }),
};

const RELEASE = 'kubectl patch customcatrust a -n team --type=merge -p \'{"spec":{"deletionPolicy":"Retain"}}\'';

/** Every text that a person reads in a status. */
function textsOf({ conditions = [], certificates = [] }: CustomCATrustStatus): string[] {
  return [...conditions.map(({ message }) => message), ...certificates.flatMap(({ message }) => message ?? [])];
}

function check(object: string, status: CustomCATrustStatus): void {
  const by = new Map(status.conditions?.map((condition) => [condition.type, condition]));
  for (const text of textsOf(status)) {
    // A capital, a number, or a name with a dot, a slash or a hyphen.
    expect(text).toMatch(/^(?:[A-Z0-9"']|[a-z]+[./-])/);
    expect(text).not.toMatch(/ {2}|[^.]\.\.(?!\.)|: ?[.;]|undefined|\[object|\d\.\d{3}Z/);
  }
  const { conditions: _, ...rest } = status;
  expect(JSON.stringify(rest)).not.toMatch(/T\d\d:\d\d:\d\d\.\d+Z/);
  const ready = by.get('Ready');
  expect(ready).toBeDefined();
  if (object.startsWith('suspended')) expect([ready?.reason, by.has('Stalled')]).toEqual(['Suspended', false]);
  if (object === 'to be removed' && ready?.status !== 'True') {
    expect(ready?.message.endsWith(RELEASE)).toBe(true);
    expect(by.get('Applied')?.message.endsWith(RELEASE)).toBe(true);
  }
  // Ready only where every certificate is on every node that takes part.
  if (ready?.status === 'True') {
    for (const { state } of status.certificates ?? []) expect(['Trusted', 'Duplicate', 'Invalid']).toContain(state);
    expect(by.get('Applied')?.status).toBe('True');
    expect(by.get('NodesReimaged')?.status).toBe('True');
  }
  expect(by.has('Stalled') && by.has('Reconciling')).toBe(false);
}

describe.each(Object.entries(OBJECTS))('what is said of an object: %s', (object, make) => {
  it.each(Object.entries(STATES))('over a cluster %s', (_state, seen) => {
    const one = make();
    const refusal = seen.record?.refusal && { ...seen.record.refusal, heldFor: [one.token] };
    const unseen = seen.record?.unseenWrites && { ...seen.record.unseenWrites, heldFor: [one.token] };
    const record = seen.record && {
      ...seen.record,
      ...(refusal ? { refusal } : {}),
      ...(unseen ? { unseenWrites: unseen } : {}),
    };
    const { status, record: written } = judge(observe({ ...seen, record, intents: [one] }), START + 5 * MINUTE);
    check(object, status('a'));
    for (const { message } of written?.conditions ?? []) expect(message).toMatch(/^[A-Z0-9]/);
  });

  it.each(Object.entries(FAILURES))('over a cluster that cannot be read: %s', (_what, problem) => {
    const observation = { ...observe({ ...inPlace, intents: [make()] }) };
    const arm = { ok: false, failure: problem, failedInARow: 9, lastReadAt: START } as const;
    check(object, judge({ ...observation, arm }, START + HOUR).status('a'));
  });
});

describe('what a status says in particular', () => {
  it('does not grow while what was said before is said again', () => {
    const way = { kubeconfigSecretRef: { name: 'nodes' } };
    const others = [intent('b', [0], { namespace: 'other', nodeAccess: true }), intent('c', [0], { nodeAccess: true })];
    let status: CustomCATrustStatus | undefined;
    const lengths = Array.from({ length: 3 }, (_, pass) => {
      const one = intent('a', [0], {
        deleting: true,
        deletionPolicy: 'Remove',
        nodeAccess: way,
        ...(status ? { status } : {}),
      });
      const seen = { ...running, provisioningState: 'Updating', intents: [one, ...others] };
      status = judge(observe(seen), START + pass * MINUTE).status('a');
      return status.conditions?.map(({ message }) => message.length);
    });
    expect(lengths[2]).toEqual(lengths[1]);
    expect(status?.conditions?.find(({ type }) => type === 'NodesReimaged')?.message).toContain(RELEASE);
  });

  it('does not call nodes replaced where there is none, and one node not all of them', () => {
    const pools = [pool({ count: 1 })];
    const nodes = { kind: 'Read', nodes: [node('x', START + 1000)] } as const;
    const { says } = judge(observe({ ...running, pools, nodes, intents: [intent('a', [0])] }));
    expect(says('a', 'NodesReimaged')?.message).toBe('The only node was replaced since the change');
    expect([0, 1, 7].map(allReplacedMessage)).toEqual([
      'No node had to be replaced: the cluster has none that gets custom CAs',
      'The only node was replaced since the change',
      'All 7 nodes were replaced since the change',
    ]);
  });

  it('counts out of Ready what is skipped', () => {
    const one = intent('a', { ca: [0], bad: BAD_PEM }, { invalidCertificates: 'Skip' });
    expect(judge(observe({ ...inPlace, intents: [one] })).says('a', 'Ready')).toEqual({
      status: 'True',
      reason: 'Trusted',
      message:
        'Every covered node trusts the certificates of this object that read; 1 does not (see CertificatesValid).',
    });
  });

  it('does not say that the certificates of an object fit that were never compared with the free slots', () => {
    const many = OBJECTS['suspended, with too many']!();
    const { says } = judge(observe({ ...inPlace, intents: [many] }));
    expect(says('a', 'WithinCertificateLimit')).toEqual({
      status: 'Unknown',
      reason: 'NotChecked',
      message:
        "Nothing is added for this object at present (see Applied): 11 of its certificates are not in the cluster's list, and 9 of its 10 slots are free.",
    });
    expect(says('a', 'Ready')?.reason).toBe('Suspended');
    const few = intent('a', [0, 1], { suspend: true });
    expect(judge(observe({ ...inPlace, intents: [few] })).says('a', 'WithinCertificateLimit')?.status).toBe('True');
  });

  it('says why a suspended object is not Ready, and asks no person to act', () => {
    const one = OBJECTS['suspended, with a bad certificate']!();
    const { says } = judge(observe({ ...inPlace, intents: [one] }));
    expect(says('a', 'Ready')).toMatchObject({
      status: 'False',
      reason: 'Suspended',
      message: expect.stringMatching(
        /^The object is suspended: edits have no effect\. Certificate 0 of entry "bad" \(line 2\): /,
      ) as unknown,
    });
    expect(says('a', 'Stalled')).toBeUndefined();
  });

  it.each([
    ['one that it named before and that had not left yet', { intents: [intent('a', [1], { deleting: true })] }],
    ['all of them, named by nothing any more', { intents: [intent('a', [], { deleting: true, allowEmpty: true })] }],
  ])('names every certificate that stays when an object is deleted with Retain: %s', (_what, { intents }) => {
    const observation = observe({ intents, record: ours(0, 1), elements: [element(0), element(1)] });
    const [release] = judge(observation).decision.releases;
    expect(release?.why).toBe('Retained');
    expect(release?.stays?.length).toBe(2);
    expect(judge(observation).decision.record?.slots ?? []).not.toContainEqual(
      expect.objectContaining({ managed: true }),
    );
  });
});
