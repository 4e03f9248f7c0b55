import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { CONDITION_TYPES, ROTATION_CONDITION_TYPES } from '../../../src/api/conditions.ts';
import type { CustomCATrust } from '../../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../../src/api/generated/targetclusters.ts';
import {
  countReconciles,
  countRefusedWrites,
  countSignIns,
  exposeBrake,
  observeArm,
} from '../../../src/controller/metrics/arm.ts';
import { exposeObjects } from '../../../src/controller/metrics/objects.ts';
import { exposeRecords } from '../../../src/controller/metrics/records.ts';
import { exposeCounts } from '../../../src/controller/metrics/object-counts.ts';
import { collector } from '../../../src/runtime/heap.ts';

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
});

/** Lines of the exposition that begin so. */
async function lines(prefix: string): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line.startsWith(prefix));
}

function trust(
  name: string,
  conditions: Record<string, 'True' | 'False' | 'Unknown'>,
  earliestNotAfter?: string,
): CustomCATrust {
  return {
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'CustomCATrust',
    metadata: { namespace: 'platform', name },
    spec: { target: { resourceId: '/x' }, certificates: [] },
    status: {
      conditions: Object.entries(conditions).map(([type, status]) => ({
        type,
        status,
        reason: 'Tested',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      })),
      ...(earliestNotAfter === undefined ? {} : { earliestNotAfter }),
    },
  };
}

describe('calls to ARM', () => {
  it('are counted from 0', async () => {
    observeArm(registry);
    expect(await lines('aks_ca_trust_arm_requests_total{')).toEqual([
      'aks_ca_trust_arm_requests_total{operation="GetManagedCluster",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="PutManagedCluster",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="RotateClusterCertificates",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="ListManagedClusters",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="ListManagedClustersByResourceGroup",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="GetResourceGroup",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="GetOperation",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="GetMaintenanceConfiguration",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="ListPermissions",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="ListLocks",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="ListKubernetesVersions",code="200"} 0',
      'aks_ca_trust_arm_requests_total{operation="ListClusterUserCredential",code="200"} 0',
    ]);
    expect(await lines('aks_ca_trust_arm_request_duration_seconds_count')).toHaveLength(12);
    expect(await lines('aks_ca_trust_arm_throttled_total')).toEqual(['aks_ca_trust_arm_throttled_total 0']);
  });

  it('are counted by what was called and how it ended, and timed in seconds', async () => {
    const observe = observeArm(registry);
    observe('PutManagedCluster', '200', 1500);
    observe('PutManagedCluster', '429', 20);
    observe('GetManagedCluster', 'none', 60_000);
    expect(await lines('aks_ca_trust_arm_requests_total{operation="PutManagedCluster"')).toEqual([
      'aks_ca_trust_arm_requests_total{operation="PutManagedCluster",code="200"} 1',
      'aks_ca_trust_arm_requests_total{operation="PutManagedCluster",code="429"} 1',
    ]);
    expect(await lines('aks_ca_trust_arm_requests_total{operation="GetManagedCluster",code="none"}')).toHaveLength(1);
    expect(await lines('aks_ca_trust_arm_throttled_total')).toEqual(['aks_ca_trust_arm_throttled_total 1']);
    expect(await lines('aks_ca_trust_arm_request_duration_seconds_sum')).toEqual(
      expect.arrayContaining([
        'aks_ca_trust_arm_request_duration_seconds_sum{operation="PutManagedCluster"} 1.52',
        'aks_ca_trust_arm_request_duration_seconds_sum{operation="GetManagedCluster"} 60',
      ]),
    );
  });
});

