import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SimulatedCluster, Simulator, SteppedClock } from '../../simulator/index.ts';
import { API_VERSION, armClient } from './arm-client.ts';
import type { ArmAnswer, ArmClient } from './arm-client.ts';
import { HOUR, IN_PLACE, startStepped, withList } from './stepped.ts';

let clock: SteppedClock;
let simulator: Simulator;
let arm: ArmClient;
let a: string;

beforeAll(async () => {
  ({ clock, simulator, arm, a } = await startStepped());
});
afterAll(async () => {
  await arm.close();
  await simulator.stop();
});

let made = 0;
async function addCluster(seed: Parameters<Simulator['addCluster']>[0] | object = {}): Promise<SimulatedCluster> {
  const cluster = simulator.addCluster({ name: `c${made++}`, ...seed });
  await cluster.ready();
  return cluster;
}

function send(
  method: string,
  { resourceId }: SimulatedCluster,
  verb = '',
  headers: Record<string, string> = {},
  body = '',
) {
  return arm.send(
    method,
    `${resourceId}${verb}?api-version=${API_VERSION}`,
    { authorization: `Bearer ${arm.token}`, 'content-type': 'application/json', ...headers },
    body === '' ? undefined : body,
  );
}

const post = (cluster: SimulatedCluster, verb: string) => send('POST', cluster, `/${verb}`);
const follow = (answer: ArmAnswer, header: string) =>
  arm.get(String(answer.headers[header]).slice(simulator.url.length));
const monitor = (answer: ArmAnswer) => follow(answer, 'azure-asyncoperation');
const result = (answer: ArmAnswer) => follow(answer, 'location');
const stateOf = (cluster: SimulatedCluster) => {
  const { provisioningState, powerState } = (
    cluster.model() as { properties: { provisioningState: string; powerState: { code: string } } }
  ).properties;
  return `${provisioningState} ${powerState.code}`;
};
const poolsOf = (cluster: SimulatedCluster) =>
  (
    cluster.model() as {
      properties: { agentPoolProfiles: { name: string; provisioningState: string; powerState: { code: string } }[] };
    }
  ).properties.agentPoolProfiles.map(
    ({ name, provisioningState, powerState }) => `${name} ${provisioningState} ${powerState.code}`,
  );

describe('a cluster that is stopped', () => {
  it('is Stopping, with a monitor and a place to wait at, and has no nodes then', async () => {
    const cluster = await addCluster({ customCATrustCertificates: [a] });
    const answer = await post(cluster, 'stop');
    expect([answer.status, answer.text, answer.headers['retry-after']]).toEqual([202, '', '10']);
    expect(stateOf(cluster)).toBe('Stopping Running');
    expect((await monitor(answer)).body).toMatchObject({ status: 'InProgress' });
    expect((await result(answer)).status).toBe(202);
    await clock.advance(HOUR);
    expect(stateOf(cluster)).toBe('Succeeded Stopped');
    expect(poolsOf(cluster)).toEqual(['system Succeeded Stopped']);
    expect(cluster.nodes()).toEqual([]);
    expect((await monitor(answer)).body).toMatchObject({ status: 'Succeeded' });
    expect((await result(answer)).status).toBe(204);
    expect(cluster.list()).toEqual([a]);
  });

  it('takes nothing but a start or a deletion', async () => {
    const cluster = await addCluster();
    cluster.stop();
    await clock.advance(HOUR);
    expect((await arm.put(cluster.resourceId, withList([a]))).status).toBe(400);
    expect((await send('PATCH', cluster, '', {}, '{"tags":{"a":"b"}}')).status).toBe(400);
    const again = await post(cluster, 'stop');
    expect([again.status, again.text]).toEqual([
      400,
      expect.stringContaining(
        'managed cluster is in Provisioning State(Succeeded) and Power State(Stopped), stopping cannot be performed',
      ),
    ]);
    expect((await send('DELETE', cluster)).status).toBe(202);
    await clock.advance(HOUR);
    expect(cluster.exists).toBe(false);
  });

  it('gets new machines when it is started, with the list of then, and those of pools that had been stopped before stay away', async () => {
    const cluster = await addCluster({
      pools: [
        { name: 'system', count: 2 },
        { name: 'off', count: 2, powerState: 'Stopped' },
      ],
    });
    const before = cluster.nodes().map(({ uid }) => uid);
    await post(cluster, 'stop');
    await clock.advance(HOUR);
    cluster.setListSilently([a]);
    const answer = await post(cluster, 'start');
    expect(answer.status).toBe(202);
    expect(stateOf(cluster)).toBe('Starting Stopped');
    await clock.advance(HOUR);
    expect(stateOf(cluster)).toBe('Succeeded Running');
    expect(poolsOf(cluster)).toEqual(['system Succeeded Running', 'off Succeeded Stopped']);
    expect(cluster.nodes().map(({ pool, bornWith }) => [pool, bornWith])).toEqual([
      ['system', [a]],
      ['system', [a]],
    ]);
    expect(cluster.nodes().some(({ uid }) => before.includes(uid))).toBe(false);
    expect((await post(cluster, 'start')).text).toContain('Power State(Running), starting cannot be performed');
  });

  it('cannot have node auto-provisioning', async () => {
    const cluster = await addCluster({ autoProvisioned: { count: 1 } });
    expect((await post(cluster, 'stop')).status).toBe(400);
    expect(stateOf(cluster)).toBe('Succeeded Running');
  });
});

