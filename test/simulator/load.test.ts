import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, request } from 'undici';
import { startSimulator } from '../../simulator/index.ts';
import type { Simulator, SimulatorOptions } from '../../simulator/index.ts';
import { armClient } from './arm-client.ts';
import type { ArmClient } from './arm-client.ts';

let simulator: Simulator;
let arm: ArmClient;
let agent: Agent;

async function start(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({ speed: 100_000, throttling: false, ...options });
  arm = await armClient(simulator);
  agent = oneConnection();
}
const oneConnection = () => new Agent({ connect: { ca: simulator.caPem }, connections: 1 });

async function stop(): Promise<void> {
  await arm.close();
  await agent.close();
  await simulator.stop();
}

async function control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown) {
  const answer = await request(`${simulator.url}/_simulator${path}`, {
    method,
    dispatcher: agent,
    headers: { authorization: `Bearer ${simulator.controlToken}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  return (text === '' ? undefined : JSON.parse(text)) as Record<string, unknown>;
}

describe('statistics', () => {
  beforeEach(() => start());
  afterEach(stop);

  it('count requests by operation and answer, also those that the journal has forgotten', async () => {
    const cluster = simulator.addCluster({ name: 'one' });
    await arm.get(cluster.resourceId);
    await arm.get(cluster.resourceId);
    await arm.get(`${cluster.resourceId}-not`);
    await arm.put(cluster.resourceId, '{}');
    simulator.clearJournal();
    expect(await control('GET', '/statistics')).toMatchObject({
      requests: 4,
      operations: { GetManagedCluster: { 200: 2, 404: 1 }, PutManagedCluster: { 200: 1 } },
    });
    await control('DELETE', '/statistics');
    expect(simulator.statistics()).toMatchObject({ requests: 0, operations: {} });
  });

  it('count a request whose connection was cut before anything was done as status 0', async () => {
    const cluster = simulator.addCluster({ name: 'one' });
    simulator.faults.add({ operation: 'GetManagedCluster', resetBefore: true });
    await expect(arm.get(cluster.resourceId)).rejects.toThrow();
    expect(simulator.statistics().operations).toEqual({ GetManagedCluster: { 0: 1 } });
  });

  it('count connections of clients, and not those that only ask for control', async () => {
    await control('GET', '/statistics');
    simulator.clearStatistics();
    const [client, watcher] = [oneConnection(), oneConnection()];
    const ask = (dispatcher: Agent, path: string) =>
      request(`${simulator.url}${path}`, { dispatcher }).then(({ body }) => body.dump());
    await ask(watcher, '/_simulator/statistics?since=0');
    expect(simulator.statistics().connections.handshakes).toBe(0);
    await ask(client, '/subscriptions');
    await ask(client, '/subscriptions');
    await ask(client, '/_simulator');
    expect(simulator.statistics().connections.handshakes).toBe(1);
    simulator.clearStatistics();
    await ask(client, '/subscriptions');
    await ask(watcher, '/_simulator');
    expect(simulator.statistics().connections).toEqual({ handshakes: 0, resumed: 0 });
    await Promise.all([client.close(), watcher.close()]);
  });
});

describe('the journal', () => {
  afterEach(stop);

  it('says when a request arrived on the clock that all programs of the machine share', async () => {
    await start();
    const cluster = simulator.addCluster({ name: 'one' });
    const before = Number(process.hrtime.bigint()) / 1e6;
    await arm.get(cluster.resourceId);
    const after = Number(process.hrtime.bigint()) / 1e6;
    const [entry] = simulator.journal();
    expect(entry!.arrivedAt).toBeGreaterThan(before);
    expect(entry!.arrivedAt).toBeLessThan(after);
  });

  it('keeps no body when it is configured so', async () => {
    await start({ journalBodies: false });
    const cluster = simulator.addCluster({ name: 'one' });
    const answer = await arm.put(cluster.resourceId, '{"tags":{"a":"b"}}');
    expect(answer.text).toContain('"a":"b"');
    const [entry] = simulator.journal();
    expect(entry).toMatchObject({ operation: 'PutManagedCluster', status: 200 });
    expect(entry).not.toHaveProperty('requestText');
    expect(entry).not.toHaveProperty('responseText');
  });
});

describe('many clusters', () => {
  afterEach(stop);

  it('are put in with one request, and listed page by page, of a subscription or of a group', async () => {
    await start({ pageSize: 2 });
    const clusters = Array.from({ length: 5 }, (_, n) => ({
      name: `c${n}`,
      resourceGroup: n < 3 ? 'Few' : 'Fewer',
      pools: [{ name: 'system', count: 0 }],
    }));
    const { resourceIds } = await control('POST', '/clusters', clusters);
    const base = `/subscriptions/${simulator.subscriptionId}`;
    const path = 'providers/Microsoft.ContainerService/managedClusters';
    expect(resourceIds).toEqual(
      clusters.map(({ name, resourceGroup }) => `${base}/resourceGroups/${resourceGroup}/${path}/${name}`),
    );
    expect(await namesIn(`${base}/${path}`)).toEqual([['c0', 'c1'], ['c2', 'c3'], ['c4']]);
    expect(await namesIn(`${base.toUpperCase()}/resourceGroups/FEW/${path}`)).toEqual([['c0', 'c1'], ['c2']]);
    expect(await namesIn(`${base}/resourceGroups/fewer/${path}`)).toEqual([['c3', 'c4']]);
  });

  it('say nothing of when to read again where the poll interval is 0', async () => {
    await start({ pollSeconds: 0 });
    const cluster = simulator.addCluster({ name: 'one' });
    const answer = await arm.put(cluster.resourceId, '{"tags":{"a":"b"}}');
    expect(answer.headers).toHaveProperty('azure-asyncoperation');
    expect(answer.headers).not.toHaveProperty('retry-after');
  });

  async function namesIn(path: string): Promise<string[][]> {
    const pages: string[][] = [];
    for (let next: string | undefined = path; next !== undefined;) {
      const { body } = await arm.get(next);
      const { value, nextLink } = body as { value: { name: string }[]; nextLink?: string };
      pages.push(value.map(({ name }) => name));
      next = nextLink?.replace(simulator.url, '');
    }
    return pages;
  }
});
