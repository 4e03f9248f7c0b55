import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Simulator } from '../../simulator/index.ts';
import { RECONCILE_REQUESTED_AT } from '../../src/api/names.ts';
import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { readPolicy } from '../../src/policy/read-policy.ts';
import { condition, entry, eventually, isReady, roots, startRig, type Rig } from '../integration/rig.ts';
import { applyRotation, getRotation, removeRotation, rotationPath } from '../integration/rotation-object.ts';

jest.setTimeout(60_000);

interface Role {
  readonly Name: string;
  readonly Actions: readonly string[];
  readonly AssignableScopes: readonly string[];
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const roleIn = (file: string) => JSON.parse(read(`deploy/${file}`)) as Role;
const OPERATOR = roleIn('azure/role.json');
const READER = roleIn('azure/reader-role.json');
const LINKED = roleIn('azure/linked-role.json');
const WATCHER = roleIn('azure/certificates-role.json');
const ROTATOR = roleIn('azure/rotator-role.json');
const CHECKS = roleIn('azure/rotation-checks-role.json');
const ALL_RIGHTS =
  'rules:\n  - namespaces: ["*"]\n    clusters: ["/subscriptions/*/resourceGroups/*/*"]\n    rotate: true\n';

let rig: Rig;
let client: ReturnType<Simulator['addClient']>;
beforeAll(async () => {
  rig = await startRig();
  client = rig.simulator.addClient({ roles: [] });
}, 180_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const group = () => `/subscriptions/${rig.simulator.subscriptionId}/resourceGroups/rg`;
const grant = (...roles: { scope: string; actions: readonly string[] }[]) =>
  rig.simulator.setRoles(client.clientId, roles);

describe('the role of a reader', () => {
  it('is that of the operator without the right to write', () => {
    expect([...READER.Actions, 'Microsoft.ContainerService/managedClusters/write'].sort()).toEqual(OPERATOR.Actions);
  });

  it('lets the controller show what a cluster has, and a change is refused in words', async () => {
    grant({ scope: group(), actions: READER.Actions });
    const cluster = await rig.addCluster();
    await rig.startController({ client });
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    const isDenied = (object: Parameters<typeof isReady>[0]) => condition(object, 'Applied')?.reason === 'AccessDenied';
    const object = await rig.until('one', isDenied, 'AccessDenied');
    expect(object.status?.certificateSlots).toMatchObject({ used: 0 });
    expect(condition(object, 'Applied')?.message).toContain('Microsoft.ContainerService/managedClusters/write');
    expect(cluster.list()).toEqual([]);
  });
});

describe('the roles for the certificates of a cluster', () => {
  const rowOf = (object: CertificateRotation | undefined, name: string) =>
    object?.status?.certificates?.find((row) => row.name === name);
  const succeeded = (object: CertificateRotation | undefined) =>
    object?.status?.conditions?.find(({ type }) => type === 'RotationSucceeded');

  it('let the cluster CA be seen by one who may change nothing, and name the action where it is missing', async () => {
    const missing = 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action';
    grant({ scope: group(), actions: WATCHER.Actions.filter((action) => action !== missing) });
    const cluster = await rig.addCluster({ nodes: true });
    await rig.startController({ client });
    await applyRotation(rig, 'one', cluster);
    const row = await eventually(async () => rowOf(await getRotation(rig, 'one'), 'ClusterCA'));
    expect(row).toMatchObject({ health: 'Unknown', message: expect.stringContaining(missing) as unknown });
    await removeRotation(rig, 'one');
    grant({ scope: group(), actions: WATCHER.Actions });
    await applyRotation(rig, 'two', cluster);
    await eventually(async () => rowOf(await getRotation(rig, 'two'), 'ClusterCA')?.fingerprintSHA256);
    await removeRotation(rig, 'two');
  });

  it('let a rotation be sent by one who has the role for that besides, and name the action where it is missing', async () => {
    const reading = readPolicy(ALL_RIGHTS);
    if (!reading.ok) throw new Error('the policy is wrong');
    const rotate = 'Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action';
    const reader = { scope: group(), actions: READER.Actions };
    grant(reader, { scope: group(), actions: ROTATOR.Actions.filter((action) => action !== rotate) });
    const cluster = await rig.addCluster({ nodes: true });
    // Two reads of the CA have to agree before it is rotated.
    const rotation = { ...DEFAULT_TIMING.rotation, agreeing: 500 };
    await rig.startController({ client, policy: () => reading.policy, timing: { rotation } });
    await applyRotation(rig, 'one', cluster);
    const replaceCA = await eventually(
      async () => rowOf(await getRotation(rig, 'one'), 'ClusterCA')?.fingerprintSHA256,
    );
    await applyRotation(rig, 'one', cluster, { mode: 'Rotate', acceptDowntime: true, request: { replaceCA } });
    const denied = await eventually(async () => {
      const found = succeeded(await getRotation(rig, 'one'));
      return found?.message.includes(rotate) ? found : undefined;
    });
    expect(denied.status).not.toBe('True');
    const accepted = () =>
      rig.simulator
        .journal()
        .filter(({ operation, status }) => operation === 'RotateClusterCertificates' && status === 202);
    expect(accepted()).toEqual([]);
    grant(reader, { scope: group(), actions: ROTATOR.Actions });
    await rig.admin.request({
      method: 'PATCH',
      path: rotationPath(rig.namespace, 'one'),
      contentType: 'application/merge-patch+json',
      body: { metadata: { annotations: { [RECONCILE_REQUESTED_AT]: 'now' } } },
    });
    await eventually(async () => accepted().length === 1);
    await removeRotation(rig, 'one');
  });
});

describe('the role for the checks before a rotation', () => {
  const ACTIONS = {
    NoLock: 'Microsoft.Authorization/locks/read',
    // The simulator shows each caller its own permissions, as ARM mostly does.
    Permission: 'Microsoft.Authorization/permissions/read',
    VersionSupported: 'Microsoft.ContainerService/locations/kubernetesVersions/read',
    NoUpgradeWindow: 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations/read',
  };
  type Rows = ReadonlyMap<string, { readonly result: string; readonly message: string }>;

  /** The rows of a rotation that is due, and that waits for a node pool. */
  async function rowsWith(checks: readonly string[], name: string): Promise<Rows> {
    const reading = readPolicy(ALL_RIGHTS);
    if (!reading.ok) throw new Error('the policy is wrong');
    const subscription = `/subscriptions/${rig.simulator.subscriptionId}`;
    const own = [...WATCHER.Actions, ...ROTATOR.Actions];
    grant({ scope: group(), actions: own }, { scope: subscription, actions: checks });
    const cluster = await rig.addCluster({ handshakes: true });
    cluster.setState({ poolStates: { system: 'Scaling' } });
    await rig.startController({ client, policy: () => reading.policy });
    const replaceCA = (await cluster.certificates()).authorities[0]!.fingerprint;
    await applyRotation(rig, name, cluster, { mode: 'Rotate', acceptDowntime: true, request: { replaceCA } });
    const rows = await eventually(async () => (await getRotation(rig, name))?.status?.preflight);
    await removeRotation(rig, name);
    return new Map(rows.map((row) => [row.name, row]));
  }

  it('has an action for each check that asks ARM, and all of them are known with it', async () => {
    expect([...CHECKS.Actions]).toEqual(Object.values(ACTIONS));
    const rows = await rowsWith(CHECKS.Actions, 'checked');
    for (const name of Object.keys(ACTIONS)) expect(rows.get(name)).toMatchObject({ result: 'Passed' });
  });

  it.each(['NoLock', 'VersionSupported', 'NoUpgradeWindow'] as const)(
    'is missed by %s, which names the action',
    async (name) => {
      const less = CHECKS.Actions.filter((action) => action !== ACTIONS[name]);
      const rows = await rowsWith(less, name.toLowerCase());
      expect(rows.get(name)).toMatchObject({
        result: 'Unknown',
        message: expect.stringContaining(ACTIONS[name]) as unknown,
      });
    },
  );
});

describe('the role for linked resources', () => {
  const id = (provider: string) =>
    `/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/net/providers/${provider}`;
  const subnet = id('Microsoft.Network/virtualNetworks/hub/subnets/nodes');
  const identity = id('Microsoft.ManagedIdentity/userAssignedIdentities/cluster');
  const workspace = id('Microsoft.OperationalInsights/workspaces/logs');

  it.each([
    [
      'Microsoft.Network/virtualNetworks/subnets/join/action',
      subnet,
      { properties: { agentPoolProfiles: [{ name: 'system', count: 1, vnetSubnetID: subnet }] } },
    ],
    [
      'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
      identity,
      { identity: { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } } },
    ],
    [
      'Microsoft.OperationalInsights/workspaces/sharedkeys/read',
      workspace,
      { properties: { securityProfile: { defender: { logAnalyticsWorkspaceResourceId: workspace } } } },
    ],
  ])('has %s, which a write needs of a cluster that refers to such a resource', async (action, scope, extraBody) => {
    expect(LINKED.Actions).toContain(action);
    const operator = { scope: group(), actions: OPERATOR.Actions };
    grant(operator, { scope, actions: LINKED.Actions.filter((other) => other !== action) });
    const cluster = await rig.addCluster({ extraBody });
    await rig.startController({ client });
    await rig.apply('one', cluster, { certificates: [entry('a', ...roots(0))] });
    const says = (object: Parameters<typeof isReady>[0]) => condition(object, 'Applied')?.message ?? '';
    const object = await rig.until('one', (object) => says(object).includes(action), action);
    expect(says(object)).toContain(`Grant ${action} on ${scope} to the controller's identity`);
    expect(cluster.list()).toEqual([]);
    grant(operator, { scope, actions: LINKED.Actions });
    // A missing right is tried again after minutes, or at once when a person asks for it.
    await rig.annotate('one', { [RECONCILE_REQUESTED_AT]: 'now' });
    await rig.until('one', isReady, 'Ready');
  });

  it('has no other action', () => expect(LINKED.Actions).toHaveLength(3));
});

describe('the commands of the page on installing', () => {
  const commands = [...read('docs/how-to/install.md').matchAll(/```sh\n(.*?)```/gs)].map(([, text = '']) => text);
  const create = commands.find((text) => text.includes('az role definition create')) ?? '';

  it.each([
    ['/subscriptions/00000000-0000-0000-0000-000000000000', undefined],
    [
      '/providers/Microsoft.Management/managementGroups/platform',
      '/providers/Microsoft.Management/managementGroups/platform',
    ],
  ])('make roles that can be assigned in %s', (wanted, scope) => {
    // The Azure CLI gives the id of the subscription, and prints what it is given.
    const az = `az() { if [ "$1" = account ]; then echo 00000000-0000-0000-0000-000000000000; else printf '%s\\0' "$5"; fi; }`;
    const script = scope === undefined ? create : create.replace(/^SCOPE=.*$/m, `SCOPE=${scope}`);
    const cwd = new URL('../..', import.meta.url);
    const printed = execFileSync('bash', ['-c', `${az}\n${script}`], { cwd, encoding: 'utf8' });
    const roles = printed
      .split('\0')
      .slice(0, -1)
      .map((text) => JSON.parse(text) as Role);
    expect(roles.map(({ Name }) => Name)).toEqual([OPERATOR.Name]);
    expect(roles.map(({ AssignableScopes }) => AssignableScopes)).toEqual([[wanted]]);
  });
});
