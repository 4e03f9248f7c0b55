import { describe, expect, it } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { TargetClusterStatus } from '../../src/api/generated/targetclusters.ts';
import { POOL } from './certificates.ts';
import { faultsOfRelease } from './release-rules.ts';
import { faultsOfCluster, faultsOfObject } from './rest-rules.ts';

const { fingerprint } = POOL[3]!;
const NAMED = [{ namedBy: ['team/one/ca'] }];
const faultsOf = (policy: 'Retain' | 'Remove', record: unknown, own: string[] = [], listed: string[] = []) =>
  faultsOfRelease({ name: 'team/one', policy, record: record as TargetClusterStatus, own, listed: new Set(listed) });

describe('the rules of a release', () => {
  it('let an object go that the record has forgotten, or whose certificates are out', () => {
    expect(faultsOf('Retain', undefined)).toEqual([]);
    expect(faultsOf('Retain', { slots: [{ namedBy: ['team/one-more/ca', 'other/one/ca'] }] })).toEqual([]);
    expect(faultsOf('Retain', {}, [fingerprint], [fingerprint])).toEqual([]);
    expect(faultsOf('Remove', { missing: NAMED }, [fingerprint])).toEqual([]);
    expect(
      faultsOf('Remove', { operation: { phase: 'Rolling', updateTrust: { removes: NAMED } } }, [fingerprint]),
    ).toEqual([]);
  });

  it.each([
    { slots: NAMED },
    { slots: [{ contains: NAMED }] },
    { missing: NAMED },
    { discarded: NAMED },
    { operation: { phase: 'Rolling', updateTrust: { adds: NAMED } } },
    { operation: { phase: 'Rolling', updateTrust: { removes: NAMED } } },
  ])('find one with Retain that the record still names: %j', (record) => {
    expect(faultsOf('Retain', record)).toEqual(['team/one goes with Retain and is still named in the record']);
  });

  it('find one whose operation has not arrived', () => {
    const arrived = 'team/one goes while its operation has not arrived';
    expect(faultsOf('Remove', { operation: { phase: 'Sent', updateTrust: { adds: NAMED } } })).toEqual([arrived]);
    expect(faultsOf('Retain', { operation: { phase: 'Sent', updateTrust: { adds: NAMED } } })).toContain(arrived);
  });

  it('find one with Remove whose certificate is still in the list', () => {
    expect(faultsOf('Remove', {}, [fingerprint], [fingerprint])).toEqual(['team/one goes and #3 is still in the list']);
  });
});

describe('the rules of rest', () => {
  const object = (status: string, observedGeneration: number, conditionOf = observedGeneration) =>
    ({
      metadata: { name: 'one', namespace: 'team', generation: 2 },
      status: {
        observedGeneration,
        conditions: [{ type: 'Ready', status, reason: 'Trusted', message: 'm', observedGeneration: conditionOf }],
      },
    }) as unknown as CustomCATrust;
  const faultsOfThis = (one: CustomCATrust) => faultsOfObject(one, ({ status }) => status === 'True');

  it('let an object rest that is Ready as last edited', () => {
    expect(faultsOfThis(object('True', 2))).toEqual([]);
  });

  it.each([
    ['one is Trusted: m', object('False', 2)],
    ['one is undefined: undefined', { metadata: { name: 'one', generation: 2 } } as CustomCATrust],
    ['one says nothing of its last edit', object('True', 1)],
    ['one says nothing of its last edit', object('True', 2, 1)],
    ['one is left, deleted now', { metadata: { name: 'one', deletionTimestamp: 'now' } } as CustomCATrust],
  ])('find: %s', (fault, one) => {
    expect(faultsOfThis(one)).toEqual([expect.stringContaining(fault)]);
  });

  it('find an operation that is left, and a cluster that is not Succeeded', () => {
    expect(faultsOfCluster('Succeeded', {})).toEqual([]);
    expect(faultsOfCluster('Failed', { operation: { id: '7' } } as TargetClusterStatus)).toEqual([
      'the cluster is Failed',
      'operation 7 is left in the record',
    ]);
  });
});
