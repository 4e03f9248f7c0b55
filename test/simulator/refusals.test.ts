import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startSimulator } from '../../simulator/index.ts';
import type { Role, Simulator } from '../../simulator/index.ts';
import { armClient } from './arm-client.ts';
import type { ArmClient } from './arm-client.ts';
import { makeElements } from './certificates.ts';
import type { Element } from './certificates.ts';

let simulator: Simulator;
let arm: ArmClient;
let elements: Element[];

beforeAll(async () => {
  simulator = await startSimulator({ speed: 100_000, throttling: false });
  arm = await armClient(simulator);
  elements = await makeElements(11);
});
afterAll(async () => {
  await arm.close();
  await simulator.stop();
});

const addCluster = () => simulator.addCluster({ name: `c-${randomUUID()}` });
const withList = (list: readonly unknown[]) =>
  JSON.stringify({ properties: { securityProfile: { customCATrustCertificates: list } } });
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a list is refused', () => {
  const NOT_PEM = {
    code: 'InvalidParameter',
    message: 'failed to decode one of SecurityProfile.CustomCATrustCertificates to PEM after base64 decoding',
  };
  it.each<[string, () => string]>([
    ['text that is not base64', () => 'a-b'],
    ['base64 of something that is not PEM', () => base64('certificate')],
    ['base64 of base64', () => base64(elements[0]!.base64)],
    ['two certificates in one element', () => base64(elements[0]!.pem + elements[1]!.pem)],
    ['text around the certificate', () => base64(`# ours\n${elements[0]!.pem}`)],
    ['CRLF line ends', () => base64(elements[0]!.pem.replaceAll('\n', '\r\n'))],
    [
      'a PEM block that holds no certificate',
      () => base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'),
    ],
    ['another kind of PEM block', () => base64(elements[0]!.pem.replaceAll('CERTIFICATE', 'PUBLIC KEY'))],
    ['an empty element', () => ''],
  ])('for %s, with a bare error body', async (_, element) => {
    const cluster = addCluster();
    const answer = await arm.put(cluster.resourceId, withList([elements[1]!.base64, element()]));
    expect(answer).toMatchObject({ status: 400, body: NOT_PEM });
    expect(cluster.list()).toEqual([]);
    expect(cluster.provisioningState).toBe('Succeeded');
  });

  it('with more than ten elements, and taken with ten', async () => {
    const cluster = addCluster();
    const all = elements.map((element) => element.base64);
    expect(await arm.put(cluster.resourceId, withList(all))).toMatchObject({ status: 400 });
    expect(await arm.put(cluster.resourceId, withList(all.slice(0, 10)))).toMatchObject({ status: 200 });
  });

  it('unless its odd elements were there before', async () => {
    const odd = base64('not PEM at all');
    const cluster = simulator.addCluster({ name: 'odd', customCATrustCertificates: [odd] });
    expect((await arm.put(cluster.resourceId, withList([odd, elements[0]!.base64]))).status).toBe(200);
  });

  it('when it is not one', async () => {
    expect(await arm.put(addCluster().resourceId, withList([1]))).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidRequestContent' } },
    });
  });
});

describe('a PUT is refused', () => {
  it('while another operation is in progress, also when it would change nothing', async () => {
    const cluster = addCluster();
    cluster.setState({ provisioningState: 'Upgrading' });
    expect(await arm.put(cluster.resourceId, '{}')).toMatchObject({
      status: 409,
      body: {
        code: 'OperationNotAllowed',
        message: expect.stringMatching(
          /^Operation is not allowed because there's an in progress upgrade managed cluster operation \(operation ID: [0-9a-f-]{36}\) on the managed cluster started on \S+Z UTC\. Please wait/,
        ),
      },
    });
    cluster.setState({ provisioningState: 'Succeeded', poolStates: { system: 'Scaling' } });
    expect((await arm.put(cluster.resourceId, '{}')).text).toContain(
      "there's an in progress scale node pool operation",
    );
  });

  it('while the cluster is stopped', async () => {
    const cluster = addCluster();
    cluster.setState({ powerState: 'Stopped' });
    expect((await arm.get(cluster.resourceId)).body).toMatchObject({ properties: { powerState: { code: 'Stopped' } } });
    expect(await arm.put(cluster.resourceId, withList([]))).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('Power State(Stopped)') },
    });
    cluster.setState({ powerState: 'Running' });
    expect((await arm.put(cluster.resourceId, withList([elements[0]!.base64]))).status).toBe(200);
  });

  it('when it is not JSON', async () => {
    expect(await arm.put(addCluster().resourceId, '{"a":')).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidRequestContent' } },
    });
  });

  it('when it moves the cluster to another region', async () => {
    expect(await arm.put(addCluster().resourceId, '{"location":"eastus"}')).toMatchObject({
      status: 400,
      body: { code: 'PropertyChangeNotAllowed' },
    });
  });
});