describe('sign-ins', () => {
  it('are counted by their result, and their results pass unchanged', async () => {
    const token = { token: 't', expiresOnTimestamp: 0 };
    const answers = [() => Promise.resolve(token), () => Promise.reject(new Error('no')), () => Promise.resolve(null)];
    const credential = countSignIns(registry)({ getToken: () => answers.shift()!() });
    const shown = () => lines('aks_ca_trust_sign_ins_total{');
    const series = (succeeded: number, failed: number) => [
      `aks_ca_trust_sign_ins_total{result="succeeded"} ${succeeded}`,
      `aks_ca_trust_sign_ins_total{result="failed"} ${failed}`,
    ];
    expect(await shown()).toEqual(series(0, 0));
    expect(await credential.getToken('x')).toBe(token);
    await expect(credential.getToken('x')).rejects.toThrow('no');
    expect(await credential.getToken('x')).toBeNull();
    expect(await shown()).toEqual(series(1, 2));
  });

  it('that are cut off count as neither', async () => {
    const credential = countSignIns(registry)({ getToken: () => Promise.reject(new Error('aborted')) });
    await expect(credential.getToken('x', { abortSignal: AbortSignal.abort() })).rejects.toThrow('aborted');
    expect(await lines('aks_ca_trust_sign_ins_total{result="failed"}')).toEqual([
      'aks_ca_trust_sign_ins_total{result="failed"} 0',
    ]);
  });
});

