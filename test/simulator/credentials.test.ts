import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ContainerServiceClient } from '@azure/arm-containerservice';
import { ClientSecretCredential } from '@azure/identity';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { parse } from 'yaml';
import { startSimulator, type ClusterSeed, type Simulator } from '../../simulator/index.ts';
import { makeServingCertificate } from '../../simulator/http/certificates.ts';
import { armClient, API_VERSION } from './arm-client.ts';

const SERVER_APPLICATION = '6dae42f8-4368-4678-94ff-3960e28e3630';
const ENTRA = { properties: { aadProfile: { managed: true } } };
const NO_ACCOUNTS = { properties: { disableLocalAccounts: true } };

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ speed: 1000, throttling: false });
});
afterAll(() => simulator.stop());

interface Kubeconfig {
  readonly 'current-context': string;
  readonly clusters: readonly { cluster: Record<string, string>; name: string }[];
  readonly contexts: readonly { context: { cluster: string; user: string }; name: string }[];
  readonly users: readonly { name: string; user: Record<string, unknown> }[];
}

let count = 0;
function add(seed: Partial<ClusterSeed> = {}) {
  return simulator.addCluster({ name: `k${(count += 1)}`, resourceGroup: 'creds', ...seed });
}

async function ask(resourceId: string, who: 'User' | 'Admin' = 'User', query = '') {
  const client = await armClient(simulator);
  const path = `${resourceId}/listCluster${who}Credential?api-version=${API_VERSION}${query}`;
  const answer = await client.send('POST', path, { authorization: `Bearer ${client.token}` });
  await client.close();
  const [first] = (answer.body?.['kubeconfigs'] ?? []) as { name: string; value: string }[];
  const config = first && (parse(Buffer.from(first.value, 'base64').toString()) as Kubeconfig);
  return { ...answer, name: first?.name, config };
}

