import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContainerServiceClient } from '@azure/arm-containerservice';
import { ClientSecretCredential, WorkloadIdentityCredential } from '@azure/identity';
import type { TokenCredential } from '@azure/identity';
import { startSimulator } from '../../simulator/index.ts';
import type { Simulator } from '../../simulator/index.ts';
import { makeElements } from './certificates.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ speed: 100_000, pageSize: 2 });
});
afterAll(() => simulator.stop());

/** Both take the authority's CA from `tlsOptions`, which their option types do not mention. */
function signInOptions() {
  return {
    authorityHost: simulator.authority,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: simulator.caPem },
    retryOptions: { maxRetries: 0 },
  };
}

function containerService(credential: TokenCredential): ContainerServiceClient {
  const options = {
    endpoint: simulator.url,
    credentials: { scopes: [`${simulator.url}/.default`] },
    tlsOptions: { ca: simulator.caPem },
    retryOptions: { maxRetries: 0 },
  };
  return new ContainerServiceClient(credential, simulator.subscriptionId, options);
}

function withSecret(secret?: string): ContainerServiceClient {
  const { clientId, clientSecret } = simulator.addClient();
  return containerService(
    new ClientSecretCredential(simulator.tenantId, clientId, secret ?? clientSecret, signInOptions()),
  );
}

