import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION, RECONCILE_REQUESTED_AT } from '../../src/api/names.ts';
import { fingerprintOf } from '../../src/cluster-certificates/row.ts';
import { createPolicy } from '../../src/policy/policy.ts';
import { startCertifiedControlPlane, type CertifiedControlPlane } from '../control-plane/certified.ts';
import { condition, entry, eventually, isReady, roots, startRig, type Rig } from './rig.ts';
import { applyRotation, getRotation, removeRotation, rotationPath } from './rotation-object.ts';
import { untilWanted } from './watched.ts';

jest.setTimeout(60_000);

const { Actions: BASE } = JSON.parse(
  readFileSync(new URL('../../deploy/azure/role.json', import.meta.url), 'utf8'),
) as { Actions: string[] };
const LIST_CREDENTIAL = 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action';

let rig: Rig;
let client: ReturnType<Rig['simulator']['addClient']>;
beforeAll(async () => {
  rig = await startRig();
  client = rig.simulator.addClient();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const grant = (...actions: string[]) => rig.simulator.setRoles(client.clientId, [{ scope: '/', actions }]);

/** A cluster whose API server shows its certificate, and serves nothing. */
const addCluster = () => rig.addCluster({ handshakes: true });

const until = (wanted: (object: CertificateRotation) => boolean, what: string, name = 'own', limitMs = 20_000) => {
  const collection = `/apis/${API_VERSION}/namespaces/${rig.namespace}/certificaterotations`;
  return untilWanted<CertificateRotation>(rig.admin, collection, name, wanted, { what, limitMs });
};

/** `Type Status Reason` of each condition. */
const said = ({ status }: CertificateRotation) =>
  status?.conditions?.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`) ?? [];

const says =
  (...conditions: string[]) =>
  (object: CertificateRotation) =>
    conditions.every((one) => said(object).includes(one));

const GOOD = ['CertificatesHealthy True Healthy', 'Ready True Watched'];

function rowOf(object: CertificateRotation | undefined, name: string) {
  return object?.status?.certificates?.find((row) => row.name === name);
}

function annotate(annotations: Record<string, string>, name = 'own') {
  const path = rotationPath(rig.namespace, name);
  const body = { metadata: { annotations } };
  return rig.admin.request({ method: 'PATCH', path, contentType: 'application/merge-patch+json', body });
}

/** Requests to ARM for a cluster, by operation. */
function requests({ resourceId }: SimulatedCluster): Record<string, number> {
  const own = rig.simulator.journal().filter((entry) => entry.resourceId?.toLowerCase() === resourceId.toLowerCase());
  return Object.fromEntries(
    [...Map.groupBy(own, ({ operation }) => operation)].map(([name, all]) => [name, all.length]),
  );
}

const lists = () => rig.simulator.journal().filter(({ operation }) => operation === 'ListManagedClusters').length;

describe('a CertificateRotation object alone on a cluster', () => {
  it('shows the certificates that ARM and the API server really have, and what would make the others known', async () => {
    const cluster = await addCluster();
    await rig.startController();
    await applyRotation(rig, 'own', cluster);
    const object = await until(says(...GOOD), 'watched');
    const truth = await cluster.certificates();
    expect(rowOf(object, 'ClusterCA')).toMatchObject({
      ...{ subject: 'CN=ca', maintainedBy: 'You', health: 'Healthy', lifeUsedPercent: 0 },
      fingerprintSHA256: truth.authorities.at(-1)?.fingerprint,
    });
    expect(rowOf(object, 'APIServer')).toMatchObject({
      ...{ maintainedBy: 'Microsoft', health: 'Healthy', source: 'TLS handshake' },
      fingerprintSHA256: fingerprintOf(new X509Certificate(truth.servingPem)),
    });
    expect(rowOf(object, 'KubeconfigClient')?.fingerprintSHA256).toBe(
      fingerprintOf(new X509Certificate(truth.clientPem)),
    );
    expect(rowOf(object, 'FrontProxyCA')).toMatchObject({ health: 'Unknown' });
    expect(rowOf(object, 'FrontProxyCA')?.message).toMatch(/Set spec\.target\.nodeAccess/);
    expect(object.metadata.finalizers).toBeUndefined();
    expect(rig.puts(cluster)).toEqual([]);
    await eventually(async () => (await rig.events('own')).some(({ reason }) => reason === 'Watched'));
  });

  it('leaves nothing behind when it is deleted', async () => {
    const cluster = await addCluster();
    await rig.startController();
    await applyRotation(rig, 'own', cluster);
    await until(says(...GOOD), 'watched');
    expect(await rig.record(cluster)).toBeDefined();
    await removeRotation(rig, 'own');
    expect(await getRotation(rig, 'own')).toBeUndefined();
    await eventually(async () => (await rig.record(cluster)) === undefined);
  });

  it('says which right is missing while ARM returns no kubeconfig, and reads again when asked to', async () => {
    const cluster = await addCluster();
    grant(...BASE.filter((action) => action !== LIST_CREDENTIAL));
    await rig.startController({ client });
    await applyRotation(rig, 'own', cluster);
    // The name of the API server in DNS is tried, which may take its whole time.
    const denied = await until(
      says('CertificatesHealthy Unknown NotKnown', 'Ready True NotKnown'),
      'not known',
      'own',
      45_000,
    );
    expect(rowOf(denied, 'ClusterCA')).toMatchObject({ health: 'Unknown' });
    expect(rowOf(denied, 'ClusterCA')?.message).toMatch(/listClusterUserCredential/);
    grant(...BASE, LIST_CREDENTIAL);
    await annotate({ [RECONCILE_REQUESTED_AT]: 'again' });
    const object = await until(says(...GOOD), 'watched');
    expect(object.status?.lastHandledReconcileAt).toBe('again');
  });

  it('says with the reason of ARM that the cluster cannot be read', async () => {
    const cluster = await addCluster();
    grant();
    await rig.startController({ client });
    await applyRotation(rig, 'own', cluster);
    const object = await until(says('Ready False AccessDenied', 'CertificatesHealthy Unknown NotReadYet'), 'denied');
    expect(object.status?.certificates).toEqual([]);
    expect(condition(object as never, 'Ready')?.message).toMatch(/managedClusters\/read/);
  });
});

describe('the rows of a CertificateRotation object', () => {
  it('outlive the controller, whose next process writes nothing and asks ARM for no kubeconfig', async () => {
    const cluster = await addCluster();
    const controller = await rig.startController();
    await applyRotation(rig, 'own', cluster);
    await until(says(...GOOD), 'watched');
    await controller.stop();
    const before = { object: await getRotation(rig, 'own'), requests: requests(cluster) };
    await rig.startController();
    await eventually(
      async () => (requests(cluster).GetManagedCluster ?? 0) >= (before.requests.GetManagedCluster ?? 0) + 5,
    );
    expect(await getRotation(rig, 'own')).toEqual(before.object);
    expect(requests(cluster).ListClusterUserCredential).toBe(before.requests.ListClusterUserCredential);
  });

  it('cost nothing while nothing happens: ARM is asked for the LIST only, and nothing is written', async () => {
    const clusters = await Promise.all([addCluster(), addCluster()]);
    await rig.startController({ timing: { drift: 50 } });
    const names = clusters.map((_, index) => `own-${index}`);
    await Promise.all(clusters.map((cluster, index) => applyRotation(rig, names[index]!, cluster)));
    for (const name of names) await until(says(...GOOD), 'watched', name);
    // Until a LIST has shown the clusters as they are now.
    await eventually(async () => lists() >= 3);
    const versions = async () =>
      [
        ...(await Promise.all(names.map((name) => getRotation(rig, name)))),
        ...(await Promise.all(clusters.map((cluster) => rig.record(cluster)))),
      ].map((object) => object?.metadata.resourceVersion);
    const before = { versions: await versions(), requests: clusters.map(requests), lists: lists() };
    await eventually(async () => lists() >= before.lists + 20);
    expect(await versions()).toEqual(before.versions);
    expect(clusters.map(requests)).toEqual(before.requests);
    expect(before.requests.map((one) => one.ListClusterUserCredential)).toEqual([1, 1]);
  });

  it('stay while the object is suspended, for which nothing is read', async () => {
    const cluster = await addCluster();
    await rig.startController({ timing: { certificates: [100, 100] } });
    await applyRotation(rig, 'own', cluster);
    const { status } = await until(says(...GOOD), 'watched');
    await applyRotation(rig, 'own', cluster, { suspend: true });
    const suspended = await until(says('Ready True Suspended', 'Suspended True Suspended'), 'suspended');
    expect(suspended.status?.certificates?.map(({ fingerprintSHA256 }) => fingerprintSHA256)).toEqual(
      status?.certificates?.map(({ fingerprintSHA256 }) => fingerprintSHA256),
    );
    const { ListClusterUserCredential: before, GetManagedCluster: reads = 0 } = requests(cluster);
    await eventually(async () => (requests(cluster).GetManagedCluster ?? 0) >= reads + 10);
    expect(requests(cluster).ListClusterUserCredential).toBe(before);
  });

  it('are read beside a CustomCATrust object, which notices nothing', async () => {
    const cluster = await addCluster();
    await rig.startController({ timing: { certificates: [100, 100] } });
    await applyRotation(rig, 'own', cluster);
    await rig.apply('own', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.until('own', isReady, 'Ready');
    await until(says(...GOOD), 'watched');
    expect(rig.puts(cluster)).toHaveLength(1);
    await rig.remove('own');
    await rig.untilGone('own');
    expect(said((await getRotation(rig, 'own'))!)).toEqual(GOOD);
  });

  it('are of no cluster that the policy does not allow: nothing of it is read', async () => {
    const cluster = await addCluster();
    const rule = {
      namespaces: ['elsewhere'],
      clusters: ['/subscriptions/*/resourceGroups/*/*'],
      nodeAccess: [],
      verify: [],
    };
    const policy = createPolicy({ rules: [{ ...rule, adopt: false }], nodeAccess: [] });
    await rig.startController({ policy: () => policy });
    await applyRotation(rig, 'own', cluster);
    const object = await until(says('Ready False TargetNotAllowed', 'Stalled True TargetNotAllowed'), 'refused');
    expect(object.status?.certificates).toBeUndefined();
    expect(requests(cluster)).toEqual({});
    await eventually(async () => (await rig.events('own')).some(({ reason }) => reason === 'TargetNotAllowed'));
  });
});

describe('a cluster with access to its API server', () => {
  let plane: CertifiedControlPlane;
  beforeAll(async () => {
    plane = await startCertifiedControlPlane();
  }, 180_000);
  afterAll(() => plane.stop());

  it('has every row, and shows and reports a rotation by another client', async () => {
    const cluster = await rig.addCluster({ controlPlane: plane, rotation: { awaySeconds: 30, listing: 'new' } });
    await rig.startController();
    await applyRotation(rig, 'own', cluster, { target: { resourceId: cluster.resourceId, nodeAccess: { azure: {} } } });
    const before = await until((object) => rowOf(object, 'ServiceAccountKeys')?.keyIDs !== undefined, 'all rows');
    const { authorities, frontProxyCaPem } = await cluster.certificates();
    expect(rowOf(before, 'ClusterCA')?.fingerprintSHA256).toBe(authorities[0]?.fingerprint);
    expect(rowOf(before, 'FrontProxyCA')).toMatchObject({
      ...{ sameAsClusterCA: false, maintainedBy: 'Microsoft', health: 'Healthy' },
      fingerprintSHA256: fingerprintOf(new X509Certificate(frontProxyCaPem)),
    });
    cluster.rotateCertificates();
    await cluster.idle();
    await annotate({ [RECONCILE_REQUESTED_AT]: 'after the rotation' });
    const after = await until(
      (object) =>
        rowOf(object, 'ClusterCA')?.fingerprintSHA256 !== authorities[0]?.fingerprint && says(GOOD[1]!)(object),
      'the new CA',
      'own',
      60_000,
    );
    const now = await cluster.certificates();
    expect(rowOf(after, 'ClusterCA')?.fingerprintSHA256).toBe(now.authorities[1]?.fingerprint);
    const reasons = async () => (await rig.events('own')).map(({ reason }) => reason);
    await eventually(async () => (await reasons()).includes('ClusterCAChanged'));
    expect((await reasons()).filter((reason) => reason === 'ClusterCAChanged')).toHaveLength(1);
    expect(rig.simulator.journal().filter(({ operation }) => operation === 'RotateClusterCertificates')).toEqual([]);
  }, 120_000);
});
