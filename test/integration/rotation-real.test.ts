import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ClusterSeed, SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION } from '../../src/api/names.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { OPEN_GRANTS, OPEN_POLICY } from '../../src/policy/policy.ts';
import { connect } from '../../src/kubernetes/client/connection.ts';
import { startCertifiedControlPlane, type CertifiedControlPlane } from '../control-plane/certified.ts';
import { startRig, type ControllerSettings, type Rig } from './rig.ts';
import { applyRotation, removeRotation } from './rotation-object.ts';
import { writeAuthentication } from './target-api-server.ts';
import { untilWanted } from './watched.ts';

jest.setTimeout(180_000);

const SETTINGS: ControllerSettings = {
  policy: () => ({ ...OPEN_POLICY, grants: () => ({ ...OPEN_GRANTS, rotate: true }) }),
  timing: {
    rotation: { ...DEFAULT_TIMING.rotation, arrives: 3000, agreeing: 500, proofEvery: 300, proofOver: 1500 },
  },
};
const DAY = 86_400_000;

let rig: Rig;
let plane: CertifiedControlPlane | undefined;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-rotation-'));
  rig = await startRig({ speed: 600 });
}, 600_000);
afterEach(async () => {
  await removeRotation(rig, 'own');
  await rig.cleanUp();
  await plane?.stop();
  plane = undefined;
});
afterAll(async () => {
  await rig.stop();
  rmSync(folder, { recursive: true });
});

/** A cluster with a real API server of its own: the nodes of a cluster stay in its etcd. */
async function add(seed: Partial<ClusterSeed>, flags: Record<string, string> = {}): Promise<SimulatedCluster> {
  plane = await startCertifiedControlPlane({ apiServerFlags: flags });
  const rotation = { awaySeconds: 60, listingSeconds: 10, lateNamespaceSeconds: 10, ...seed.rotation };
  return rig.addCluster({ controlPlane: plane, pools: [{ name: 'system', count: 1 }], ...seed, rotation });
}

const until = (wanted: (object: CertificateRotation) => boolean, what: string) => {
  const collection = `/apis/${API_VERSION}/namespaces/${rig.namespace}/certificaterotations`;
  return untilWanted<CertificateRotation>(rig.admin, collection, 'own', wanted, { what, limitMs: 90_000 });
};

async function rotate(cluster: SimulatedCluster, more: Partial<CertificateRotation['spec']> = {}): Promise<void> {
  const replaceCA = (await cluster.certificates()).authorities.at(-1)!.fingerprint;
  const target = { resourceId: cluster.resourceId, nodeAccess: { azure: {} } };
  await applyRotation(rig, 'own', cluster, {
    ...{ target, mode: 'Rotate', acceptDowntime: true, request: { replaceCA } },
    ...more,
  });
}

const conditionIn = ({ status }: CertificateRotation, type: string) =>
  status?.conditions?.find((one) => one.type === type);
const rowsIn = ({ status }: CertificateRotation) => status?.verification?.rows ?? [];
const resultOf = (object: CertificateRotation, name: string) => rowsIn(object).find((row) => row.name === name)?.result;

describe('after a rotation', () => {
  it('the dead tunnel to the nodes is named, although all else is well, until its agents are started again', async () => {
    const cluster = await add({
      metricsServer: true,
      rotation: { tunnel: 'dead' },
      autoProvisioned: { count: 1 },
    });
    await rig.startController(SETTINGS);
    await rotate(cluster);
    const held = await until(({ status }) => status?.preflight !== undefined, 'checked');
    expect(held.status?.preflight?.find(({ name }) => name === 'AutoProvisionedNodes')).toMatchObject({ blocks: true });
    await rotate(cluster, { accept: ['AutoProvisionedNodes'] });
    const broken = await until(
      (object) =>
        conditionIn(object, 'OldCertificatesRejected')?.status === 'True' &&
        resultOf(object, 'APIServicesAvailable') === 'Pending' &&
        rowsIn(object).filter(({ result }) => result !== 'Passed').length === 1,
      'all but the tunnel',
    );
    expect(conditionIn(broken, 'RotationSucceeded')).toMatchObject({ status: 'True', reason: 'Rotated' });
    expect(rowsIn(broken).find(({ name }) => name === 'APIServicesAvailable')?.message).toMatch(
      /not available any more: v1beta1\.metrics\.k8s\.io\..*restart the konnectivity-agent pods/,
    );
    // AKS leaves such a node with its old credentials.
    const left = cluster.nodes().filter(({ kind }) => kind === 'autoProvisioned');
    expect(left.map(({ phase }) => phase)).toEqual(['NotReady']);
    await cluster.setTunnel(true);
    await until((object) => resultOf(object, 'APIServicesAvailable') === 'Passed', 'the tunnel works');
  });

  it('of a cluster with Microsoft Entra ID no old credential is claimed to be rejected: there was none', async () => {
    const cluster = await add(
      { extraBody: { properties: { aadProfile: { managed: true }, disableLocalAccounts: true } } },
      { 'authentication-config': writeAuthentication(rig.simulator, folder) },
    );
    await rig.startController(SETTINGS);
    await rotate(cluster);
    const object = await until((one) => resultOf(one, 'NewKubeconfigAccepted') === 'Passed', 'verified');
    expect(rowsIn(object).map(({ name }) => name)).not.toContain('OldClientCertificateRejected');
    expect(conditionIn(object, 'OldCertificatesRejected')).toMatchObject({
      ...{ status: 'Unknown', reason: 'NotProved' },
      message: expect.stringContaining('people sign in with Microsoft Entra ID') as unknown,
    });
    expect(conditionIn(object, 'RotationSucceeded')).toMatchObject({ status: 'True', reason: 'Rotated' });
  });
});