describe('eTags', () => {
  const eTagOf = async (id: string) => String((await arm.get(id)).body?.['eTag']);

  it('hold a PUT back that was made for another state of the cluster', async () => {
    const cluster = addCluster();
    const old = await eTagOf(cluster.resourceId);
    expect((await arm.put(cluster.resourceId, withList([elements[0]!.base64]), { 'if-match': old })).status).toBe(200);
    await cluster.idle();
    const refused = await arm.put(cluster.resourceId, withList([]), { 'if-match': old });
    expect(refused).toMatchObject({ status: 412, body: { code: 'PreConditionFailed' } });
    const quoted = `"${await eTagOf(cluster.resourceId)}"`;
    expect((await arm.put(cluster.resourceId, withList([]), { 'if-match': quoted })).status).toBe(200);
  });

  it('change with every change of the cluster, at its start and at its end', async () => {
    const cluster = addCluster();
    const before = cluster.eTag;
    await arm.put(cluster.resourceId, withList([elements[0]!.base64]));
    const during = cluster.eTag;
    await cluster.idle();
    expect(new Set([before, during, cluster.eTag]).size).toBe(3);
  });

  it("of the cluster do not change when only a pool is scaled, the pool's does", async () => {
    const cluster = addCluster();
    const before = (await arm.get(`${cluster.resourceId}/agentPools/system`)).body?.['properties'] as { eTag: string };
    const eTag = await eTagOf(cluster.resourceId);
    cluster.scale('system', 4);
    await cluster.idle();
    expect(await eTagOf(cluster.resourceId)).toBe(eTag);
    const after = (await arm.get(`${cluster.resourceId}/agentPools/system`)).body?.['properties'] as { eTag: string };
    expect(after.eTag).not.toBe(before.eTag);
    expect(cluster.nodes()).toHaveLength(4);
  });

  it('stay when a PUT changes nothing', async () => {
    const cluster = addCluster();
    const { text } = await arm.get(cluster.resourceId);
    const answer = await arm.put(cluster.resourceId, text);
    expect(answer.status).toBe(200);
    expect(answer.headers['azure-asyncoperation']).toBeUndefined();
    expect(answer.text).toBe(text);
  });

  it('keep a lost cluster from being made anew', async () => {
    const cluster = addCluster();
    await cluster.delete();
    expect((await arm.put(cluster.resourceId, withList([]), { 'if-match': '*' })).status).toBe(412);
    expect(cluster.exists).toBe(false);
    const answer = await arm.put(cluster.resourceId, '{"location":"westeurope"}');
    expect(answer).toMatchObject({ status: 201, body: { properties: { provisioningState: 'Creating' } } });
    expect(cluster.exists).toBe(true);
  });

  it('are missing when they are switched off', async () => {
    const without = await startSimulator({ eTags: false });
    const client = await armClient(without);
    const { text } = await client.get(without.addCluster({ name: 'c' }).resourceId);
    expect(text).toContain('"agentPoolProfiles"');
    expect(text).not.toMatch(/etag/i);
    await client.close();
    await without.stop();
  });
});

