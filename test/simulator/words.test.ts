import { afterEach, describe, expect, it } from '@jest/globals';
import { evictionBlocked } from '../../simulator/cluster/upgrader-events.ts';
import { realError } from '../../simulator/corpus.ts';
import { startSimulator } from '../../simulator/index.ts';
import type { Simulator, SimulatorOptions, WordChoice } from '../../simulator/index.ts';
import { clusterLabel } from '../../simulator/nodes/cluster-label.ts';
import { seededRandom } from '../../simulator/random.ts';
import { makeWords } from '../../simulator/words.ts';
import { CORPUS } from '../corpus.ts';
import { armClient } from './arm-client.ts';
import type { ArmClient } from './arm-client.ts';

let simulator: Simulator;
let arm: ArmClient;

async function start(options: SimulatorOptions = {}): Promise<void> {
  simulator = await startSimulator({ speed: 100_000, throttling: false, ...options });
  arm = await armClient(simulator);
}
afterEach(async () => {
  await arm.close();
  await simulator.stop();
});

/** What a PUT is answered while the cluster, or one of its pools, says that it is at work. */
async function busy(where: 'cluster' | 'pool'): Promise<{ status: number; message: string; text: string }> {
  const name = `c${simulator.clusters().length}`;
  const cluster = simulator.addCluster({ name, pools: [{ name: 'apps', count: 0 }] });
  cluster.setState(where === 'cluster' ? { provisioningState: 'Upgrading' } : { poolStates: { apps: 'Scaling' } });
  const { status, text, body } = await arm.put(cluster.resourceId, '{}');
  const { message } = (body?.['error'] ?? body) as { message: string };
  return { status, message, text };
}

describe('another operation in progress', () => {
  it.each<[string, WordChoice, 'cluster' | 'pool', RegExp]>([
    [
      'as AKS says it now',
      'usual',
      'cluster',
      /an in progress upgrade managed cluster operation \(operation ID: [0-9a-f-]+\)/,
    ],
    [
      'of a pool, as AKS says it now',
      'usual',
      'pool',
      /scale node pool operation .* on the agent pool apps started on 20\d\d-/,
    ],
    [
      'as it said before',
      { busyCluster: 'another-operation' },
      'cluster',
      /Another operation \(Upgrading\) is in progress/,
    ],
    [
      'of a pool, as it said before',
      { busyPool: 'another-operation-of-a-pool' },
      'pool',
      /Another operation \(apps - Scaling\) is in progress/,
    ],
    ['of a pool, in its older words', { busyPool: 'another-agentpool-operation' }, 'pool', /\(apps - Scaling\) is in/],
    ['in the words of ARM', { busyCluster: 'concurrent-request' }, 'cluster', /conflict with a concurrent request/],
  ])('says %s', async (_, words, where, pattern) => {
    await start({ words });
    const { status, message } = await busy(where);
    expect([status, message]).toEqual([409, expect.stringMatching(pattern)]);
  });

  it('has every real wording when any is asked for, the same ones for the same seed', async () => {
    const eventsOf = async (seed: number) => {
      await start({ words: 'any', seed });
      const messages: string[] = [];
      for (let n = 0; n < 60; n++)
        messages.push(
          (await busy('cluster')).message.replaceAll(/[0-9a-f]{8}-[0-9a-fT:.Z-]+/g, '…').replaceAll(/20\d\d-\S+/g, '…'),
        );
      const end = messages.length;
      await arm.close();
      await simulator.stop();
      expect(end).toBe(60);
      return messages;
    };
    const first = await eventsOf(7);
    expect(new Set(first).size).toBe(9);
    expect(await eventsOf(7)).toEqual(first);
    await start();
  });
});

describe('messages of the corpus', () => {
  it('name the resources at hand, and no example', async () => {
    await start({ throttling: true });
    const reader = simulator.addClient({ roles: [{ scope: '/', actions: ['*/read'] }] });
    const weak = await armClient(simulator, reader);
    const cluster = simulator.addCluster({ name: 'mine', resourceGroup: 'apps' });
    const answers = [
      await arm.get(cluster.resourceId.replace('mine', 'other')),
      await arm.get(cluster.resourceId.replace('/apps/', '/other/')),
      await arm.get(cluster.resourceId.replace(simulator.subscriptionId, 'other')),
      await arm.get(`${cluster.resourceId}?api-version=2024-01-01`),
      await weak.put(cluster.resourceId, '{}'),
      await arm.put(cluster.resourceId, '{"location":"eastus"}'),
      await arm.put(cluster.resourceId, '{}', { 'if-match': '"old"' }),
    ];
    await weak.close();
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 400, 403, 400, 412]);
    const text = answers.map((answer) => answer.text).join('\n');
    expect(text).toContain(
      "'Microsoft.ContainerService/managedClusters/other' under resource group 'apps' was not found",
    );
    expect(text).toContain(`The client '${reader.clientId}' with object id '${reader.objectId}' does not have`);
    expect(text).toContain(`over scope '${cluster.resourceId}'`);
    for (const example of ['8ecadfc9', 'prod-weu', 'chinanorth3', 'a2cc6c1b', "'rg'"])
      expect(text).not.toContain(example);
  });

  it('are refused by an id that there is not', async () => {
    await start();
    expect(() => realError('nonsense')).toThrow(/corpus\.json has no error nonsense; it has another-operation, /);
  });
});

describe('an eviction that is refused', () => {
  it.each<[WordChoice, string]>([
    ['usual', 'Eviction blocked by Too Many Requests (usually a pdb): web-1'],
    [{ eviction: 'eviction-small-many' }, 'Eviction blocked by Too many Requests (usually a pdb): web-1'],
    [{ eviction: 'eviction-in-brackets' }, 'Eviction blocked by Too many Requests (usually a pdb): [web-1]'],
    [{ podName: 'namespaced' }, 'Eviction blocked by Too Many Requests (usually a pdb): shop/web-1'],
  ])('is said in %j', async (choice, message) => {
    await start();
    const words = makeWords(choice, seededRandom(1));
    expect(evictionBlocked('shop', 'web-1', words)).toEqual({ type: 'Warning', reason: 'Drain', message });
  });
});

describe('the label of nodes', () => {
  it.each(CORPUS.labels.map(({ id, nodeResourceGroup, label }) => [id, nodeResourceGroup, label]))(
    'is made of the node resource group as AKS makes it (%s)',
    async (_, nodeResourceGroup, label) => {
      await start();
      expect(clusterLabel(nodeResourceGroup)).toBe(label);
    },
  );

  it('cannot hold the name that a cluster has by default', async () => {
    await start();
    const cluster = simulator.addCluster({ name: 'prod' });
    const { nodeResourceGroup } = (cluster.model() as { properties: { nodeResourceGroup: string } }).properties;
    expect(nodeResourceGroup).toMatch(/^MC_rg_prod_westeurope_.{42,}$/);
    expect(nodeResourceGroup.length).toBeLessThanOrEqual(80);
    expect(clusterLabel(nodeResourceGroup)).toHaveLength(63);
    expect(clusterLabel(nodeResourceGroup)).not.toBe(nodeResourceGroup.slice(0, 63));
    const named = simulator.addCluster({ name: 'named', nodeResourceGroup: 'nodes-of-prod' });
    expect(named.model()).toMatchObject({ properties: { nodeResourceGroup: 'nodes-of-prod' } });
  });

  it('has no letters that an API server refuses', async () => {
    await start();
    expect(clusterLabel('MC_Überwachung_生产_westeurope')).toMatch(/^[A-Za-z0-9][\w.-]*[A-Za-z0-9]$/);
  });
});
