import { describe, expect, it } from '@jest/globals';
import type { CertificateRotationStatus as Status } from '../../../../src/api/generated/certificaterotations.ts';
import { eventsOf } from '../../../../src/cluster/kinds/rotate-certificates/events.ts';
import type { CertificateRow } from '../../../../src/cluster-certificates/judgement.ts';

const row = (name: CertificateRow['name'], more: Partial<CertificateRow>) =>
  ({ name, health: 'Healthy', maintainedBy: 'Microsoft', message: 'What to do.', ...more }) satisfies CertificateRow;
const own = (more: Partial<CertificateRow>) => row('ClusterCA', { maintainedBy: 'You', ...more });
const status = (...certificates: CertificateRow[]): Status => ({ certificates });

function ready(state: 'True' | 'False' | 'Unknown', reason: string, stalled = false): Status {
  const condition = { status: state, reason, message: `${reason}.`, lastTransitionTime: '2026-01-01T00:00:00Z' };
  return {
    conditions: [
      { type: 'Ready', ...condition },
      ...(stalled ? [{ type: 'Stalled', ...condition, status: 'True' as const }] : []),
    ],
  };
}

const reasons = (before: Status | undefined, after: Status) => eventsOf(before, after).map(({ reason }) => reason);

/** The events of a row whose health and threshold go through these steps. */
function through(
  make: (more: Partial<CertificateRow>) => CertificateRow,
  steps: Partial<CertificateRow>[],
): string[][] {
  return steps.map((step, index) =>
    reasons(index > 0 ? status(make(steps[index - 1]!)) : undefined, status(make(step))),
  );
}

const DECLINE: Partial<CertificateRow>[] = [
  { health: 'Healthy' },
  { health: 'Expiring', expiresWithinDays: 30 },
  { health: 'Expiring', expiresWithinDays: 30, lifeUsedPercent: 99 },
  { health: 'Expiring', expiresWithinDays: 7 },
  { health: 'Expiring', expiresWithinDays: 1 },
  { health: 'Expired' },
  { health: 'Expired', message: 'It could not be read again.' },
];

describe('a certificate that comes to its end', () => {
  it('is reported at 30 days, 7 days, one day and when it has expired, each once, where you maintain it', () => {
    const said = through(own, DECLINE);
    const one = ['CertificateExpiring'];
    expect(said).toEqual([[], one, [], one, one, ['CertificateExpired'], []]);
  });

  it('is reported at 30 days and when it has expired, where AKS should have renewed it', () => {
    const said = through((more) => row('APIServer', more), DECLINE);
    expect(said).toEqual([[], ['CertificateExpiring'], [], [], [], ['CertificateExpired'], []]);
  });

  it('is reported at once by an object that is new, as a Warning with the certificate and what to do', () => {
    expect(eventsOf(undefined, status(own({ health: 'Expiring', expiresWithinDays: 7 })))).toEqual([
      { type: 'Warning', reason: 'CertificateExpiring', message: 'ClusterCA: What to do.' },
    ]);
  });

  it('is not reported a second time as the front proxy CA', () => {
    expect(reasons(undefined, status(row('FrontProxyCA', { health: 'Expired', sameAsClusterCA: true })))).toEqual([]);
  });
});

it('a late and a foreign certificate are reported once, by node pool', () => {
  const late = (pool: string) => row('KubeletClient', { pool, health: 'Late' });
  expect(eventsOf(status(late('a')), status(late('a'), late('b')))).toEqual([
    { type: 'Warning', reason: 'CertificateLate', message: 'KubeletClient of node pool b: What to do.' },
  ]);
  const foreign = status(row('APIServer', { health: 'Intercepted' }));
  expect([reasons(undefined, foreign), reasons(foreign, foreign)]).toEqual([['CertificateIntercepted'], []]);
});

it('a hundred late node pools make ten events at most', () => {
  const rows = Array.from({ length: 100 }, (_, index) => row('KubeletClient', { pool: `p${index}`, health: 'Late' }));
  const autoRotation = rows.map(({ pool = '' }) => ({ pool, state: 'Disabled' as const, message: 'm' }));
  expect(eventsOf(undefined, { certificates: rows, autoRotation })).toHaveLength(20);
});