describe('while an operation runs', () => {
  it.each(['stop', 'start'])('%s is refused', async (verb) => {
    const cluster = await addCluster();
    cluster.changeList([a]);
    const answer = await post(cluster, verb);
    expect([answer.status, answer.body?.['code']]).toEqual([409, 'OperationNotAllowed']);
    cluster.abort();
    await clock.advance(HOUR);
  });

  it('an abort makes it Canceling, then Canceled, and is over when it is', async () => {
    const cluster = await addCluster({ pools: [{ name: 'system', count: 3, ...IN_PLACE }] });
    const put = await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(20_000);
    const answer = await post(cluster, 'abort');
    expect([answer.status, answer.text]).toEqual([202, '']);
    expect(cluster.provisioningState).toBe('Canceling');
    expect((await monitor(answer)).body).toMatchObject({ status: 'InProgress' });
    expect((await post(cluster, 'abort')).status).toBe(409);
    await clock.advance(HOUR);
    expect(cluster.provisioningState).toBe('Canceled');
    expect((await monitor(put)).body).toMatchObject({ status: 'Canceled' });
    expect((await monitor(answer)).body).toMatchObject({ status: 'Succeeded' });
    expect(cluster.nodes().map(({ bornWith }) => bornWith.length)).toEqual([1, 0, 0]);
  });

  it('of a pool only, an abort of the cluster is refused', async () => {
    const cluster = await addCluster();
    cluster.scale('system', 4);
    expect((await post(cluster, 'abort')).status).toBe(409);
    cluster.abort();
    await clock.advance(HOUR);
    expect([stateOf(cluster), ...poolsOf(cluster)]).toEqual(['Succeeded Running', 'system Canceled Running']);
  });

  it('a deletion preempts it', async () => {
    const cluster = await addCluster();
    const put = await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(20_000);
    const answer = await send('DELETE', cluster);
    await clock.advance(1000);
    expect(stateOf(cluster)).toBe('Deleting Running');
    expect((await monitor(put)).body).toMatchObject({
      status: 'Failed',
      error: { code: 'AKSOperationPreemptedByDelete' },
    });
    expect((await arm.put(cluster.resourceId, withList([a]))).status).toBe(409);
    await clock.advance(HOUR);
    expect((await monitor(answer)).body).toMatchObject({ status: 'Succeeded' });
    expect((await arm.get(cluster.resourceId)).status).toBe(404);
  });
});

describe('when no operation runs', () => {
  it.each(['Succeeded', 'Failed', 'Canceled'] as const)('an abort of a cluster that is %s is 409', async (end) => {
    const cluster = await addCluster();
    cluster.startForeignOperation({ kind: 'Upgrade', seconds: 1, end });
    await clock.advance(HOUR);
    const answer = await post(cluster, 'abort');
    expect([answer.status, answer.text]).toEqual([409, expect.stringContaining('has ended')]);
    expect(cluster.provisioningState).toBe(end);
  });

  it('a deletion of what is not there is 204, with an eTag as well', async () => {
    const cluster = await addCluster();
    await cluster.delete();
    expect((await send('DELETE', cluster)).status).toBe(204);
    expect((await send('DELETE', cluster, '', { 'if-match': '"x"' })).status).toBe(204);
  });

  it('a deletion for another state of the cluster is 412', async () => {
    const cluster = await addCluster();
    expect((await send('DELETE', cluster, '', { 'if-match': '"x"' })).status).toBe(412);
    expect((await send('DELETE', cluster, '', { 'if-match': cluster.eTag })).status).toBe(202);
    await clock.advance(HOUR);
  });

  it('a PATCH replaces the tags and nothing else, and is 404 where there is no cluster', async () => {
    const cluster = await addCluster({ customCATrustCertificates: [a], extraBody: { tags: { old: '1' } } });
    const before = cluster.nodes();
    const answer = await send('PATCH', cluster, '', {}, '{"tags":{"new":"2"},"properties":{"dnsPrefix":"x"}}');
    expect(answer).toMatchObject({
      status: 200,
      body: { tags: { new: '2' }, properties: { dnsPrefix: cluster.resourceId.split('/').at(-1) } },
    });
    await clock.advance(HOUR);
    expect(cluster.model()).toMatchObject({ tags: { new: '2' }, properties: { provisioningState: 'Succeeded' } });
    expect(cluster.nodes()).toEqual(before);
    await cluster.delete();
    expect((await send('PATCH', cluster, '', { 'if-match': '"x"' }, '{"tags":{}}')).status).toBe(404);
  });
});

