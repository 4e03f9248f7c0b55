import { beforeAll, describe, expect, it } from '@jest/globals';
import type { X509Certificate } from 'node:crypto';
import type { Condition } from '../../../../src/api/conditions.ts';
import type { CertificateRotationStatus } from '../../../../src/api/generated/certificaterotations.ts';
import { nextTurn } from '../../../../src/cluster/kinds/rotate-certificates/status.ts';
import { readRotationIntent } from '../../../../src/cluster/model/rotation.ts';
import type { Evidence } from '../../../../src/cluster-certificates/evidence.ts';
import { createPolicy, OPEN_GRANTS } from '../../../../src/policy/policy.ts';
import { DAY, makeAuthority, type Authority } from '../../../cluster-certificates/authority.ts';
import { CLUSTER_ID, failure, HOUR, MINUTE, second, START, trust } from '../../../harness/build.ts';
import { rotation, rotationRig, type RotationRig } from './rig.ts';

let ca: Authority;
let leaf: X509Certificate;
let read: Omit<Evidence, 'readAt'>;
beforeAll(async () => {
  ca = await makeAuthority(START - HOUR);
  leaf = await ca.sign('CN=apiserver', { notBefore: START - HOUR, notAfter: START + 40 * DAY });
  read = {
    clusterCA: { known: true, value: [ca.certificate], source: 'kubeconfig from ARM' },
    apiServer: { known: true, value: leaf, source: 'TLS handshake' },
    kubeconfigClient: { known: true, value: undefined, source: 'kubeconfig from ARM' },
  };
});

const condition = (status: CertificateRotationStatus | undefined, type: string): Condition | undefined =>
  status?.conditions?.find((one) => one.type === type);