describe('what another client replaced', () => {
  it.each([
    ['a CA', 'ClusterCA', { fingerprintSHA256: 'aa' }, { fingerprintSHA256: 'bb' }, ['ClusterCAChanged']],
    [
      'the same CA',
      'ClusterCA',
      { fingerprintSHA256: 'aa' },
      { fingerprintSHA256: 'aa', health: 'Expiring' },
      ['CertificateExpiring'],
    ],
    ['a CA that was not known before', 'ClusterCA', {}, { fingerprintSHA256: 'bb' }, []],
    [
      'a client certificate',
      'KubeconfigClient',
      { fingerprintSHA256: 'aa' },
      { fingerprintSHA256: 'bb' },
      ['KubeconfigRenewed'],
    ],
    ['keys', 'ServiceAccountKeys', { keyIDs: ['a'] }, { keyIDs: ['a', 'b'] }, ['ServiceAccountKeysChanged']],
    ['the same keys', 'ServiceAccountKeys', { keyIDs: ['a'] }, { keyIDs: ['a'] }, []],
    ['keys that were not known before', 'ServiceAccountKeys', {}, { keyIDs: ['a'] }, []],
    ['a leaf', 'APIServer', { fingerprintSHA256: 'aa' }, { fingerprintSHA256: 'bb' }, []],
  ] as const)('is reported for %s', (_, name, before, after, expected) => {
    expect(
      reasons(
        status(row(name, before as Partial<CertificateRow>)),
        status(row(name, after as Partial<CertificateRow>)),
      ),
    ).toEqual(expected);
  });

  it('says of a new CA which one it is and which one it was, and not that its client certificate is new', () => {
    const before = status(own({ fingerprintSHA256: 'aa' }), row('KubeconfigClient', { fingerprintSHA256: '11' }));
    const after = status(own({ fingerprintSHA256: 'bb' }), row('KubeconfigClient', { fingerprintSHA256: '22' }));
    const [event, ...others] = eventsOf(before, after);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      type: 'Warning',
      message: expect.stringMatching(/^Another client rotated .* bb now, and had aa\. /),
    });
  });
});

describe('the renewal in a node pool', () => {
  const pool = (state: 'Enabled' | 'Disabled' | 'Late' | 'Unknown'): Status => ({
    autoRotation: [{ pool: 'apps', state, message: 'Upgrade it.' }],
  });

  it('is reported when it turns out Disabled or Late, once', () => {
    const states = ['Unknown', 'Enabled', 'Late', 'Late', 'Disabled', 'Enabled'] as const;
    const said = states.map((state, index) => reasons(index > 0 ? pool(states[index - 1]!) : undefined, pool(state)));
    expect(said).toEqual([[], [], ['AutoRotationLate'], [], ['AutoRotationDisabled'], []]);
    expect(eventsOf(undefined, pool('Disabled'))[0]).toMatchObject({
      type: 'Warning',
      message: 'Node pool apps: Upgrade it.',
    });
  });

  it('is not reported Late beside a certificate of the pool that is', () => {
    const late = status(row('KubeletClient', { pool: 'apps', health: 'Late' }));
    expect(reasons(undefined, { ...late, ...pool('Late') })).toEqual(['CertificateLate']);
  });
});

describe('the reason of Ready', () => {
  it.each([
    ['is reported when it is watched', undefined, ready('True', 'Watched'), ['Normal Watched']],
    ['is not repeated', ready('True', 'Watched'), ready('True', 'Watched'), []],
    ['is left to the event of the certificate', ready('True', 'Watched'), ready('True', 'Expiring'), []],
    ['is reported when all is well again', ready('True', 'Expiring'), ready('True', 'Watched'), ['Normal Watched']],
    [
      'is reported when the cluster cannot be read',
      ready('True', 'Watched'),
      ready('False', 'AccessDenied'),
      ['Warning AccessDenied'],
    ],
    ['warns of a stalled object', undefined, ready('False', 'Updating', true), ['Warning Updating']],
    ['is reported where the CA is not known', undefined, ready('True', 'NotKnown'), ['Normal NotKnown']],
  ] as const)('%s', (_, before, after, expected) => {
    expect(eventsOf(before, after).map(({ type, reason }) => `${type} ${reason}`)).toEqual(expected);
  });
});

describe('what still holds a CA of before', () => {
  const searched = (clusterCASHA256: string, ...held: ('OldCA' | 'PresentCA')[]): Status => ({
    consumers: {
      searchedAt: '2026-01-01T00:00:00Z',
      clusterCASHA256,
      message: 'It is held.',
      counts: held.map((holding) => ({ holding, count: 1 })),
    },
  });

  it.each([
    ['is reported by the first search after a rotation', searched('a', 'PresentCA'), searched('b', 'OldCA'), 1],
    ['is not repeated by later ones', searched('b', 'OldCA'), searched('b', 'OldCA'), 0],
    ['is no event where nothing holds one', searched('a'), searched('b', 'PresentCA'), 0],
    ['is reported where the object is new', undefined, searched('b', 'OldCA', 'PresentCA'), 1],
    ['is no event where the object does not ask', searched('a', 'OldCA'), {}, 0],
  ])('%s', (_, before, after, count) => {
    const expected = [{ type: 'Warning', reason: 'OldCAHeld', message: 'It is held.' }];
    expect(eventsOf(before, after)).toEqual(expected.slice(0, count));
  });
});
