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
