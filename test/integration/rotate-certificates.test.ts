import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ClusterSeed, SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION } from '../../src/api/names.ts';
import { OPEN_GRANTS, OPEN_POLICY, type Policy } from '../../src/policy/policy.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import {
  condition,
  entry,
  eventually,
  isReady,
  listed,
  roots,
  startRig,
  type ControllerSettings,
  type Rig,
} from './rig.ts';
import { applyRotation, getRotation, removeRotation } from './rotation-object.ts';
import { untilWanted } from './watched.ts';

jest.setTimeout(90_000);

const ROTATE: Policy = { ...OPEN_POLICY, grants: () => ({ ...OPEN_GRANTS, rotate: true }) };
/** What waits for what stays the same; minutes shrink to seconds. */
const ROTATION = { arrives: 1500, agreeing: 600, retries: [300, 900, 2700], hangs: [30_000, 60_000] } as const;
const SETTINGS: ControllerSettings = {
  policy: () => ROTATE,
  timing: { rotation: { ...DEFAULT_TIMING.rotation, ...ROTATION }, leftOld: 2000 },
};
const { Actions: BASE } = JSON.parse(
  readFileSync(new URL('../../deploy/azure/role.json', import.meta.url), 'utf8'),
) as {
  Actions: string[];
};
const LIST_CREDENTIAL = 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action';
const ROTATE_ACTION = 'Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

/** The API server is away, and ARM's listing behind, for half a second each. */
const SHORT = { awaySeconds: 30, listingSeconds: 30 };
const add = (seed: Partial<ClusterSeed> = {}) => rig.addCluster({ handshakes: true, rotation: SHORT, ...seed });

async function authorities(cluster: SimulatedCluster): Promise<string[]> {
  return (await cluster.certificates()).authorities.map(({ fingerprint }) => fingerprint);
}

/** Asks for the rotation of the CA that the cluster has now. */
async function request(
  cluster: SimulatedCluster,
  name = 'own',
  more: Partial<CertificateRotation['spec']> = {},
): Promise<string> {
  const replaceCA = (await authorities(cluster)).at(-1)!;
  await applyRotation(rig, name, cluster, { mode: 'Rotate', acceptDowntime: true, request: { replaceCA }, ...more });
  return replaceCA;
}

const until = (wanted: (object: CertificateRotation) => boolean, what: string, name = 'own') => {
  const collection = `/apis/${API_VERSION}/namespaces/${rig.namespace}/certificaterotations`;
  return untilWanted<CertificateRotation>(rig.admin, collection, name, wanted, { what, limitMs: 60_000 });
};

const says = (status: string, reason: string) => (object: CertificateRotation) =>
  object.status?.conditions?.some(
    (one) => one.type === 'RotationSucceeded' && one.status === status && one.reason === reason,
  ) ?? false;

/** POSTs that ask for a rotation. */
function posts({ resourceId }: SimulatedCluster): number {
  return rig.simulator
    .journal()
    .filter(
      (one) =>
        one.operation === 'RotateClusterCertificates' && one.resourceId?.toLowerCase() === resourceId.toLowerCase(),
    ).length;
}

