import { describe, expect, it } from '@jest/globals';
import {
  lateNamespacesOf,
  lostWorkloadsOf,
  oldCertificatesRejected,
  isOpen,
  verificationRows,
  type OldCredentialState,
  type VerificationFacts,
  type VerificationName,
} from '../../../../src/cluster/kinds/rotate-certificates/verification.ts';

const MINUTE = 60_000;
const PROVED: OldCredentialState = { kind: 'Rejected', times: 5, overMs: MINUTE };
const GOOD: VerificationFacts = {
  old: { clientCertificate: PROVED, token: PROVED },
  kubeconfig: { known: true, value: true },
  clientCAs: { known: true, value: ['new'] },
  rootCAs: { known: true, value: ['new'] },
  lateNamespaces: { known: true, value: [] },
  lostAPIServices: { known: true, value: [] },
  lostWorkloads: { known: true, value: [] },
  sameCustomCAs: { known: true, value: true },
  oldCA: 'old',
  newCA: 'new',
  sinceMs: MINUTE,
  proofOver: MINUTE,
};
const LATE = 31 * MINUTE;

const resultsOf = (more: Partial<VerificationFacts>) =>
  Object.fromEntries(verificationRows({ ...GOOD, ...more }).map(({ name, result }) => [name, result]));
const old = (clientCertificate: OldCredentialState, token: OldCredentialState = PROVED) => ({
  old: { clientCertificate, token },
});
const unknown = { known: false, why: 'No right' } as const;

describe('the rows after a rotation', () => {
  it('all pass where everything is as it should be', () => {
    expect(new Set(Object.values(resultsOf({})))).toEqual(new Set(['Passed']));
  });

  it.each<[string, Partial<VerificationFacts>, VerificationName, string]>([
    ['four rejections are too few', old({ ...PROVED, times: 4 }), 'OldClientCertificateRejected', 'Pending'],
    [
      'five within less than a minute are too fast',
      old({ ...PROVED, overMs: 59_999 }),
      'OldClientCertificateRejected',
      'Pending',
    ],
    ['still accepted, soon after', old({ kind: 'Accepted' }), 'OldClientCertificateRejected', 'Pending'],
    [
      'still accepted half an hour later',
      { ...old({ kind: 'Accepted' }), sinceMs: LATE },
      'OldClientCertificateRejected',
      'Failed',
    ],
    [
      'the token is still accepted',
      { ...old(PROVED, { kind: 'Accepted' }), sinceMs: LATE },
      'OldTokenRejected',
      'Failed',
    ],
    ['no credential was kept', { old: undefined, sinceMs: LATE }, 'OldClientCertificateRejected', 'Unknown'],
    [
      'the new kubeconfig does not work yet',
      { kubeconfig: { known: true, value: false } },
      'NewKubeconfigAccepted',
      'Pending',
    ],
    [
      'the new kubeconfig never works',
      { kubeconfig: { known: true, value: false }, sinceMs: LATE },
      'NewKubeconfigAccepted',
      'Failed',
    ],
    [
      'the new CA is not published',
      { clientCAs: { known: true, value: ['old'] }, sinceMs: LATE },
      'ClientCAPublished',
      'Failed',
    ],
    [
      'the bundle keeps the old CA',
      { clientCAs: { known: true, value: ['old', 'new'] } },
      'ClientCAPublished',
      'Passed',
    ],
    ['no CA is accepted for clients', { clientCAs: { known: true, value: [] } }, 'ClientCAPublished', 'Pending'],
    ['pods get the old CA', { rootCAs: { known: true, value: ['old'] }, sinceMs: LATE }, 'RootCAPublished', 'Failed'],
    [
      'an APIService was lost',
      { lostAPIServices: { known: true, value: ['v1beta1.metrics.k8s.io'] }, sinceMs: LATE },
      'APIServicesAvailable',
      'Failed',
    ],
    [
      'the list of custom CAs is another one',
      { sameCustomCAs: { known: true, value: false }, sinceMs: LATE },
      'CustomCAsUnchanged',
      'Failed',
    ],
    ['a namespace is late', { lateNamespaces: { known: true, value: ['team'] } }, 'RootCAInAllNamespaces', 'Pending'],
    [
      'a namespace never gets the new CA',
      { lateNamespaces: { known: true, value: ['team'] }, sinceMs: LATE },
      'RootCAInAllNamespaces',
      'Failed',
    ],
    [
      'the namespaces must not be listed',
      { lateNamespaces: unknown, sinceMs: LATE },
      'RootCAInAllNamespaces',
      'Unknown',
    ],
    [
      'pods are still starting',
      { lostWorkloads: { known: true, value: ['Deployment a/b'] } },
      'WorkloadsAvailable',
      'Pending',
    ],
    [
      'pods never start again',
      { lostWorkloads: { known: true, value: ['Deployment a/b'] }, sinceMs: LATE },
      'WorkloadsAvailable',
      'Failed',
    ],
    ['workloads must not be listed', { lostWorkloads: unknown, sinceMs: LATE }, 'WorkloadsAvailable', 'Unknown'],
    ['a part cannot be read, for ever', { rootCAs: unknown, sinceMs: LATE }, 'RootCAPublished', 'Unknown'],
  ])('%s', (_, more, name, result) => {
    expect(resultsOf(more)[name]).toBe(result);
  });

  it('name a few of many lost APIServices', () => {
    const value = Array.from({ length: 8 }, (_, index) => `v${index}.example.com`);
    const [row] = verificationRows({ ...GOOD, lostAPIServices: { known: true, value } }).filter(
      ({ name }) => name === 'APIServicesAvailable',
    );
    expect(row?.message).toContain('v4.example.com and 3 more');
  });

  it('end half an hour later, but for rejections that still come', () => {
    const facts = { ...old({ kind: 'Accepted' }, { kind: 'Unknown', why: 'Away' }), kubeconfig: unknown };
    expect(isOpen(verificationRows({ ...GOOD, ...facts }), MINUTE)).toBe(true);
    expect(isOpen(verificationRows({ ...GOOD, ...facts, sinceMs: LATE }), LATE)).toBe(false);
    const slow = old({ kind: 'Rejected', times: 1, overMs: 0 });
    expect(isOpen(verificationRows({ ...GOOD, ...slow, sinceMs: LATE }), LATE)).toBe(true);
    expect(isOpen(verificationRows(GOOD), MINUTE)).toBe(false);
  });
});