describe("Azure's own clients", () => {
  it('sign in with a secret and read a cluster', async () => {
    simulator.addCluster({ name: 'read', resourceGroup: 'sdk' });
    const cluster = await withSecret().managedClusters.get('sdk', 'read');
    expect(cluster).toMatchObject({ name: 'read', provisioningState: 'Succeeded', location: 'westeurope' });
    expect(cluster.agentPoolProfiles).toEqual([expect.objectContaining({ name: 'system', count: 3, osType: 'Linux' })]);
    expect(cluster.eTag).toMatch(/./);
  });

  it('rotate the certificates, follow the operation to its end, and get other credentials', async () => {
    const seeded = simulator.addCluster({ name: 'rotated', resourceGroup: 'sdk', rotation: { listing: 'new' } });
    const client = withSecret();
    const credentials = async () => {
      const { kubeconfigs } = await client.managedClusters.listClusterUserCredentials('sdk', 'rotated');
      return Buffer.from(kubeconfigs![0]!.value!).toString();
    };
    const before = await credentials();
    await client.managedClusters.rotateClusterCertificates('sdk', 'rotated');
    expect((await client.managedClusters.get('sdk', 'rotated')).provisioningState).toBe('Succeeded');
    expect(seeded.nodes().map(({ caGeneration }) => caGeneration)).toEqual([1, 1, 1]);
    const line = (text: string) => /certificate-authority-data: (.*)/.exec(text)?.[1];
    expect(line(await credentials())).not.toBe(line(before));
  });

  it('change the list and follow the operation to its end', async () => {
    const [element] = await makeElements(1);
    const seeded = simulator.addCluster({ name: 'changed', resourceGroup: 'sdk' });
    const client = withSecret();
    const cluster = await client.managedClusters.get('sdk', 'changed');
    cluster.securityProfile = { ...cluster.securityProfile, customCATrustCertificates: [Buffer.from(element!.pem)] };
    const updated = await client.managedClusters.createOrUpdate('sdk', 'changed', cluster);
    expect(updated.provisioningState).toBe('Succeeded');
    expect(seeded.list()).toEqual([element!.base64]);
    expect(seeded.nodes().map((node) => node.fingerprints)).toEqual(Array(3).fill([element!.fingerprint]));
  });

  it('clear the list with an empty one', async () => {
    const [element] = await makeElements(1);
    const seeded = simulator.addCluster({
      name: 'cleared',
      resourceGroup: 'sdk',
      customCATrustCertificates: [element!.base64],
    });
    const client = withSecret();
    const cluster = await client.managedClusters.get('sdk', 'cleared');
    cluster.securityProfile = { ...cluster.securityProfile, customCATrustCertificates: [] };
    await client.managedClusters.createOrUpdate('sdk', 'cleared', cluster);
    expect(seeded.list()).toEqual([]);
    expect(seeded.nodes().flatMap((node) => node.bornWith)).toEqual([]);
  });

  it('list clusters page by page', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) simulator.addCluster({ name, resourceGroup: 'pages', pools: [] });
    const names: (string | undefined)[] = [];
    for await (const cluster of withSecret().managedClusters.listByResourceGroup('pages')) names.push(cluster.name);
    expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    const pages = simulator.journal().filter((entry) => entry.operation === 'ListManagedClustersByResourceGroup');
    expect(pages).toHaveLength(3);
  });

  it('read pools and keep maintenance windows', async () => {
    simulator.addCluster({
      name: 'windows',
      resourceGroup: 'sdk',
      pools: [
        { name: 'system', count: 1 },
        { name: 'win', osType: 'Windows', count: 2 },
      ],
    });
    const client = withSecret();
    const pools: (string | undefined)[] = [];
    for await (const pool of client.agentPools.list('sdk', 'windows')) pools.push(`${pool.name} ${pool.osType}`);
    expect(pools).toEqual(['system Linux', 'win Windows']);
    expect(await client.agentPools.get('sdk', 'windows', 'WIN')).toMatchObject({
      count: 2,
      powerState: { code: 'Running' },
    });

    const name = 'aksManagedNodeOSUpgradeSchedule';
    const window = {
      maintenanceWindow: {
        schedule: { weekly: { intervalWeeks: 1, dayOfWeek: 'Sunday' } },
        durationHours: 4,
        utcOffset: '+01:00',
        startTime: '03:00',
      },
    };
    await client.maintenanceConfigurations.createOrUpdate('sdk', 'windows', name, window);
    expect(await client.maintenanceConfigurations.get('sdk', 'windows', name)).toMatchObject(window);
    await client.maintenanceConfigurations.delete('sdk', 'windows', name);
    await expect(client.maintenanceConfigurations.get('sdk', 'windows', name)).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  it('stop a cluster, start it and delete it, and wait for each', async () => {
    const cluster = simulator.addCluster({ name: 'power', resourceGroup: 'sdk' });
    const client = withSecret();
    const powerState = async () => (await client.managedClusters.get('sdk', 'power')).powerState?.code;
    await client.managedClusters.stop('sdk', 'power');
    expect([await powerState(), cluster.nodes().length]).toEqual(['Stopped', 0]);
    await expect(client.managedClusters.stop('sdk', 'power')).rejects.toMatchObject({ statusCode: 400 });
    await client.managedClusters.start('sdk', 'power');
    expect([await powerState(), cluster.nodes().length]).toEqual(['Running', 3]);
    await client.managedClusters.delete('sdk', 'power');
    expect(cluster.exists).toBe(false);
    await client.managedClusters.delete('sdk', 'power');
  });

  it('abort an operation, whose own poller then says so, and get an error when there is none', async () => {
    const slow = await startSimulator({ speed: 100 });
    const cluster = slow.addCluster({ name: 'aborted', resourceGroup: 'sdk', pools: [{ name: 'system', count: 4 }] });
    const { clientId, clientSecret } = slow.addClient();
    const tls = { tlsOptions: { ca: slow.caPem }, retryOptions: { maxRetries: 0 } };
    const credential = new ClientSecretCredential(slow.tenantId, clientId, clientSecret, {
      authorityHost: slow.authority,
      disableInstanceDiscovery: true,
      ...tls,
    });
    const client = new ContainerServiceClient(credential, slow.subscriptionId, {
      endpoint: slow.url,
      credentials: { scopes: [`${slow.url}/.default`] },
      ...tls,
    });
    const [element] = await makeElements(1);
    const model = await client.managedClusters.get('sdk', 'aborted');
    model.securityProfile = { ...model.securityProfile, customCATrustCertificates: [Buffer.from(element!.pem)] };
    const changing = client.managedClusters.createOrUpdate('sdk', 'aborted', model).then(
      () => 'Succeeded',
      (error: Error) => error.message,
    );
    while (cluster.provisioningState !== 'Updating') await client.managedClusters.get('sdk', 'aborted');
    await client.managedClusters.abortLatestOperation('sdk', 'aborted');
    expect((await client.managedClusters.get('sdk', 'aborted')).provisioningState).toBe('Canceled');
    expect(await changing).toMatch(/cancel/i);
    await expect(client.managedClusters.abortLatestOperation('sdk', 'aborted')).rejects.toMatchObject({
      statusCode: 409,
    });
    await slow.stop();
  }, 30_000);

  it("list a pool's machines", async () => {
    const cluster = simulator.addCluster({ name: 'machines', resourceGroup: 'sdk' });
    await cluster.ready();
    const client = withSecret();
    const machines = [];
    for await (const machine of client.machines.list('sdk', 'machines', 'system')) machines.push(machine);
    expect(machines.map(({ name }) => name)).toEqual(cluster.nodes().map(({ name }) => name));
    expect(machines[0]?.properties?.network?.ipAddresses).toEqual([{ family: 'IPv4', ip: '10.224.0.4' }]);
    expect(await client.machines.get('sdk', 'machines', 'system', machines[1]!.name!)).toMatchObject({
      name: machines[1]!.name,
    });
  });

  it('change tags without touching a node', async () => {
    const cluster = simulator.addCluster({ name: 'tags', resourceGroup: 'sdk' });
    await cluster.ready();
    const before = cluster.nodes();
    await withSecret().managedClusters.updateTags('sdk', 'tags', { tags: { team: 'a' } });
    expect([cluster.model(), cluster.nodes()]).toMatchObject([{ tags: { team: 'a' } }, before]);
  });

  it('never create with If-Match, and update a cluster that is there with any eTag', async () => {
    const client = withSecret();
    const model = { location: 'westeurope' };
    await expect(
      client.managedClusters.createOrUpdate('sdk', 'not-there', model, { ifMatch: '*' }),
    ).rejects.toMatchObject({ statusCode: 412, code: 'PreconditionFailed' });
    expect(simulator.clusters().some(({ resourceId }) => resourceId.endsWith('/not-there'))).toBe(false);
    simulator.addCluster({ name: 'any-etag', resourceGroup: 'sdk' });
    const cluster = await client.managedClusters.get('sdk', 'any-etag');
    expect(await client.managedClusters.createOrUpdate('sdk', 'any-etag', cluster, { ifMatch: '*' })).toMatchObject({
      name: 'any-etag',
    });
  });

  it('are refused with a wrong secret', async () => {
    await expect(withSecret('wrong').managedClusters.get('sdk', 'read')).rejects.toThrow(/AADSTS7000215/);
  });
});