describe('objects', () => {
  const EXPIRY = 'aks_ca_trust_certificate_not_after_timestamp_seconds';
  const conditions = async () => (await lines('aks_ca_trust_objects{')).filter((line) => !line.endsWith(' 0'));

  it('are counted by every condition and status, all of them there at 0 from the start', async () => {
    exposeCounts(registry);
    const all = await lines('aks_ca_trust_objects{');
    expect(all).toHaveLength(3 * (CONDITION_TYPES.length + ROTATION_CONDITION_TYPES.length));
    expect(all).toContain('aks_ca_trust_objects{kind="CustomCATrust",condition="Applied",status="Unknown"} 0');
    expect(await conditions()).toEqual([]);
    expect(await lines('aks_ca_trust_source_errors_total')).toEqual(['aks_ca_trust_source_errors_total 0']);
  });

  it('are counted as they change and go', async () => {
    const changed = exposeCounts(registry).trust;
    changed('platform/a', trust('a', { Ready: 'True' }));
    changed('platform/b', trust('b', { Ready: 'False', Stalled: 'True' }));
    expect(await conditions()).toEqual([
      'aks_ca_trust_objects{kind="CustomCATrust",condition="Stalled",status="True"} 1',
      'aks_ca_trust_objects{kind="CustomCATrust",condition="Ready",status="True"} 1',
      'aks_ca_trust_objects{kind="CustomCATrust",condition="Ready",status="False"} 1',
    ]);
    changed('platform/b', trust('b', { Ready: 'True' }));
    expect(await conditions()).toEqual([
      'aks_ca_trust_objects{kind="CustomCATrust",condition="Ready",status="True"} 2',
    ]);
    changed('platform/a', undefined);
    changed('platform/b', undefined);
    changed('platform/c', undefined);
    expect(await conditions()).toEqual([]);
  });

  it('are counted right whatever happens to them in whatever order', async () => {
    const status = fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const);
    const object = fc.option(fc.dictionary(fc.constantFrom('Ready', 'Applied', 'Stalled', 'Other'), status), {
      nil: undefined,
    });
    const step = fc.tuple(fc.constantFrom('n/a', 'n/b', 'n/c'), object);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        registry = new Registry();
        const changed = exposeCounts(registry).trust;
        const model = new Map<string, Record<string, string>>();
        for (const [key, found] of steps) {
          changed(key, found && trust(key, found));
          if (found) model.set(key, found);
          else model.delete(key);
        }
        for (const type of ['Ready', 'Applied', 'Stalled'])
          for (const value of ['True', 'False', 'Unknown']) {
            const count = [...model.values()].filter((one) => one[type] === value).length;
            expect(
              await lines(`aks_ca_trust_objects{kind="CustomCATrust",condition="${type}",status="${value}"}`),
            ).toEqual([`aks_ca_trust_objects{kind="CustomCATrust",condition="${type}",status="${value}"} ${count}`]);
          }
      }),
      { numRuns: 50 },
    );
  });

  it('say when the first certificate of all of them expires, and +Inf where none has one', async () => {
    const changed = exposeCounts(registry).trust;
    const earliest = async () => (await lines('aks_ca_trust_earliest_certificate'))[0]?.split(' ')[1];
    expect(await earliest()).toBe('+Inf');
    changed('platform/a', trust('a', {}, '2031-01-01T00:00:00Z'));
    changed('platform/b', trust('b', {}, '2030-01-01T00:00:00Z'));
    changed('platform/c', trust('c', {}));
    expect(await earliest()).toBe('1893456000');
    changed('platform/b', undefined);
    expect(await earliest()).toBe('1924992000');
    changed('platform/a', trust('a', {}));
    expect(await earliest()).toBe('+Inf');
  });

  it('say when their first certificate expires, and no longer once they are gone or have none', async () => {
    const changed = exposeObjects(registry, { perObject: 'auto' }).trust;
    changed('platform/a', trust('a', {}, '2030-01-01T00:00:00Z'));
    changed('platform/b', trust('b', {}));
    expect(await lines(`${EXPIRY}{`)).toEqual([
      `${EXPIRY}{namespace="platform",name="a",target_cluster="x"} 1893456000`,
    ]);
    changed('platform/a', trust('a', {}, '2031-01-01T00:00:00Z'));
    changed('platform/b', trust('b', {}, '2030-01-01T00:00:00Z'));
    expect(await lines(`${EXPIRY}{`)).toEqual([
      `${EXPIRY}{namespace="platform",name="a",target_cluster="x"} 1924992000`,
      `${EXPIRY}{namespace="platform",name="b",target_cluster="x"} 1893456000`,
    ]);
    changed('platform/a', undefined);
    changed('platform/b', trust('b', {}));
    expect(await lines(`${EXPIRY}{`)).toEqual([]);
  });

  it('say it of every certificate with perCertificate, and forget those that are gone', async () => {
    const changed = exposeObjects(registry, { perObject: 'auto', perCertificate: true }).trust;
    const rows = (...fingerprints: string[]): CustomCATrust => {
      const object = trust('a', {}, '2030-01-01T00:00:00Z');
      const certificates = fingerprints.map((fingerprintSHA256, index) => ({
        name: 'x',
        index,
        fingerprintSHA256,
        notAfter: '2030-01-01T00:00:00Z',
        state: 'Trusted' as const,
      }));
      const bad = { name: 'x', index: 9, state: 'Invalid' as const };
      return { ...object, status: { ...object.status, certificates: [...certificates, bad] } };
    };
    const series = (fingerprint: string) =>
      `${EXPIRY}{namespace="platform",name="a",target_cluster="x",fingerprint_sha256="${fingerprint}"} 1893456000`;
    changed('platform/a', rows('01', '02'));
    expect(await lines(`${EXPIRY}{`)).toEqual([series('01'), series('02')]);
    changed('platform/a', rows('02', '03'));
    expect((await lines(`${EXPIRY}{`)).sort()).toEqual([series('02'), series('03')]);
    changed('platform/a', undefined);
    expect(await lines(`${EXPIRY}{`)).toEqual([]);
  });

  it('are counted when their certificates turn out unusable, once for each time', async () => {
    const changed = exposeCounts(registry).trust;
    const errors = async () => (await lines('aks_ca_trust_source_errors_total'))[0];
    changed('platform/old', trust('old', { CertificatesValid: 'False' }));
    expect(await errors()).toBe('aks_ca_trust_source_errors_total 0');
    changed('platform/a', trust('a', {}));
    changed('platform/a', trust('a', { CertificatesValid: 'False' }));
    changed('platform/a', trust('a', { CertificatesValid: 'False', Ready: 'False' }));
    expect(await errors()).toBe('aks_ca_trust_source_errors_total 1');
    changed('platform/a', trust('a', { CertificatesValid: 'True' }));
    changed('platform/a', trust('a', { CertificatesValid: 'False' }));
    expect(await errors()).toBe('aks_ca_trust_source_errors_total 2');
  });
});

