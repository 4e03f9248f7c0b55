import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { parse, parseAllDocuments } from 'yaml';
import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { TARGET_CLUSTERS } from '../../src/api/names.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { inClusterCredentials } from '../../src/kubernetes/auth/in-cluster.ts';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import { OPEN_GRANTS, OPEN_POLICY } from '../../src/policy/policy.ts';
import { startCertifiedControlPlane, type CertifiedControlPlane } from '../control-plane/certified.ts';
import { applyAll } from '../deploy/object-path.ts';
import type { Manifest } from '../deploy/kustomize.ts';
import { eventually, startRig, type Controller, type ControllerSettings, type Rig } from './rig.ts';
import { controllerCredentials, installRoles } from './roles.ts';
import { applyRotation, getRotation } from './rotation-object.ts';

jest.setTimeout(180_000);

const NAMESPACE = 'default';
const CRDS = new URL('../../crds/', import.meta.url);

const subjects = [{ kind: 'ServiceAccount', name: 'aks-ca-trust', namespace: 'aks-ca-trust-system' }];
const apiVersion = 'rbac.authorization.k8s.io/v1';
const binding = (kind: 'ClusterRole' | 'Role', name: string, namespace?: string) =>
  ({
    ...{ apiVersion, kind: `${kind}Binding`, metadata: { name: `${name}-own`, ...(namespace && { namespace }) } },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects,
  }) as Manifest;
const BINDINGS = [
  binding('ClusterRole', 'aks-ca-trust-nodes'),
  binding('ClusterRole', 'aks-ca-trust-certificates'),
  binding('Role', 'aks-ca-trust-certificates', 'kube-system'),
];

let rig: Rig;
let plane: CertifiedControlPlane;
let folder: string;
let cluster: SimulatedCluster;
/** Administrators of the API server, the present one last. */
const admins: Connection[] = [];
beforeAll(async () => {
  rig = await startRig({ speed: 600 });
}, 600_000);
beforeEach(async () => {
  plane = await startCertifiedControlPlane();
  folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-service-account-'));
  cluster = await rig.addCluster({
    controlPlane: plane,
    pools: [{ name: 'system', count: 2 }],
    // Away for some seconds, and the keys of service accounts are other ones afterwards.
    rotation: { awaySeconds: 1800, listingSeconds: 10, signingKey: 'changed' },
  });
  const admin = await administrator();
  const definitions = readdirSync(CRDS)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => parse(readFileSync(new URL(file, CRDS), 'utf8')) as Manifest);
  await applyAll(admin, definitions);
  await eventually(async () => (await admin.request({ path: TARGET_CLUSTERS }).catch(() => undefined)) !== undefined);
  await installRoles(admin);
  await applyAll(admin, [...readers(), ...BINDINGS]);
  await mountServiceAccount();
}, 180_000);
afterEach(async () => {
  await rig.cleanUp();
  for (const admin of admins.splice(0)) await admin.close();
  await plane.stop();
  rmSync(folder, { recursive: true });
});
afterAll(() => rig.stop());

/** The roles of deploy/target-cluster, which the chart installs for a controller that reads its own cluster. */
function readers(): Manifest[] {
  const folder = new URL('../../deploy/target-cluster/', import.meta.url);
  return ['role.yaml', 'certificates-role.yaml'].flatMap((file) =>
    parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map((document) => document.toJS() as Manifest),
  );
}

/** With credentials of now: a rotation makes those of before void. */
async function administrator(): Promise<Connection> {
  const { server, caPem, certPem, keyPem } = await cluster.adminAccess();
  const admin = connect({ server, caPem, certPem, keyPem });
  admins.push(admin);
  return admin;
}

/** Writes the files that the kubelet mounts into a pod of the controller. */
async function mountServiceAccount(): Promise<void> {
  const { server, caPem } = await cluster.adminAccess();
  const { token } = await controllerCredentials(admins.at(-1)!, { server, caPem });
  for (const [name, text] of [
    ['token', token],
    ['ca.crt', caPem],
    ['namespace', 'aks-ca-trust-system'],
  ] as const) {
    writeFileSync(join(folder, `.${name}`), text);
    renameSync(join(folder, `.${name}`), join(folder, name));
  }
}

async function startInside(): Promise<Controller> {
  const { hostname, port } = new URL((await cluster.adminAccess()).server);
  const own = await inClusterCredentials({
    environment: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    serviceAccountDirectory: folder,
    // Files are read again after a minute.
    now: () => Date.now() * 60,
  });
  const settings: ControllerSettings = {
    connection: connect(own!),
    rules: { isOwnCluster: ({ key }) => key === cluster.resourceId.toLowerCase() },
    policy: () => ({ ...OPEN_POLICY, grants: () => ({ ...OPEN_GRANTS, rotate: true }) }),
    timing: {
      rotation: { ...DEFAULT_TIMING.rotation, arrives: 3000, agreeing: 500, proofEvery: 300, proofOver: 1500 },
    },
  };
  return rig.startController(settings);
}

const object = () => getRotation({ admin: admins.at(-1)!, namespace: NAMESPACE }, 'own');
const conditionOf = (shown: CertificateRotation | undefined, type: string) =>
  shown?.status?.conditions?.find((one) => one.type === type);
const posts = () => rig.simulator.journal().filter(({ operation }) => operation === 'RotateClusterCertificates').length;
const authorities = async () => (await cluster.certificates()).authorities.map(({ fingerprint }) => fingerprint);
/** What ARM reports of the rotation: the only part that can be seen while the API server is away. */
const polls = () => rig.simulator.journal().filter(({ operation }) => operation === 'GetManagedCluster').length;

describe('a controller in the cluster whose certificates it rotates', () => {
  it.each(['goes on in the same process', 'goes on in the next process'])('%s', async (how) => {
    const first = await startInside();
    const [oldCA] = await authorities();
    const admin = admins.at(-1)!;
    await applyRotation({ admin, namespace: NAMESPACE }, 'own', cluster, {
      target: { resourceId: cluster.resourceId, nodeAccess: { inCluster: {} } },
      mode: 'Rotate',
      acceptDowntime: true,
      request: { replaceCA: oldCA! },
    });
    await eventually(() => Promise.resolve(posts() === 1), 60_000);
    await eventually(async () => (await authorities()).length === 2, 60_000);
    const read = polls();
    if (how === 'goes on in the next process') first.kill();
    // Without its API server it follows the rotation by ARM.
    else await eventually(() => Promise.resolve(polls() > read), 30_000);
    await eventually(() => cluster.ready().then(() => true), 60_000);

    const after = await administrator();
    await eventually(
      async () => (await after.request({ path: '/readyz' }).catch(() => undefined)) !== undefined,
      60_000,
    );
    // The pod was recreated with its node, or the kubelet has renewed its files.
    await mountServiceAccount();
    if (how === 'goes on in the next process') await startInside();
    await eventually(async () => conditionOf(await object(), 'RotationSucceeded')?.status === 'True', 60_000);
    const shown = await object();
    const [, newCA] = await authorities();
    expect(shown?.status?.lastRotation).toMatchObject({ startedBy: 'ThisController', oldCA, newCA, attempts: 1 });
    expect(shown?.status?.preflight).toBeUndefined();
    expect(posts()).toBe(1);
    expect(await authorities()).toHaveLength(2);
  });
});