describe('a rotation on request', () => {
  it('gives the cluster another CA with one POST, recreates its nodes, and is never repeated', async () => {
    const cluster = await add({
      pools: [
        { name: 'system', count: 2 },
        { name: 'win', osType: 'Windows', count: 1 },
      ],
    });
    const before = new Map(cluster.nodes().map(({ name, uid }) => [name, uid]));
    await rig.startController(SETTINGS);
    const oldCA = await request(cluster);
    const object = await until(says('True', 'Rotated'), 'rotated');
    const [, newCA] = await authorities(cluster);
    expect(object.status).toMatchObject({
      phase: 'Completed',
      lastRotation: { startedBy: 'ThisController', oldCA, newCA, attempts: 1 },
    });
    for (const { name, uid } of cluster.nodes()) expect(before.get(name)).not.toBe(uid);
    expect(rig.puts(cluster)).toEqual([]);
    await eventually(async () => {
      const reasons = (await rig.events('own')).map(({ reason }) => reason);
      return reasons.includes('RotationStarted') && reasons.includes('RotationCompleted');
    });
    // As Git or a backup would.
    await removeRotation(rig, 'own');
    await eventually(async () => (await getRotation(rig, 'own')) === undefined);
    await applyRotation(rig, 'own', cluster, { mode: 'Rotate', acceptDowntime: true, request: { replaceCA: oldCA } });
    await until(({ status }) => status?.phase === 'Completed', 'answered');
    expect(posts(cluster)).toBe(1);
    expect(await authorities(cluster)).toHaveLength(2);
  });

  it('is followed by one change of the list, which waited for it', async () => {
    const cluster = await add();
    await request(cluster);
    await rig.apply('a', cluster, { certificates: [entry('a', ...roots(0))] });
    await rig.startController(SETTINGS);
    await until(says('True', 'Rotated'), 'rotated');
    await rig.until('a', isReady, 'Ready');
    expect([posts(cluster), rig.puts(cluster).length, listed(cluster).length]).toEqual([1, 1, 1]);
  });

  it('lets a change of the list go that AKS refuses while the certificates are expired', async () => {
    const created = new Date(Date.now() - 3 * 365 * 86_400_000).toISOString();
    const cluster = await add({ certificates: { createdAt: created } });
    await rig.startController(SETTINGS);
    await rig.apply('a', cluster, { certificates: [entry('a', ...roots(0))] });
    const refused = (object: Parameters<typeof condition>[0]) =>
      condition(object, 'Applied')?.reason === 'ClusterCertificatesExpired';
    await rig.until('a', refused, 'refused');
    await request(cluster);
    await until(says('True', 'Rotated'), 'rotated');
    await rig.until('a', isReady, 'Ready');
    expect(listed(cluster)).toHaveLength(1);
  });

  it('is refused by the API server without the word that downtime is accepted, and with something else than a SHA-256', async () => {
    const cluster = await add();
    const asked = (spec: Partial<CertificateRotation['spec']>) => applyRotation(rig, 'own', cluster, spec);
    await expect(asked({ mode: 'Rotate' })).rejects.toThrow(/acceptDowntime: true/);
    await expect(asked({ mode: 'Rotate', acceptDowntime: false })).rejects.toThrow(/acceptDowntime: true/);
    const wrong = { mode: 'Rotate', acceptDowntime: true, request: { replaceCA: 'AB:CD' } } as const;
    await expect(asked(wrong)).rejects.toThrow(/64 lower-case hexadecimal digits/);
  });

  it('names the right that is missing, and goes on once it is granted', async () => {
    const client = rig.simulator.addClient();
    rig.simulator.setRoles(client.clientId, [
      { scope: '/', actions: [...new Set([...BASE, LIST_CREDENTIAL])].filter((one) => one !== ROTATE_ACTION) },
    ]);
    const cluster = await add();
    await rig.startController({ ...SETTINGS, client });
    await request(cluster);
    const denied = await until(says('Unknown', 'PreflightFailed'), 'denied');
    expect(denied.status?.conditions?.find(({ type }) => type === 'RotationSucceeded')?.message).toContain(
      ROTATE_ACTION,
    );
    rig.simulator.setRoles(client.clientId, [{ scope: '/', actions: [...BASE, LIST_CREDENTIAL, ROTATE_ACTION] }]);
    // A new request is tried at once.
    await request(cluster, 'own', { requestedAt: new Date().toISOString() });
    await until(says('True', 'Rotated'), 'rotated');
    expect(await authorities(cluster)).toHaveLength(2);
  });

  it('happens in one cluster at a time, without a limit of changing clusters', async () => {
    const clusters = [await add(), await add()];
    await rig.startController(SETTINGS);
    await Promise.all(clusters.map((cluster, index) => request(cluster, `r${index}`)));
    let most = 0;
    const counted = setInterval(() => {
      most = Math.max(most, clusters.filter((one) => one.provisioningState === 'RotatingClusterCertificates').length);
    }, 5);
    try {
      await Promise.all(clusters.map((_, index) => until(says('True', 'Rotated'), 'rotated', `r${index}`)));
    } finally {
      clearInterval(counted);
    }
    expect([most, ...clusters.map(posts)]).toEqual([1, 1, 1]);
  });
});

describe('a rotation that does not go well', () => {
  it.each(['resetBefore', 'resetAfter'] as const)(
    'is sent until it arrives, and never twice where it did: %s',
    async (fault) => {
      const cluster = await add();
      const operation = 'RotateClusterCertificates';
      rig.simulator.faults.add({ operation, resourceId: cluster.resourceId, [fault]: true });
      await rig.startController(SETTINGS);
      await request(cluster);
      await until(says('True', 'Rotated'), 'rotated');
      expect(await authorities(cluster)).toHaveLength(2);
      expect(posts(cluster)).toBe(fault === 'resetBefore' ? 2 : 1);
    },
  );

  it('is seen through by the next process when this one is killed after the POST', async () => {
    const cluster = await add();
    const first = await rig.startController(SETTINGS);
    await request(cluster);
    await eventually(async () => posts(cluster) === 1);
    first.kill();
    await rig.startController(SETTINGS);
    await until(says('True', 'Rotated'), 'rotated');
    expect([posts(cluster), (await authorities(cluster)).length]).toEqual([1, 2]);
  });

  it('is sent again after AKS gave up twice, also with a third CA', async () => {
    const cluster = await add();
    cluster.failNextOperation({ code: 'AgentPoolUpgradeFailed', message: 'no capacity', afterNodes: 1 });
    await rig.startController(SETTINGS);
    await request(cluster);
    await until(
      ({ status }) => status?.conditions?.some(({ reason }) => reason === 'RotationFailed') ?? false,
      'failed',
    );
    const object = await until(says('True', 'Rotated'), 'rotated');
    expect(object.status?.lastRotation).toMatchObject({ attempts: 2, newCA: (await authorities(cluster)).at(-1) });
    expect(posts(cluster)).toBe(2);
  });

  it('of another client satisfies a request that waits for it', async () => {
    const cluster = await add();
    const [oldCA] = await authorities(cluster);
    cluster.rotateCertificates();
    await rig.startController(SETTINGS);
    await applyRotation(rig, 'own', cluster, { mode: 'Rotate', acceptDowntime: true, request: { replaceCA: oldCA! } });
    await until(says('True', 'AlreadyRotated'), 'answered');
    expect(posts(cluster)).toBe(0);
  });

  it('is seen through although its object is deleted meanwhile', async () => {
    const cluster = await add();
    await rig.startController(SETTINGS);
    await request(cluster);
    await eventually(async () => posts(cluster) === 1);
    await removeRotation(rig, 'own');
    await eventually(async () => (await authorities(cluster)).length === 2);
    await eventually(async () => (await rig.record(cluster)) === undefined);
    expect(posts(cluster)).toBe(1);
  });
});