describe('workload identity', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'federated-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function withToken(clientId: string, token: string): Promise<ContainerServiceClient> {
    const tokenFilePath = join(folder, `${clientId}.jwt`);
    await writeFile(tokenFilePath, token);
    return containerService(
      new WorkloadIdentityCredential({ tenantId: simulator.tenantId, clientId, tokenFilePath, ...signInOptions() }),
    );
  }

  it('signs in with a service account token of a trusted issuer', async () => {
    simulator.addCluster({ name: 'federated', resourceGroup: 'sdk' });
    const { clientId } = simulator.addClient();
    const client = await withToken(clientId, simulator.federatedToken(clientId));
    expect(await client.managedClusters.get('sdk', 'federated')).toMatchObject({ name: 'federated' });
  });

  it("is refused with another client's token", async () => {
    const { clientId } = simulator.addClient();
    const client = await withToken(clientId, simulator.federatedToken(simulator.addClient().clientId));
    await expect(client.managedClusters.get('sdk', 'federated')).rejects.toThrow(/AADSTS70021/);
  });

  it("is refused when the signature is not the issuer's", async () => {
    const { clientId } = simulator.addClient();
    const [header, claims, signature] = simulator.federatedToken(clientId).split('.');
    const forged = `${header}.${claims}.${[...(signature ?? '')].reverse().join('')}`;
    const client = await withToken(clientId, forged);
    await expect(client.managedClusters.get('sdk', 'federated')).rejects.toThrow(/AADSTS700024/);
  });
});