describe('records', () => {
  const gauges = async () => [
    ...(await lines('aks_ca_trust_certificate_slots{')),
    ...(await lines('aks_ca_trust_nodes{')),
    ...(await lines('aks_ca_trust_node_pools_blocked')),
  ];
  const record = (status: TargetCluster['status']): TargetCluster => ({
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'TargetCluster',
    metadata: { name: 'r' },
    spec: { resourceId: '/x' },
    ...(status === undefined ? {} : { status }),
  });
  const series = (...[managed, unmanaged, free, reimaged, reimaging, waiting, excluded, blocked]: number[]) => [
    `aks_ca_trust_certificate_slots{state="managed"} ${managed}`,
    `aks_ca_trust_certificate_slots{state="unmanaged"} ${unmanaged}`,
    `aks_ca_trust_certificate_slots{state="free"} ${free}`,
    `aks_ca_trust_nodes{state="reimaged"} ${reimaged}`,
    `aks_ca_trust_nodes{state="reimaging"} ${reimaging}`,
    `aks_ca_trust_nodes{state="waiting"} ${waiting}`,
    `aks_ca_trust_nodes{state="excluded"} ${excluded}`,
    `aks_ca_trust_node_pools_blocked ${blocked}`,
  ];

  it('are summed as they change and go, from 0', async () => {
    const changed = exposeRecords(registry);
    expect(await gauges()).toEqual(series(0, 0, 0, 0, 0, 0, 0, 0));
    changed('a', record(undefined));
    changed(
      'b',
      record({
        certificateSlots: { limit: 10, used: 4, free: 6, summary: '4/10' },
        slots: [
          { managed: true },
          { managed: false },
          { opaque: true, contains: [{ fingerprintSHA256: '01', managed: true }] },
          { foreign: true },
        ],
        nodes: { total: 5, reimaged: 2, reimaging: 1, waiting: 2, excluded: 1, summary: '2/5' },
        nodePools: [
          { name: 'a', osType: 'Linux', nodes: 5, phase: 'Reimaging', blockedBy: 'x' },
          { name: 'b', osType: 'Linux', nodes: 0, phase: 'Done' },
        ],
      }),
    );
    changed('c', record({ certificateSlots: { limit: 10, used: 1, free: 9, summary: '1/10' }, slots: [{}] }));
    expect(await gauges()).toEqual(series(2, 3, 15, 2, 1, 2, 1, 1));
    changed('b', record({ nodes: { total: 5, reimaged: 5, excluded: 1, summary: '5/5' } }));
    expect(await gauges()).toEqual(series(0, 1, 9, 5, 0, 0, 1, 0));
    // A count that does not add up takes nothing from those of other clusters.
    changed('b', record({ nodes: { total: 1, reimaged: 5, excluded: 0, summary: '5/1' } }));
    expect(await gauges()).toEqual(series(0, 1, 9, 5, 0, 0, 0, 0));
    for (const name of ['a', 'b', 'c', 'd']) changed(name, undefined);
    expect(await gauges()).toEqual(series(0, 0, 0, 0, 0, 0, 0, 0));
  });
});

describe('passes', () => {
  it('are counted by what became of the list that was sent, and changes are timed, from 0', async () => {
    const count = countReconciles(registry);
    const writes = () => lines('aks_ca_trust_cluster_writes_total{');
    const changes = () => lines('aks_ca_trust_change_duration_seconds_sum');
    expect(await writes()).toEqual(
      ['UpdateTrust', 'RotateCertificates'].flatMap((kind) =>
        ['accepted', 'refused', 'lost'].map(
          (result) => `aks_ca_trust_cluster_writes_total{kind="${kind}",result="${result}"} 0`,
        ),
      ),
    );
    expect(await changes()).toEqual([
      'aks_ca_trust_change_duration_seconds_sum{kind="UpdateTrust"} 0',
      'aks_ca_trust_change_duration_seconds_sum{kind="RotateCertificates"} 0',
    ]);
    count({});
    count({ sent: 'Accepted', sentKind: 'UpdateTrust' });
    count({ sent: 'Lost', sentKind: 'UpdateTrust', completed: { kind: 'UpdateTrust', seconds: 90 } });
    count({
      sent: 'Accepted',
      sentKind: 'RotateCertificates',
      completed: { kind: 'RotateCertificates', seconds: 600 },
    });
    expect(await writes()).toEqual([
      'aks_ca_trust_cluster_writes_total{kind="UpdateTrust",result="accepted"} 1',
      'aks_ca_trust_cluster_writes_total{kind="UpdateTrust",result="refused"} 0',
      'aks_ca_trust_cluster_writes_total{kind="UpdateTrust",result="lost"} 1',
      'aks_ca_trust_cluster_writes_total{kind="RotateCertificates",result="accepted"} 1',
      'aks_ca_trust_cluster_writes_total{kind="RotateCertificates",result="refused"} 0',
      'aks_ca_trust_cluster_writes_total{kind="RotateCertificates",result="lost"} 0',
    ]);
    expect(await changes()).toEqual([
      'aks_ca_trust_change_duration_seconds_sum{kind="UpdateTrust"} 90',
      'aks_ca_trust_change_duration_seconds_sum{kind="RotateCertificates"} 600',
    ]);
  });
});