const typesOf = (status: CertificateRotationStatus | undefined) =>
  status?.conditions?.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`);

async function watched(): Promise<RotationRig> {
  const rig = rotationRig();
  rig.put(rotation());
  rig.evidence = read;
  await rig.pass();
  return rig;
}

const GOOD = ['CertificatesHealthy True Healthy', 'Ready True Watched'];

describe('the status of a CertificateRotation', () => {
  it('has the rows and conditions of what was read, in one write, and nothing of ours is left on the object', async () => {
    const rig = await watched();
    expect(typesOf(rig.status())).toEqual(GOOD);
    expect(rig.status()).toMatchObject({
      observedGeneration: 1,
      cluster: { name: 'prod' },
      earliestNotAfter: second(START + 40 * DAY),
    });
    expect(
      rig
        .status()
        ?.certificates?.map(({ name, health }) => `${name} ${health}`)
        .slice(0, 3),
    ).toEqual(['ClusterCA Healthy', 'FrontProxyCA Unknown', 'APIServer Healthy']);
    expect(rig.writes).toEqual([{ kind: 'status', object: 'team/certificaterotations/own' }]);
    expect(rig.events.map(({ event }) => event.reason)).toEqual(['Watched']);
    expect(rig.puts).toEqual([]);
  });

  it('is not written again while nothing changes, with and without another read', async () => {
    const rig = await watched();
    for (const evidence of [read, undefined, read]) {
      rig.now += HOUR;
      rig.evidence = evidence;
      await rig.pass();
    }
    expect(rig.writes).toHaveLength(1);
  });

  it('stays Ready while a certificate expires, with that as the reason, and is written when the dates say so', async () => {
    const rig = await watched();
    rig.evidence = undefined;
    rig.now = START + 11 * DAY;
    await rig.pass();
    expect(typesOf(rig.status())).toEqual(['CertificatesHealthy False Expiring', 'Ready True Expiring']);
    expect(condition(rig.status(), 'Ready')?.message).toMatch(
      /^The certificates are watched\. APIServer: .*Either upgrade the control plane .* or rotate/,
    );
    rig.now = START + 41 * DAY;
    await rig.pass();
    expect(typesOf(rig.status())).toEqual(['CertificatesHealthy False Expired', 'Ready True Expired']);
    expect(rig.events.map(({ event }) => event.reason)).toEqual([
      'Watched',
      'CertificateExpiring',
      'CertificateExpired',
    ]);
  });

  it('says why nothing was read while ARM cannot be, as a CustomCATrust does, and is Stalled when that lasts', async () => {
    const rig = rotationRig();
    rig.put(rotation());
    rig.add(trust('a', [0]));
    rig.armFailure = failure(403, 'AuthorizationFailed', { call: 'GetManagedCluster' });
    await rig.pass();
    expect(typesOf(rig.status())).toEqual([
      'CertificatesHealthy Unknown NotReadYet',
      'Reconciling True AccessDenied',
      'Ready False AccessDenied',
    ]);
    const said = rig.condition('team/a', 'Applied')!.message;
    expect(condition(rig.status(), 'Ready')?.message).toBe(
      `${said} The certificates are not read meanwhile, and those that are known count by their dates.`,
    );
    rig.now += HOUR;
    await rig.pass();
    expect(typesOf(rig.status())).toContain('Stalled True AccessDenied');
    rig.armFailure = undefined;
    rig.evidence = read;
    // The first one sends the change of the CustomCATrust.
    await rig.pass();
    await rig.pass();
    expect(typesOf(rig.status())).toEqual(GOOD);
  });

  it('keeps its rows while ARM cannot be read, and does not ask ARM more often for them', async () => {
    const rig = await watched();
    const { certificates } = rig.status()!;
    rig.armFailure = failure(404, 'ResourceNotFound', { call: 'GetManagedCluster' });
    for (const _ of Array.from({ length: 5 })) {
      rig.now += 10 * MINUTE;
      expect((await rig.pass()).afterMs).toBeGreaterThanOrEqual(1000);
    }
    expect(rig.status()?.certificates).toEqual(certificates);
    expect(typesOf(rig.status())).toEqual([
      'CertificatesHealthy True Healthy',
      'Stalled True ClusterNotFound',
      'Ready False ClusterNotFound',
    ]);
  });

  it('is the same with a cluster that another operation keeps busy: watching needs no write', async () => {
    const rig = await watched();
    rig.arm = { ...rig.arm, provisioningState: 'Upgrading' };
    rig.now += MINUTE;
    await rig.pass();
    expect(typesOf(rig.status())).toEqual(GOOD);
  });

  it('takes an announcement back while the object is suspended', async () => {
    const rig = await watched();
    rig.put(rotation('own', { suspend: true, generation: 2, status: { ...rig.status(), phase: 'Noticed' } }));
    await rig.pass();
    expect(rig.status()).toMatchObject({ phase: 'Idle' });
  });

  it('stays as it is while the object is suspended, even when a certificate expires, and goes on after that', async () => {
    const rig = await watched();
    const { certificates } = rig.status()!;
    rig.put(rotation('own', { suspend: true, generation: 2, status: rig.status() ?? {} }));
    rig.now = START + 41 * DAY;
    await rig.pass();
    expect(typesOf(rig.status())).toEqual([
      'CertificatesHealthy True Healthy',
      'Suspended True Suspended',
      'Ready True Suspended',
    ]);
    expect(rig.status()).toMatchObject({
      observedGeneration: 2,
      certificates,
      earliestNotAfter: second(START + 40 * DAY),
    });
    rig.put(rotation('own', { generation: 3, status: rig.status() ?? {} }));
    await rig.pass();
    expect(typesOf(rig.status())).toEqual(['CertificatesHealthy False Expired', 'Ready True Expired']);
  });

  it('is Unknown for an object that was suspended before anything was read', async () => {
    const rig = rotationRig();
    rig.put(rotation('own', { suspend: true }));
    rig.evidence = read;
    await rig.pass();
    expect(typesOf(rig.status())).toEqual([
      'CertificatesHealthy Unknown NotReadYet',
      'Suspended True Suspended',
      'Ready Unknown Suspended',
    ]);
    expect(rig.status()?.certificates).toEqual([]);
  });

  it('shows nothing of the cluster once the policy does not allow it, whether the cluster is read for others or not', async () => {
    for (const others of [[], [trust('a', [], { namespace: 'allowed' })]]) {
      const rig = await watched();
      rig.add(...others);
      rig.policy = createPolicy({
        rules: [
          { namespaces: ['allowed'], clusters: [CLUSTER_ID.resourceId], nodeAccess: [], verify: [], adopt: false },
        ],
        nodeAccess: [],
      });
      await rig.pass();
      expect(typesOf(rig.status())).toEqual([
        'CertificatesHealthy Unknown TargetNotAllowed',
        'Stalled True TargetNotAllowed',
        'Ready False TargetNotAllowed',
      ]);
      expect(Object.keys(rig.status()!).sort()).toEqual(['conditions', 'observedGeneration']);
      expect(rig.events.at(-1)?.event).toMatchObject({ type: 'Warning', reason: 'TargetNotAllowed' });
    }
  });

  it('says that a record conflict holds it, and does not turn in circles', async () => {
    const rig = rotationRig();
    rig.put(rotation());
    rig.evidence = read;
    rig.recordConflict = 'OtherCluster';
    expect((await rig.pass()).afterMs).toBeGreaterThan(MINUTE);
    expect(typesOf(rig.status())).toEqual([
      'CertificatesHealthy Unknown NotReadYet',
      'Stalled True RecordConflict',
      'Ready False RecordConflict',
    ]);
  });

  it('repeats the reconcile request that was handled', async () => {
    const rig = await watched();
    rig.put(rotation('own', { requestedAt: 'now', status: rig.status() ?? {} }));
    await rig.pass();
    expect(rig.status()?.lastHandledReconcileAt).toBe('now');
  });

  it('changes nothing for a CustomCATrust of the same cluster', async () => {
    const alone = rotationRig();
    const both = rotationRig();
    both.put(rotation());
    both.evidence = read;
    for (const rig of [alone, both]) {
      rig.add(trust('a', [0]));
      for (let pass = 0; pass < 6; pass++) {
        await rig.pass();
        rig.now += MINUTE;
      }
    }
    expect(both.objects.get('team/a')).toEqual(alone.objects.get('team/a'));
    expect(both.puts).toEqual(alone.puts);
    expect(typesOf(both.status())).toEqual(GOOD);
  });

  it('goes with the object, which nothing holds, and with it the record', async () => {
    const rig = await watched();
    expect(rig.record).toBeDefined();
    rig.others.clear();
    await rig.pass();
    expect(rig.record).toBeUndefined();
    expect(rig.writes).toHaveLength(1);
  });

  it('reports no release of an object that is being deleted and has only finalizers of others', async () => {
    const rig = await watched();
    const object = rotation('own', { status: rig.status() ?? {} });
    rig.put({
      ...object,
      metadata: { ...object.metadata, finalizers: ['example.com/x'], deletionTimestamp: second(START) },
    });
    rig.armIsAway = true;
    for (let pass = 0; pass < 3; pass++) {
      await rig.pass();
      rig.now += 10 * MINUTE;
    }
    expect(rig.events.map(({ event }) => event.reason)).not.toContain('Released');
  });
});

describe('the next time at which a status changes by itself', () => {
  const intents = (status: CertificateRotationStatus | undefined, suspend = false) => [
    readRotationIntent(rotation('own', { suspend, ...(status ? { status } : {}) }), OPEN_GRANTS),
  ];

  it('is 30, 7 and 1 days before the end of a certificate, and its end', async () => {
    const status = (await watched()).status();
    const end = START + 40 * DAY;
    const caEnd = START - HOUR + 30 * 365 * DAY;
    const times: (number | undefined)[] = [START];
    while (times.at(-1) !== undefined && times.length < 20) times.push(nextTurn(intents(status), times.at(-1)!));
    expect(times.slice(1)).toEqual([
      ...[30, 7, 1, 0].map((days) => end - days * DAY),
      ...[30, 7, 1, 0].map((days) => caEnd - days * DAY),
      undefined,
    ]);
    expect(nextTurn(intents(status, true), START)).toBeUndefined();
    expect(nextTurn(intents(undefined), START)).toBeUndefined();
  });

  it('wakes the cluster then', async () => {
    const rig = await watched();
    rig.evidence = undefined;
    rig.now = START + 10 * DAY - MINUTE;
    expect((await rig.pass()).resting?.untilMs).toBe(MINUTE + 1000);
  });
});
