import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { API_VERSION } from '../../src/api/names.ts';
import { connect } from '../../src/kubernetes/client/connection.ts';
import { armClient } from '../simulator/arm-client.ts';
import { startTargetApiServer, type TargetApiServer } from './target-api-server.ts';
import { installRole } from './target-role.ts';
import {
  condition,
  entry,
  eventually,
  fingerprints,
  isReady,
  listed,
  roots,
  SEES_NODES,
  startRig,
  type Rig,
} from './rig.ts';

const ENTRA = { properties: { aadProfile: { managed: true }, disableLocalAccounts: true } };
const GROUP = '5b1f6f10-3c5b-4b6a-9b8f-0a1aa2cc6c1b';
const { Actions: BASE } = JSON.parse(
  readFileSync(new URL('../../deploy/azure/role.json', import.meta.url), 'utf8'),
) as { Actions: string[] };
const LIST_CREDENTIAL = 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action';

let rig: Rig;
let target: TargetApiServer;
let client: ReturnType<Rig['simulator']['addClient']>;
/** Of the objects of all tests so far. */
const statuses: string[] = [];
beforeAll(async () => {
  rig = await startRig();
  target = await startTargetApiServer(rig.simulator);
  client = rig.simulator.addClient({ groups: [GROUP] });
}, 240_000);
afterEach(async () => {
  statuses.push(...(await trusts()).map(({ status }) => JSON.stringify(status)));
  await rig.cleanUp();
  await target.unbind().catch(() => {});
});
afterAll(async () => {
  await target.stop();
  await rig.stop();
});

const by = (way: NonNullable<CustomCATrust['spec']['target']['nodeAccess']>, ...numbers: number[]) => ({
  certificates: [entry('a', ...roots(...numbers))],
  target: { nodeAccess: way, resourceId: '' },
});
const grant = (...actions: string[]) => rig.simulator.setRoles(client.clientId, [{ scope: '/', actions }]);
const asked = () => rig.simulator.journal().filter(({ operation }) => operation === 'ListClusterUserCredential').length;
const said = (object: CustomCATrust | undefined, type = 'Applied') => condition(object, type)?.message ?? '';

async function trusts(): Promise<CustomCATrust[]> {
  const path = `/apis/${API_VERSION}/namespaces/${rig.namespace}/customcatrusts`;
  return ((await rig.admin.request({ path })) as { items: CustomCATrust[] }).items;
}

/** A cluster whose nodes are in the target's API server, and whose kubeconfigs name it. */
async function addCluster(extraBody: Record<string, unknown> = {}) {
  const cluster = await rig.addCluster({ kubeconfig: target.seed, extraBody });
  cluster.setAccess(await target.access());
  return cluster;
}

async function startController() {
  grant(...BASE, LIST_CREDENTIAL);
  return rig.startController({ client });
}