describe('kubeconfigs', () => {
  it("are handed out to Azure's own client, of the cluster's API server and with an account that it knows", async () => {
    const { caPem, certPem, keyPem } = await makeServingCertificate([], Date.now());
    // No node is made, so that no client connects to the server.
    const access = { server: 'https://127.0.0.1:1', caPem, certPem, keyPem };
    const { resourceId } = add({ name: 'mine', kubeconfig: access, pools: [] });
    expect(resourceId).toMatch(/mine$/);
    const { clientId, clientSecret } = simulator.addClient();
    const tls = { tlsOptions: { ca: simulator.caPem } };
    const credential = new ClientSecretCredential(simulator.tenantId, clientId, clientSecret, {
      authorityHost: simulator.authority,
      disableInstanceDiscovery: true,
      ...tls,
    });
    const client = new ContainerServiceClient(credential, simulator.subscriptionId, {
      endpoint: simulator.url,
      credentials: { scopes: [`${simulator.url}/.default`] },
      ...tls,
    });
    const { kubeconfigs } = await client.managedClusters.listClusterUserCredentials('creds', 'mine');
    expect(kubeconfigs?.map(({ name }) => name)).toEqual(['clusterUser']);
    const config = parse(Buffer.from(kubeconfigs![0]!.value!).toString()) as Kubeconfig;
    const encoded = (text: string) => Buffer.from(text).toString('base64');
    expect(config).toMatchObject({
      'current-context': 'mine',
      clusters: [{ name: 'mine', cluster: { server: access.server, 'certificate-authority-data': encoded(caPem) } }],
      contexts: [{ name: 'mine', context: { cluster: 'mine', user: 'clusterUser_creds_mine' } }],
      users: [
        {
          name: 'clusterUser_creds_mine',
          user: { 'client-certificate-data': encoded(certPem), 'client-key-data': encoded(keyPem) },
        },
      ],
    });
  });

  it('of the administrator have a user of their own', async () => {
    const { resourceId } = add({ name: 'administered' });
    const { config, name } = await ask(resourceId, 'Admin');
    expect(name).toBe('clusterAdmin');
    expect(config?.['current-context']).toBe('administered');
    expect(config?.users[0]?.name).toBe('clusterAdmin_creds_administered');
  });

  it('of a cluster without an API server name an address that nothing resolves', async () => {
    const { config } = await ask(add({ name: 'nowhere' }).resourceId);
    expect(config?.clusters[0]?.cluster['server']).toBe('https://nowhere.hcp.westeurope.azmk8s.io:443');
    const inside = { properties: { privateFQDN: 'p.privatelink.westeurope.azmk8s.io' } };
    const { config: hidden } = await ask(add({ extraBody: inside }).resourceId);
    expect(hidden?.clusters[0]?.cluster['server']).toBe('https://p.privatelink.westeurope.azmk8s.io:443');
  });

  it('with Microsoft Entra ID name what kubelogin is called with, and no secret', async () => {
    const { config } = await ask(add({ extraBody: ENTRA }).resourceId);
    const exec = config?.users[0]?.user['exec'] as { command: string; args: string[] };
    expect(Object.keys(config?.users[0]?.user ?? {})).toEqual(['exec']);
    expect(exec.command).toBe('kubelogin');
    expect(exec.args[exec.args.indexOf('--server-id') + 1]).toBe(SERVER_APPLICATION);
    expect(exec.args[exec.args.indexOf('--tenant-id') + 1]).toBe(simulator.tenantId);
  });

  it('with Microsoft Entra ID are of the plugin of old where that is asked for', async () => {
    const { config } = await ask(add({ extraBody: ENTRA }).resourceId, 'User', '&format=azure');
    expect(config?.users[0]?.user).toEqual({
      'auth-provider': {
        name: 'azure',
        config: {
          'apiserver-id': SERVER_APPLICATION,
          'client-id': '80faf920-1908-4b52-b5ef-a8e7bedfc67a',
          'config-mode': '1',
          environment: 'AzurePublicCloud',
          'tenant-id': simulator.tenantId,
        },
      },
    });
  });

  it('are refused where local accounts are disabled, but for those with Microsoft Entra ID', async () => {
    const message = 'Getting static credential is not allowed because this cluster is set to disable local accounts.';
    const refusal = { status: 400, body: { code: 'BadRequest', message } };
    const closed = add({ extraBody: NO_ACCOUNTS });
    expect(await ask(closed.resourceId)).toMatchObject(refusal);
    expect(await ask(closed.resourceId, 'Admin')).toMatchObject(refusal);
    const entra = add({ extraBody: { properties: { ...ENTRA.properties, ...NO_ACCOUNTS.properties } } });
    expect(await ask(entra.resourceId)).toMatchObject({ status: 200 });
    expect(await ask(entra.resourceId, 'Admin')).toMatchObject(refusal);
  });

  it('need an action of their own', async () => {
    const { resourceId } = add();
    const action = 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action';
    const reader = simulator.addClient({ roles: [{ scope: '/', actions: ['*/read', '*/write'] }] });
    const user = simulator.addClient({ roles: [{ scope: '/', actions: [action] }] });
    const statuses = [];
    for (const who of [reader, user]) {
      const client = await armClient(simulator, who);
      for (const what of ['User', 'Admin']) {
        const path = `${resourceId}/listCluster${what}Credential?api-version=${API_VERSION}`;
        const { status, text } = await client.send('POST', path, { authorization: `Bearer ${client.token}` });
        statuses.push(status);
        if (status === 403) expect(text).toContain(`listCluster${what}Credential/action`);
      }
      await client.close();
    }
    expect(statuses).toEqual([403, 403, 200, 403]);
  });

  it('do not stand in the journal', async () => {
    const { resourceId } = add();
    await ask(resourceId);
    const entry = simulator.journal().findLast((one) => one.operation === 'ListClusterUserCredential');
    expect(entry).toMatchObject({ resourceId, method: 'POST', status: 200 });
    expect(entry?.responseText).toBeUndefined();
  });

  it('are others after they were changed', async () => {
    const cluster = add();
    const pems = await makeServingCertificate([], Date.now());
    cluster.setAccess({ server: 'https://elsewhere', ...pems });
    const { config } = await ask(cluster.resourceId);
    expect(config?.clusters[0]?.cluster['server']).toBe('https://elsewhere');
  });
});

describe('tokens for API servers', () => {
  it('are checked with what the issuer publishes, and name the client and its groups', async () => {
    const group = '5b1f6f10-3c5b-4b6a-9b8f-0a1aa2cc6c1b';
    const member = simulator.addClient({ groups: [group] });
    const client = await armClient(simulator, member, `${SERVER_APPLICATION}/.default`);
    const issuer = `${simulator.url}/${simulator.tenantId}/`;
    const discovery = await client.send('GET', `/${simulator.tenantId}/.well-known/openid-configuration`);
    expect(discovery.body?.['issuer']).toBe(issuer);
    const keys = await client.send('GET', new URL(String(discovery.body?.['jwks_uri'])).pathname);
    const { payload } = await jwtVerify(client.token, createLocalJWKSet(keys.body as unknown as JSONWebKeySet), {
      issuer,
      audience: SERVER_APPLICATION,
    });
    expect(payload).toMatchObject({ oid: member.objectId, appid: member.clientId, groups: [group] });
    await client.close();
  });

  it('are no good for ARM', async () => {
    const client = await armClient(simulator, simulator.addClient(), `${SERVER_APPLICATION}/.default`);
    expect((await client.get(add().resourceId)).status).toBe(401);
    await client.close();
  });

  it('name no groups where the client has none', async () => {
    const client = await armClient(simulator, simulator.addClient(), `${SERVER_APPLICATION}/.default`);
    const [, payload = ''] = client.token.split('.');
    expect(Object.keys(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object)).not.toContain('groups');
    await client.close();
  });
});
