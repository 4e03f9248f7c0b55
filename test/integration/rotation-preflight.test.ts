import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ClusterSeed, SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { API_VERSION } from '../../src/api/names.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { OPEN_GRANTS, OPEN_POLICY, type Policy } from '../../src/policy/policy.ts';
import { startRig, type ControllerSettings, type Rig } from './rig.ts';
import { applyRotation } from './rotation-object.ts';
import { untilWanted } from './watched.ts';

jest.setTimeout(90_000);

const ROTATE: Policy = { ...OPEN_POLICY, grants: () => ({ ...OPEN_GRANTS, rotate: true }) };
const ROTATION = { arrives: 2500, agreeing: 500, retries: [300, 900, 2700], hangs: [30_000, 60_000] } as const;
const SETTINGS: ControllerSettings = {
  policy: () => ROTATE,
  timing: { rotation: { ...DEFAULT_TIMING.rotation, ...ROTATION }, leftOld: 2000 },
};
const actionsOf = (file: string) =>
  (JSON.parse(readFileSync(new URL(`../../deploy/azure/${file}`, import.meta.url), 'utf8')) as { Actions: string[] })
    .Actions;
const REFUSED = 'AADSTS70021: No matching federated identity record found for presented assertion.';
const NODE_OS = 'aksManagedNodeOSUpgradeSchedule';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const add = (seed: Partial<ClusterSeed> = {}) => rig.addCluster({ handshakes: true, ...seed });

/** Asks for the rotation of the CA that the cluster has now. */
async function request(cluster: SimulatedCluster, more: Partial<CertificateRotation['spec']> = {}): Promise<void> {
  const replaceCA = (await cluster.certificates()).authorities.at(-1)!.fingerprint;
  await applyRotation(rig, 'own', cluster, { mode: 'Rotate', acceptDowntime: true, request: { replaceCA }, ...more });
}

const until = (wanted: (object: CertificateRotation) => boolean, what: string) => {
  const collection = `/apis/${API_VERSION}/namespaces/${rig.namespace}/certificaterotations`;
  return untilWanted<CertificateRotation>(rig.admin, collection, 'own', wanted, { what, limitMs: 60_000 });
};

type Row = NonNullable<NonNullable<CertificateRotation['status']>['preflight']>[number];

const rowOf = (object: CertificateRotation, name: string) => object.status?.preflight?.find((row) => row.name === name);

/** The row once it has this result. */
async function untilRow(name: string, result: Row['result']): Promise<Row> {
  const object = await until((one) => rowOf(one, name)?.result === result, `${name} is ${result}`);
  return rowOf(object, name)!;
}

const untilRotated = () =>
  until(({ status }) => status?.phase === 'Completed' && status.lastRotation?.newCA !== undefined, 'rotated');

function posts({ resourceId }: SimulatedCluster): number {
  const sent = rig.simulator.journal().filter(({ operation }) => operation === 'RotateClusterCertificates');
  return sent.filter((one) => one.resourceId?.toLowerCase() === resourceId.toLowerCase()).length;
}