describe('attempts that failed', () => {
  const failed = () => lines('aks_ca_trust_failed_attempts_total{');
  const during = (phase: 'Sent' | 'Rolling' | 'Failed' | 'Canceled', attempts = 1): TargetCluster => ({
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'TargetCluster',
    metadata: { name: 'a-0123456789' },
    spec: { resourceId: '/x/a' },
    status: {
      operation: { id: 'o', kind: 'RotateCertificates', startedAt: '', lastAttemptAt: '', attempts, phase },
    },
  });
  const counts = async () => (await failed()).map((line) => Number(line.split(' ')[1]));

  it('are counted once each, by kind, and not those of before the start', async () => {
    const changed = exposeRecords(registry);
    expect(await failed()).toEqual([
      'aks_ca_trust_failed_attempts_total{kind="UpdateTrust"} 0',
      'aks_ca_trust_failed_attempts_total{kind="RotateCertificates"} 0',
    ]);
    changed('b', during('Failed'));
    expect(await counts()).toEqual([0, 0]);
    for (const one of [during('Sent'), during('Rolling'), during('Failed'), during('Failed')]) changed('a', one);
    expect(await counts()).toEqual([0, 1]);
    for (const one of [during('Rolling', 2), during('Failed', 2), during('Sent', 3)]) changed('a', one);
    expect(await counts()).toEqual([0, 2]);
    changed('a', during('Canceled', 3));
    changed('a', undefined);
    changed('a', during('Canceled', 3));
    expect(await counts()).toEqual([0, 3]);
  });
});