describe('nodes by way of Azure', () => {
  it('are seen through a whole change with the local account from ARM', async () => {
    const cluster = await addCluster();
    await startController();
    await rig.apply('one', cluster, by({ azure: {} }, 0, 1));
    const ready = await rig.until('one', isReady, 'Ready');
    expect(ready.status?.nodes).toMatchObject({ total: 2, reimaged: 2 });
    expect(listed(cluster)).toEqual(fingerprints(0, 1));
    expect(asked()).toBe(1);
  }, 60_000);

  it("are seen through a whole change with the controller's own identity, which a group's right is enough for", async () => {
    const cluster = await addCluster(ENTRA);
    await target.bind('Group', GROUP);
    await startController();
    await rig.apply('one', cluster, by({ azure: {} }, 0));
    const ready = await rig.until('one', isReady, 'Ready');
    expect(ready.status?.nodes).toMatchObject({ total: 2, reimaged: 2 });
    expect(asked()).toBe(1);
  }, 60_000);

  it('are not seen without the right in the cluster: nothing is sent, and the message says what to bind', async () => {
    const cluster = await addCluster(ENTRA);
    await startController();
    await rig.apply('one', cluster, by({ azure: {} }, 0));
    const held = await rig.until('one', (object) => /403/.test(said(object)), 'held for a right');
    expect(said(held)).toContain(`User "${client.objectId}" cannot list resource "nodes"`);
    expect(said(held)).toContain('Bind the ClusterRole of deploy/target-cluster to the object id');
    expect(rig.puts(cluster)).toEqual([]);
    await target.bind('User', client.objectId);
    const ready = await rig.until('one', isReady, 'Ready');
    expect(ready.status?.nodes?.summary).toBe('2/2');
  }, 60_000);

  it('are not seen without the role in Azure: the message names the action and the role', async () => {
    const cluster = await addCluster();
    const controller = await startController();
    grant(...BASE);
    await rig.apply('one', cluster, by({ azure: {} }, 0));
    const held = await rig.until('one', (object) => /AuthorizationFailed/.test(said(object)), 'held for a role');
    expect(said(held)).toContain(LIST_CREDENTIAL);
    expect(said(held)).toContain('"Azure Kubernetes Service Cluster User Role"');
    expect(rig.puts(cluster)).toEqual([]);
    grant(...BASE, LIST_CREDENTIAL);
    await rig.until('one', isReady, 'Ready');
    await controller.stop();
  }, 60_000);

  it('are not seen where there is no way in, and that is said', async () => {
    const closed = await addCluster({ properties: { disableLocalAccounts: true } });
    const hidden = await rig.addCluster({ extraBody: { properties: { privateFQDN: 'prod.privatelink.invalid' } } });
    await startController();
    await rig.apply('closed', closed, by({ azure: {} }, 0));
    await rig.apply('hidden', hidden, by({ azure: {} }, 0));
    const one = await rig.until('closed', (object) => /local accounts/.test(said(object)), 'held for Entra');
    expect(said(one)).toContain('az aks update --enable-aad');
    const other = await rig.until('hidden', (object) => /does not resolve/.test(said(object)), 'held for DNS');
    expect(said(other)).toContain('private DNS zone');
    expect([...rig.puts(closed), ...rig.puts(hidden)]).toEqual([]);
  }, 60_000);

  it('are seen on when certificates and accounts are rotated in mid-operation: ARM is asked again', async () => {
    const cluster = await addCluster();
    await startController();
    await rig.apply('one', cluster, by({ azure: {} }, 0));
    await eventually(async () => rig.puts(cluster).length === 1);
    expect(asked()).toBe(1);
    await target.rotate();
    cluster.setAccess(await target.access());
    await eventually(async () => asked() > 1);
    const ready = await rig.until('one', isReady, 'Ready');
    expect(ready.status?.nodes).toMatchObject({ total: 2, reimaged: 2 });
    expect(rig.puts(cluster)).toHaveLength(1);
  }, 90_000);

  it('leave no secret in logs and statuses', async () => {
    // As text, in base64, and tokens; by now all of them were used.
    const secrets = /PRIVATE KEY|client-key-data|LS0tLS1CRUdJTiB(?:QUklWQVRF|FQy|SU0E)|eyJhbGciOi/;
    expect(statuses.length).toBeGreaterThan(5);
    expect([...rig.logs, ...statuses].filter((text) => secrets.test(text))).toEqual([]);
  });
});

describe('nodes of the cluster the controller is in', () => {
  it('are seen through a whole change once its ServiceAccount has the role, and not before', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    await rig.startController({ rules: { isOwnCluster: () => true } });
    await rig.apply('own', cluster, by({ inCluster: {} }, 0));
    const held = await rig.until('own', (object) => /403/.test(said(object)), 'held for a right');
    expect(said(held)).toContain("to the controller's ServiceAccount");
    expect(rig.puts(cluster)).toEqual([]);
    await installRole(rig.admin);
    await rig.admin.request({
      method: 'POST',
      path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'aks-ca-trust-nodes' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'aks-ca-trust-nodes' },
        subjects: [{ kind: 'ServiceAccount', name: 'aks-ca-trust', namespace: 'aks-ca-trust-system' }],
      },
    });
    const ready = await rig.until('own', isReady, 'Ready');
    expect(ready.status?.nodes).toMatchObject({ total: 2, reimaged: 2 });
  }, 60_000);
});