describe('a rotation that is due', () => {
  it('waits while a lock keeps the machines from being deleted', async () => {
    const cluster = await add({ locks: [{ name: 'keep-my-nodes' }] });
    await rig.startController(SETTINGS);
    await request(cluster);
    const row = await untilRow('NoLock', 'Failed');
    expect(row).toMatchObject({ blocks: true, message: expect.stringContaining('keep-my-nodes') as unknown });
    expect(posts(cluster)).toBe(0);
    cluster.setLocks([]);
    await untilRotated();
    expect(posts(cluster)).toBe(1);
  });

  it('waits while the version of the cluster is out of support', async () => {
    const cluster = await add({ kubernetesVersion: '1.28.5' });
    await rig.startController(SETTINGS);
    await request(cluster);
    const { message } = await untilRow('VersionSupported', 'Failed');
    expect(message).toContain(
      'Kubernetes 1.28 in the region of the cluster. It supports 1.30, 1.31, 1.32, 1.33, 1.34, 1.35.',
    );
    expect(posts(cluster)).toBe(0);
  });

  it('needs the plan of a version that has long-term support only', async () => {
    const cluster = await add({ kubernetesVersion: '1.30.2' });
    await rig.startController(SETTINGS);
    await request(cluster);
    expect((await untilRow('VersionSupported', 'Failed')).message).toContain('AKSLongTermSupport');
    expect(posts(cluster)).toBe(0);
  });

  it('of such a version is sent with the plan', async () => {
    const extraBody = { properties: { supportPlan: 'AKSLongTermSupport' } };
    const cluster = await add({ kubernetesVersion: '1.30.2', extraBody });
    await rig.startController(SETTINGS);
    await request(cluster);
    await untilRotated();
  });

  it('is sent although the version is out of support where certificates have expired', async () => {
    const created = new Date(Date.now() - 3 * 365 * 86_400_000).toISOString();
    const cluster = await add({ kubernetesVersion: '1.28.5', certificates: { createdAt: created } });
    await rig.startController(SETTINGS);
    await request(cluster);
    await untilRotated();
    expect(posts(cluster)).toBe(1);
  });

  it('waits for the end of a window in which AKS upgrades nodes, unless its own window is that one', async () => {
    const cluster = await add();
    const startTime = new Date(Date.now() - 3_600_000).toISOString().slice(11, 16);
    const schedule = { daily: { intervalDays: 1 } };
    const maintenanceWindow = { schedule, durationHours: 4, utcOffset: '+00:00', startTime };
    const rawBody = JSON.stringify({ properties: { maintenanceWindow } });
    const { resourceId } = cluster;
    const operation = 'GetMaintenanceConfiguration';
    rig.simulator.faults.add({ operation, resourceId, status: 200, rawBody, times: 'always' });
    await rig.startController(SETTINGS);
    await request(cluster);
    const { message } = await untilRow('NoUpgradeWindow', 'Failed');
    expect(message).toMatch(new RegExp(`^The maintenance configuration ${NODE_OS} of the cluster is open until `));
    expect(posts(cluster)).toBe(0);
    await request(cluster, { window: { maintenanceConfiguration: NODE_OS } });
    await untilRotated();
    expect(posts(cluster)).toBe(1);
  });

  it('waits while the clock of ARM is another one', async () => {
    const cluster = await add();
    const { resourceId } = cluster;
    const operation = 'GetManagedCluster';
    const end = rig.simulator.faults.add({ operation, resourceId, dateOffsetSeconds: -3600, times: 'always' });
    await rig.startController(SETTINGS);
    await request(cluster);
    expect((await untilRow('ClockSane', 'Failed')).message).toContain('60 minutes ahead of that of ARM');
    expect(posts(cluster)).toBe(0);
    end();
    await untilRotated();
  });

  it('is not sent while the controller cannot sign in anew', async () => {
    const cluster = await add();
    await rig.startController(SETTINGS);
    // The controller has signed in to see the cluster.
    await applyRotation(rig, 'own', cluster);
    await until(({ status }) => status?.conditions !== undefined, 'seen');
    const answer = {
      status: 400,
      rawBody: JSON.stringify({ error: 'unauthorized_client', error_description: REFUSED }),
    };
    rig.simulator.faults.add({ operation: 'GetToken', ...answer, times: 'always' });
    await request(cluster);
    const row = await untilRow('ArmTokenFresh', 'Failed');
    expect(row.message).toContain(REFUSED);
    expect(posts(cluster)).toBe(0);
  });

  it('is sent with the roles for it alone, and names the rights for what it does not know', async () => {
    const client = rig.simulator.addClient();
    const actions = [...actionsOf('role.json'), ...actionsOf('rotator-role.json')];
    rig.simulator.setRoles(client.clientId, [{ scope: '/', actions }]);
    const cluster = await add();
    cluster.setState({ poolStates: { system: 'Scaling' } });
    await rig.startController({ ...SETTINGS, client });
    await request(cluster);
    const object = await until((one) => rowOf(one, 'VersionSupported') !== undefined, 'checked');
    const unknown = (object.status?.preflight ?? []).filter(({ result }) => result === 'Unknown');
    expect(unknown.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['VersionSupported', 'NoLock', 'NodesReady', 'LocalData']),
    );
    expect(rowOf(object, 'VersionSupported')?.message).toContain('locations/kubernetesVersions/read');
    expect(rowOf(object, 'NoLock')?.message).toContain('Microsoft.Authorization/locks/read');
    expect(rowOf(object, 'Permission')).toMatchObject({ result: 'Passed' });
    cluster.setState({ poolStates: { system: 'Succeeded' } });
    await untilRotated();
  });

  it('is not sent without the right to rotate, which it names before', async () => {
    const client = rig.simulator.addClient();
    const actions = [...actionsOf('role.json'), ...actionsOf('certificates-role.json')];
    rig.simulator.setRoles(client.clientId, [{ scope: '/', actions }]);
    const cluster = await add();
    await rig.startController({ ...SETTINGS, client });
    await request(cluster);
    const row = await untilRow('Permission', 'Failed');
    expect(row.message).toContain('rotateClusterCertificates/action');
    expect(posts(cluster)).toBe(0);
  });
});