describe('a rotation that drains nodes', () => {
  it('is held by a budget that allows no eviction, until the object accepts it, and then ends without the evictions', async () => {
    const cluster = await add({
      pools: [{ name: 'system', count: 1, drainTimeoutInMinutes: 10 }],
      kubelets: true,
      rotation: { drains: 'honored' },
    });
    const [before] = cluster.nodes();
    const old = connect(await cluster.adminAccess());
    const labels = { app: 'stays' };
    const make = (path: string, body: object) => old.request({ method: 'POST', path, body });
    await make('/apis/policy/v1/namespaces/default/poddisruptionbudgets', {
      metadata: { name: 'stays' },
      spec: { maxUnavailable: 0, selector: { matchLabels: labels } },
    });
    // No controller counts the pods of the budget.
    await old.request({
      method: 'PATCH',
      path: '/apis/policy/v1/namespaces/default/poddisruptionbudgets/stays/status',
      contentType: 'application/merge-patch+json',
      body: {
        status: { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
      },
    });
    await make('/api/v1/namespaces/default/pods', {
      metadata: { name: 'stays', labels },
      spec: { nodeName: before!.name, containers: [{ name: 'a', image: 'a' }] },
    });
    await old.close();
    await rig.startController(SETTINGS);
    await rotate(cluster);
    const evictable = ({ status }: CertificateRotation) => status?.preflight?.find(({ name }) => name === 'Evictable');
    const held = await until((object) => evictable(object)?.blocks === true, 'held');
    expect(evictable(held)?.message).toContain('default/stays');
    await rotate(cluster, { accept: ['UnevictablePods'] });
    await until((object) => conditionIn(object, 'RotationSucceeded')?.reason === 'Rotated', 'rotated');
    expect(cluster.nodes()[0]?.uid).not.toBe(before?.uid);
    const now = connect(await cluster.adminAccess());
    const { items } = (await now.request({ path: '/api/v1/events' })) as { items: { message: string }[] };
    expect(items.some(({ message }) => message.startsWith('Eviction blocked by Too Many Requests'))).toBe(true);
    await now.close();
  });
});

describe('a cluster that was stopped while AKS renewed its certificates', () => {
  it('has node pools to recreate, by name, once it is started', async () => {
    const since = new Date(Date.now() - 400 * DAY).toISOString();
    const cluster = await add({
      pools: [
        { name: 'system', count: 1 },
        { name: 'work', count: 2 },
      ],
      certificates: { createdAt: since, kubeletsSince: since },
      whenStopped: 'kept',
    });
    cluster.stop();
    await cluster.idle();
    cluster.startForeignOperation({ kind: 'ReconcileCertificates', seconds: 10, end: 'Succeeded' });
    await cluster.idle();
    cluster.start();
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(cluster.nodes().map(({ phase }) => phase)).toEqual(['NotReady', 'NotReady', 'NotReady']);
    await rig.startController(SETTINGS);
    const target = { resourceId: cluster.resourceId, nodeAccess: { azure: {} } };
    await applyRotation(rig, 'own', cluster, { target });
    const object = await until(({ status }) => status?.autoRotation?.length === 2, 'judged');
    for (const { pool, state, message } of object.status?.autoRotation ?? []) {
      expect(state).toBe('Late');
      expect(message).toContain('Where the cluster was stopped while AKS renewed certificates');
      expect(message).toContain(`recreate node pool ${pool} (az aks nodepool add, then az aks nodepool delete)`);
    }
    expect(conditionIn(object, 'CertificatesHealthy')?.status).toBe('False');
  });
});