describe('machines', () => {
  it('are those of a pool, in the node resource group, with surge machines and those that are being reimaged', async () => {
    const cluster = await addCluster({
      pools: [
        { name: 'system', count: 2, maxSurge: 1 },
        { name: 'win', osType: 'Windows', count: 1 },
      ],
    });
    const list = async (pool: string) => {
      const { body } = await arm.get(`${cluster.resourceId}/agentPools/${pool}/machines`);
      return (body as { value: { name: string; id: string; properties: { resourceId: string } }[] }).value;
    };
    const [first] = await list('SYSTEM');
    const node = cluster.nodes()[0]!.name;
    const { nodeResourceGroup } = (cluster.model() as { properties: { nodeResourceGroup: string } }).properties;
    expect(first).toEqual({
      id: `${cluster.resourceId.replace('/resourceGroups/', '/resourcegroups/')}/agentPools/system/machines/${node}`,
      name: node,
      type: 'Microsoft.ContainerService/managedClusters/agentPools/machines',
      properties: {
        network: { ipAddresses: [{ family: 'IPv4', ip: '10.224.0.4' }] },
        resourceId: `/subscriptions/${simulator.subscriptionId}/resourceGroups/${nodeResourceGroup}/providers/Microsoft.Compute/virtualMachineScaleSets/${node.slice(0, -6)}/virtualMachines/0`,
      },
    });
    expect((await list('win'))[0]!.properties.resourceId).toMatch(
      /virtualMachineScaleSets\/akswin\/virtualMachines\/0$/,
    );
    cluster.changeList([a]);
    await clock.advance(130_000);
    expect(cluster.nodes().map(({ phase }) => phase)).toContain('Reimaging');
    expect((await list('system')).map(({ name }) => name)).toEqual(
      cluster.nodes().flatMap(({ pool, name }) => (pool === 'system' ? [name] : [])),
    );
    expect(await list('system')).toHaveLength(3);
    await clock.advance(HOUR);
    expect((await arm.get(`${cluster.resourceId}/agentPools/system/machines/${node}`)).body).toEqual(first);
  });

  it.each(['agentPools/none/machines', 'agentPools/system/machines/none', 'agentPools/none/machines/none'])(
    'that are not there (%s) are 404',
    async (path) => {
      const cluster = await addCluster();
      expect(await arm.get(`${cluster.resourceId}/${path}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'NotFound' } },
      });
    },
  );
});

describe('rights', () => {
  it.each([
    ['POST', '/abort', 'Microsoft.ContainerService/managedClusters/abort/action'],
    ['POST', '/stop', 'Microsoft.ContainerService/managedClusters/stop/action'],
    ['POST', '/start', 'Microsoft.ContainerService/managedClusters/start/action'],
    ['DELETE', '', 'Microsoft.ContainerService/managedClusters/delete'],
    ['PATCH', '', 'Microsoft.ContainerService/managedClusters/write'],
    ['GET', '/agentPools/system/machines', 'Microsoft.ContainerService/managedClusters/agentPools/machines/read'],
  ])('%s %s needs its own action', async (method, verb, action) => {
    const cluster = await addCluster();
    const reader = simulator.addClient({
      roles: [{ scope: '/', actions: ['Microsoft.ContainerService/managedClusters/read'] }],
    });
    const client = await armClient(simulator, reader);
    const answer = await client.send(method, `${cluster.resourceId}${verb}?api-version=${API_VERSION}`, {
      authorization: `Bearer ${client.token}`,
    });
    await client.close();
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining(`perform action '${action}'`)]);
  });
});
