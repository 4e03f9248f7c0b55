import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Simulator } from '../../simulator/index.ts';
import { RECONCILE_REQUESTED_AT } from '../../src/api/names.ts';
import { condition, entry, isReady, roots, startRig, type Rig } from '../integration/rig.ts';

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
