import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClusterSeed, SimulatedCluster } from '../../simulator/index.ts';
import { API_VERSION } from './arm-client.ts';
import { rotate } from './kubeconfigs.ts';
import { HOUR, startStepped, type Stepped } from './stepped.ts';

let rig: Stepped;
beforeAll(async () => {
  rig = await startStepped();
});
afterAll(async () => {
  await rig.arm.close();
  await rig.simulator.stop();
});

let count = 0;
async function add(seed: Partial<ClusterSeed> = {}): Promise<SimulatedCluster> {
  const pools = [{ name: 'system', count: 2 }];
  const cluster = rig.simulator.addCluster({ name: `b${count++}`, resourceGroup: 'before', pools, ...seed });
  await cluster.ready();
  return cluster;
}

const groupOf = (name: string) => `/subscriptions/${rig.simulator.subscriptionId}/resourceGroups/${name}`;
const locksOf = (group: string) =>
  rig.arm.get(`${groupOf(group)}/providers/Microsoft.Authorization/locks?api-version=2016-09-01`);
const authorities = async (cluster: SimulatedCluster) => (await cluster.certificates()).authorities.length;

describe('the locks of a resource group', () => {
  it('are those of the group of the machines of a cluster, as ARM has them', async () => {
    const cluster = await add({ nodeResourceGroup: 'MC_locked', locks: [{ name: 'keep', notes: 'Do not touch.' }] });
    const id = `${groupOf('mc_LOCKED')}/providers/Microsoft.Authorization/locks/keep`;
    const properties = { level: 'CanNotDelete', notes: 'Do not touch.' };
    const keep = { properties, id, type: 'Microsoft.Authorization/locks', name: 'keep' };
    expect(await locksOf('mc_LOCKED')).toMatchObject({ status: 200, body: { value: [keep] } });
    expect(await locksOf('before')).toMatchObject({ status: 200, body: { value: [] } });
    cluster.setLocks([{ name: 'other', level: 'ReadOnly' }]);
    const [other] = ((await locksOf('MC_locked')).body as { value: object[] }).value;
    expect(other).toMatchObject({ name: 'other', properties: { level: 'ReadOnly' } });
    cluster.setLocks([]);
    expect((await locksOf('MC_locked')).body).toEqual({ value: [] });
  });

  it('of a cluster that is gone are gone with their group', async () => {
    const cluster = await add({ nodeResourceGroup: 'MC_gone', locks: [{ name: 'keep' }] });
    expect((await locksOf('MC_gone')).status).toBe(200);
    await cluster.delete();
    expect(await locksOf('MC_gone')).toMatchObject({
      status: 404,
      body: { error: { code: 'ResourceGroupNotFound' } },
    });
  });

  it('let a rotation change the CA, and keep its machines, until they are removed and it is sent again', async () => {
    const { arm, clock } = rig;
    const cluster = await add({ locks: [{ name: 'keep' }] });
    await rotate(arm, cluster.resourceId);
    await clock.advance(HOUR);
    await cluster.idle();
    const { properties } = cluster.model() as {
      properties: { provisioningState: string; status: { provisioningError: { message: string } } };
    };
    expect(properties.provisioningState).toBe('Failed');
    expect(properties.status.provisioningError.message).toContain('cannot perform delete operation');
    expect(await authorities(cluster)).toBe(2);
    expect(cluster.nodes().map(({ phase }) => phase)).toEqual(['NotReady', 'NotReady']);
    cluster.setLocks([]);
    await rotate(arm, cluster.resourceId);
    await clock.advance(HOUR);
    await cluster.idle();
    expect(cluster.nodes().map(({ phase }) => phase)).toEqual(['Ready', 'Ready']);
  });
});

describe('the supported Kubernetes versions', () => {
  it('are the same in every region, with their plans, patches and upgrades', async () => {
    const path = `/subscriptions/${rig.simulator.subscriptionId}/providers/Microsoft.ContainerService/locations`;
    const listIn = async (region: string) =>
      (await rig.arm.get(`${path}/${region}/kubernetesVersions?api-version=${API_VERSION}`)).body as {
        values: { version: string; isPreview?: boolean; capabilities: object; patchVersions: object }[];
      };
    const { values } = await listIn('westeurope');
    expect(await listIn('eastus2')).toEqual({ values });
    expect(values.map(({ version, isPreview }) => [version, isPreview])).toEqual([
      ...['1.30', '1.31', '1.32', '1.33', '1.34'].map((version) => [version, undefined]),
      ['1.35', true],
    ]);
    expect(values[1]).toEqual({
      version: '1.31',
      capabilities: { supportPlan: ['AKSLongTermSupport'] },
      patchVersions: {
        '1.31.1': { upgrades: ['1.31.2', '1.31.3', '1.32.1', '1.32.2', '1.32.3'] },
        '1.31.2': { upgrades: ['1.31.3', '1.32.1', '1.32.2', '1.32.3'] },
        '1.31.3': { upgrades: ['1.32.1', '1.32.2', '1.32.3'] },
      },
    });
  });
});