describe('series that name objects and clusters', () => {
  const named = async () => [...(await lines('aks_ca_trust_object_')), ...(await lines('aks_ca_trust_cluster_cert'))];
  const record = (name: string): TargetCluster => ({
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'TargetCluster',
    metadata: { name: `${name}-0123456789` },
    spec: { resourceId: `/x/${name}` },
    status: { clusterName: name, certificateSlots: { limit: 10, used: 1, free: 9, summary: '1/10' } },
  });

  it('say since when a cluster is changing, and in how many of its node pools the replacement is blocked', async () => {
    const objects = exposeObjects(registry, { perObject: 'auto' });
    const shown = async () => [
      ...(await lines('aks_ca_trust_cluster_node_pools_blocked{')),
      ...(await lines('aks_ca_trust_cluster_change_started_timestamp_seconds{')),
    ];
    const labels = '{target_cluster="prod",record="prod-0123456789"}';
    const operation = { kind: 'UpdateTrust', startedAt: '2030-01-01T00:00:00Z' } as NonNullable<
      NonNullable<TargetCluster['status']>['operation']
    >;
    const nodePools = [{ name: 'a', osType: 'Linux', nodes: 5, phase: 'Reimaging', blockedBy: 'x' }] as const;
    objects.record('prod-0123456789', {
      ...record('prod'),
      status: { clusterName: 'prod', operation, nodePools: [...nodePools] },
    });
    expect(await shown()).toEqual([
      `aks_ca_trust_cluster_node_pools_blocked${labels} 1`,
      `aks_ca_trust_cluster_change_started_timestamp_seconds${labels} 1893456000`,
    ]);
    objects.record('prod-0123456789', record('prod'));
    expect(await shown()).toEqual([`aks_ca_trust_cluster_node_pools_blocked${labels} 0`]);
  });

  it('say which object is not ready and which cluster is full, and go with them', async () => {
    const objects = exposeObjects(registry, { perObject: 'auto' });
    objects.trust('platform/a', trust('a', { Ready: 'False', Stalled: 'True' }));
    objects.record('prod-0123456789', record('prod'));
    expect(await named()).toEqual([
      'aks_ca_trust_object_ready{namespace="platform",name="a",target_cluster="x",kind="CustomCATrust",reason="Tested"} 0',
      'aks_ca_trust_object_stalled{namespace="platform",name="a",target_cluster="x",kind="CustomCATrust",reason="Tested"} 1',
      'aks_ca_trust_cluster_certificate_slots{target_cluster="prod",record="prod-0123456789",state="managed"} 0',
      'aks_ca_trust_cluster_certificate_slots{target_cluster="prod",record="prod-0123456789",state="unmanaged"} 1',
      'aks_ca_trust_cluster_certificate_slots{target_cluster="prod",record="prod-0123456789",state="free"} 9',
    ]);
    objects.trust('platform/a', trust('a', { Ready: 'True' }));
    expect((await named()).slice(0, 2).map((line) => line.at(-1))).toEqual(['1', '0']);
    objects.trust('platform/a', undefined);
    objects.record('prod-0123456789', undefined);
    expect(await named()).toEqual([]);
  });

  it.each([
    ['auto', 2000, 4000],
    ['auto', 2001, 0],
    ['always', 2001, 4002],
    ['never', 1, 0],
  ] as const)('with %s and %i objects are %i', async (perObject, count, expected) => {
    const objects = exposeObjects(registry, { perObject });
    for (let one = 0; one < count; one++) objects.trust(`platform/${one}`, trust(`${one}`, { Ready: 'True' }));
    expect(await lines('aks_ca_trust_object_')).toHaveLength(expected);
  });

  it('keep no record: a store keeps those at a fraction of their size', async () => {
    const collect = collector();
    const objects = exposeObjects(registry, { perObject: 'auto' });
    const seen = new WeakRef(record('prod'));
    objects.record('prod-0123456789', seen.deref());
    await new Promise(setImmediate);
    collect();
    expect(seen.deref()).toBeUndefined();
    objects.record('prod-0123456789', undefined);
    expect(await named()).toEqual([]);
  });

  it('come back when there are few enough again', async () => {
    const objects = exposeObjects(registry, { perObject: 'auto' });
    for (let one = 0; one < 2001; one++) objects.trust(`platform/${one}`, trust(`${one}`, { Ready: 'True' }));
    objects.trust('platform/7', undefined);
    expect(await lines('aks_ca_trust_object_ready')).toHaveLength(2000);
  });
});

describe('clusters that change, and those that wait for them', () => {
  it('are shown as they are at the scrape', async () => {
    let waiting = 0;
    exposeBrake(registry, () => ({ changing: 5, waiting }));
    waiting = 7;
    expect([...(await lines('aks_ca_trust_changing')), ...(await lines('aks_ca_trust_waiting'))]).toEqual([
      'aks_ca_trust_changing_clusters 5',
      'aks_ca_trust_waiting_clusters 7',
    ]);
  });
});

describe('writes to objects that the API server refuses', () => {
  it('are counted by what was written, and stand at 0 before', async () => {
    const refused = countRefusedWrites(registry);
    refused('status');
    expect(await lines('aks_ca_trust_object_writes_refused_total')).toEqual([
      'aks_ca_trust_object_writes_refused_total{kind="finalizer"} 0',
      'aks_ca_trust_object_writes_refused_total{kind="status"} 1',
      'aks_ca_trust_object_writes_refused_total{kind="release"} 0',
    ]);
  });
});