describe('the old certificates', () => {
  const NO: OldCredentialState = { kind: 'None' };
  const LOST: OldCredentialState = { kind: 'Unknown', why: 'It was not tried', lasting: true };
  it.each<[string, Partial<VerificationFacts>, string, string]>([
    ['both are proved to be rejected', {}, 'True', 'Rejected'],
    ['there is no token', old(PROVED, NO), 'True', 'Rejected'],
    ['there is neither', old(NO, NO), 'Unknown', 'NotProved'],
    ['the certificate was not tried before', old(LOST), 'Unknown', 'NotProved'],
    ['the token is still tried', old(PROVED, { kind: 'Rejected', times: 1, overMs: 0 }), 'Unknown', 'Verifying'],
    [
      'the token is accepted for good',
      { ...old(PROVED, { kind: 'Accepted' }), sinceMs: LATE },
      'False',
      'OldCertificatesAccepted',
    ],
  ])('where %s', (_, more, status, reason) => {
    expect(oldCertificatesRejected(verificationRows({ ...GOOD, ...more }))).toMatchObject({ status, reason });
  });
});

describe('the namespaces that are late', () => {
  const cas = { oldCA: 'old', newCA: 'new' };

  it('are those without the new CA, and those that still have the old one', () => {
    const found = [
      { namespace: 'good', cas: ['new'] },
      { namespace: 'more', cas: ['new', 'corporate'] },
      { namespace: 'old', cas: ['old'] },
      { namespace: 'both', cas: ['old', 'new'] },
      { namespace: 'none', cas: [] },
    ];
    expect(lateNamespacesOf({ known: true, value: found }, cas)).toEqual({
      known: true,
      value: ['old', 'both', 'none'],
    });
    expect(lateNamespacesOf(unknown, cas)).toEqual(unknown);
  });

  it('are named, the first five of them', () => {
    const late = Array.from({ length: 7 }, (_, index) => `n${index}`);
    const rows = verificationRows({ ...GOOD, lateNamespaces: { known: true, value: late } });
    expect(rows.find(({ name }) => name === 'RootCAInAllNamespaces')?.message).toContain(
      'in n0, n1, n2, n3, n4 and 2 more. Pods',
    );
  });
});

describe('the workloads that were lost', () => {
  const workload = (name: string, createdAt = 0) => ({ name, createdAt });
  const known = (...value: { name: string; createdAt: number }[]) => ({ known: true, value }) as const;

  it('are those that were complete before and are not now, but for new ones', () => {
    const now = known(workload('Deployment a/broken'), workload('Deployment a/web'), workload('Deployment a/new', 11));
    expect(lostWorkloadsOf(known(workload('Deployment a/broken')), 10, now)).toEqual({
      known: true,
      value: ['Deployment a/web'],
    });
    expect(lostWorkloadsOf(known(workload('StatefulSet a/web')), 10, known(workload('Deployment a/web')))).toEqual({
      known: true,
      value: ['Deployment a/web'],
    });
  });

  it('are not known where one of both was not read', () => {
    expect(lostWorkloadsOf(unknown, 10, known())).toEqual(unknown);
    expect(lostWorkloadsOf(known(), 10, unknown)).toEqual(unknown);
  });
});