describe('the way to nodes', () => {
  it('may change in mid-operation: what was begun with one is seen through with another', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    cluster.setAccess(rig.plane.config);
    await startController();
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))], target: SEES_NODES });
    await eventually(async () => rig.puts(cluster).length === 1);
    const { status } = (await rig.record(cluster))!;
    expect(status?.operation?.baseline).toBeDefined();
    await rig.apply('one', cluster, by({ azure: {} }, 0));
    const ready = await rig.until('one', isReady, 'Ready');
    expect(ready.status?.nodes).toMatchObject({ total: 2, reimaged: 2 });
    expect(asked()).toBeGreaterThan(0);
    expect(rig.puts(cluster)).toHaveLength(1);
  }, 60_000);

  it('is the operator’s, where an object of the namespace names it, and another one’s Secret is not there', async () => {
    const cluster = await addCluster();
    await startController();
    await rig.apply('b', cluster, by({ kubeconfigSecretRef: { name: 'absent' } }, 0));
    const held = await rig.until('b', (object) => /absent/.test(said(object)), 'held for the Secret');
    expect(rig.puts(cluster)).toEqual([]);
    expect(isReady(held)).toBe(false);
    await rig.apply('a', cluster, by({ azure: {} }, 0));
    await rig.until('a', isReady, 'Ready');
    await rig.until('b', isReady, 'Ready as well');
  }, 60_000);
});

describe('the API server of a cluster with Microsoft Entra ID', () => {
  it.each([
    ['6dae42f8-4368-4678-94ff-3960e28e3630', 200],
    ['80faf920-1908-4b52-b5ef-a8e7bedfc67a', 401],
    ['https://management.azure.com', 401],
  ])('answers a token for %s with %i', async (audience, status) => {
    await target.bind('User', client.objectId);
    const token = await tokenFor(audience);
    const { server, caPem } = target.seed;
    const connection = connect({ server, caPem, token });
    const answer = await connection.request({ path: '/api/v1/nodes' }).then(
      () => 200,
      (error: { status: number }) => error.status,
    );
    await connection.close();
    expect(answer).toBe(status);
  });

  it('lets its role read what is needed, and nothing else', async () => {
    await target.bind('User', client.objectId);
    const { server, caPem } = target.seed;
    const connection = connect({ server, caPem, token: await tokenFor('6dae42f8-4368-4678-94ff-3960e28e3630') });
    const statusOf = (path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET') =>
      connection.request({ path, method, ...(method === 'POST' ? { body: {} } : {}) }).then(
        () => 200,
        (error: { status: number }) => error.status,
      );
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
    for (const path of ['/api/v1/nodes', '/api/v1/namespaces/default/events', '/api/v1/pods', budgets])
      expect(await statusOf(path)).toBe(200);
    for (const path of ['/api/v1/nodes', '/api/v1/namespaces/default/events']) {
      const lines = await connection.stream({ path, query: { watch: '1', timeoutSeconds: '1' } });
      for await (const line of lines) expect(line).toContain('"type"');
    }
    expect(await statusOf('/api/v1/namespaces/default/pods/none')).toBe(404);
    for (const path of ['/api/v1/secrets', '/api/v1/nodes/any', '/api/v1/namespaces'])
      expect(await statusOf(path)).toBe(403);
    for (const method of ['POST', 'DELETE'] as const) expect(await statusOf('/api/v1/nodes', method)).toBe(403);
    await connection.close();
  });
});

/** A token of the client, as the token endpoint gives it. */
async function tokenFor(audience: string): Promise<string> {
  const signedIn = await armClient(rig.simulator, client, `${audience}/.default`);
  await signedIn.close();
  return signedIn.token;
}