describe('ARM refuses', () => {
  const id = () =>
    `/subscriptions/${simulator.subscriptionId}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters`;

  it('what is not there, saying what it is', async () => {
    addCluster();
    expect(await arm.get(`${id()}/none`)).toMatchObject({
      status: 404,
      body: {
        error: {
          code: 'ResourceNotFound',
          message: expect.stringContaining(
            "'Microsoft.ContainerService/managedClusters/none' under resource group 'rg' was not found",
          ),
        },
      },
    });
    expect(await arm.get(id().replace('/rg/', '/other/'))).toMatchObject({
      status: 404,
      body: { error: { code: 'ResourceGroupNotFound' } },
    });
    expect(await arm.get(id().replace(simulator.subscriptionId, randomUUID()))).toMatchObject({
      status: 404,
      body: { error: { code: 'SubscriptionNotFound' } },
    });
  });

  it('api-versions it does not know', async () => {
    const cluster = addCluster();
    expect(await arm.get(`${cluster.resourceId}?api-version=2019-01-01`)).toMatchObject({
      status: 400,
      body: { error: { code: 'NoRegisteredProviderFound' } },
    });
    expect(await arm.get(`${cluster.resourceId}?api-version=`)).toMatchObject({
      status: 400,
      body: { error: { code: 'MissingApiVersionParameter' } },
    });
  });

  it('requests without a valid token', async () => {
    const path = `${addCluster().resourceId}?api-version=2026-04-01`;
    const send = (authorization?: string) =>
      arm.send('GET', path, authorization === undefined ? {} : { authorization });
    expect(await send()).toMatchObject({ status: 401, body: { error: { code: 'AuthenticationFailed' } } });
    expect((await send()).headers['www-authenticate']).toMatch(/^Bearer authorization_uri="https:/);
    expect(await send('Bearer nonsense')).toMatchObject({
      status: 401,
      body: { error: { code: 'InvalidAuthenticationToken' } },
    });
    const [header, claims] = arm.token.split('.');
    expect((await send(`Bearer ${header}.${claims}.${'A'.repeat(86)}`)).status).toBe(401);
    expect((await send(`Bearer ${arm.token}`)).status).toBe(200);
  });

  it("another simulator's tokens, expired ones, and ones for another resource", async () => {
    let now = Date.now();
    const other = await startSimulator({ realNow: () => now, tokenSeconds: 60 });
    const client = await armClient(other);
    const { resourceId } = other.addCluster({ name: 'c' });
    expect((await client.get(resourceId)).status).toBe(200);
    expect((await client.get(resourceId, { authorization: `Bearer ${arm.token}` })).status).toBe(401);
    const elsewhere = await armClient(other, other.addClient(), 'https://vault.azure.net/.default');
    expect(await elsewhere.get(resourceId)).toMatchObject({
      status: 401,
      body: { error: { code: 'InvalidAuthenticationTokenAudience' } },
    });
    await elsewhere.close();
    now += 61_000;
    expect(await client.get(resourceId)).toMatchObject({
      status: 401,
      body: { error: { code: 'ExpiredAuthenticationToken' } },
    });
    await client.close();
    await other.stop();
  });

  it('what a client has no role for, naming action and scope', async () => {
    const cluster = addCluster();
    const other = addCluster();
    const roles: Role[] = [
      { scope: cluster.resourceId.toUpperCase(), actions: ['Microsoft.ContainerService/managedClusters/read'] },
    ];
    const app = simulator.addClient({ roles });
    const client = await armClient(simulator, app);
    expect((await client.get(cluster.resourceId)).status).toBe(200);
    expect((await client.get(other.resourceId)).status).toBe(403);
    const refused = await client.put(cluster.resourceId, '{}');
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'AuthorizationFailed' } } });
    expect(refused.text).toContain(
      `The client '${app.clientId}' with object id '${app.objectId}' does not have authorization to perform action ` +
        `'Microsoft.ContainerService/managedClusters/write' over scope '${cluster.resourceId}'`,
    );
    simulator.setRoles(app.clientId, [
      { scope: cluster.resourceId, actions: ['Microsoft.ContainerService/managedClusters/*'] },
    ]);
    expect((await client.put(cluster.resourceId, '{}')).status).toBe(200);
    await client.close();
  });

  it('a body that names a subnet the client may not join', async () => {
    const subnet = '/subscriptions/s/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/v/subnets/s';
    const cluster = simulator.addCluster({
      name: 'subnet',
      extraBody: { properties: { agentPoolProfiles: [{ name: 'system', count: 1, vnetSubnetID: subnet }] } },
    });
    const app = simulator.addClient({ roles: [{ scope: cluster.resourceId, actions: ['*'] }] });
    const client = await armClient(simulator, app);
    const { text } = await client.get(cluster.resourceId);
    const refused = await client.put(cluster.resourceId, text);
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'LinkedAuthorizationFailed' } } });
    expect(refused.text).toContain(
      `'Microsoft.Network/virtualNetworks/subnets/join/action' on the linked scope(s) '${subnet}'`,
    );
    await client.close();
  });
});
