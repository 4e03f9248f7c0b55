import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startSimulator } from '../../simulator/index.ts';
import type { ClusterSeed, SimulatedCluster, Simulator } from '../../simulator/index.ts';
import { makeElements } from './certificates.ts';
import type { Element } from './certificates.ts';
import { startTarget } from './target.ts';
import type { EventObject, NodeObject, Target } from './target.ts';

let target: Target;
let simulator: Simulator;
let elements: Element[];

beforeAll(async () => {
  target = await startTarget();
  simulator = await startSimulator({ speed: 500 });
  elements = await makeElements(2);
}, 60_000);
afterAll(async () => {
  for (const cluster of simulator.clusters()) await cluster.delete();
  await simulator.stop();
  await target.stop();
});

/** A cluster whose node names are its own. */
async function addCluster(seed: Omit<ClusterSeed, 'name' | 'kubeconfig'>): Promise<SimulatedCluster> {
  const cluster = simulator.addCluster({ name: `rolled-${randomUUID()}`, kubeconfig: target.access, ...seed });
  await cluster.ready();
  return cluster;
}

async function nodeObjects(cluster: SimulatedCluster): Promise<NodeObject[]> {
  const names = new Set(cluster.nodes().map((node) => node.name));
  const all = await target.list<NodeObject>('/api/v1/nodes');
  return all.filter((node) => names.has(node.metadata.name));
}

function isReady(node: NodeObject): boolean {
  return node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

const byName = (nodes: NodeObject[]) => new Map(nodes.map((node) => [node.metadata.name, node]));

describe('nodes in a real API server', () => {
  it('are registered as AKS names and labels them, ready and without taints', async () => {
    const cluster = await addCluster({
      pools: [
        { name: 'system', count: 2 },
        { name: 'win', osType: 'Windows', count: 1 },
      ],
    });
    const nodes = await nodeObjects(cluster);
    expect(nodes.map((node) => node.metadata.name).sort()).toEqual([
      expect.stringMatching(/^aks-system-\d{8}-vmss000000$/),
      expect.stringMatching(/^aks-system-\d{8}-vmss000001$/),
      'akswin000000',
    ]);
    expect(nodes.every(isReady)).toBe(true);
    expect(nodes.flatMap((node) => node.spec.taints ?? [])).toEqual([]);
    expect(nodes[0]!.metadata.labels).toMatchObject({
      agentpool: 'system',
      'kubernetes.azure.com/agentpool': 'system',
      'kubernetes.azure.com/mode': 'system',
      'kubernetes.azure.com/node-image-version': expect.stringMatching(/^AKSUbuntu/),
      'kubernetes.io/os': 'linux',
    });
  });

  it('are replaced under their names when the list changes, those of Windows excepted', async () => {
    const cluster = await addCluster({
      pools: [
        { name: 'system', count: 2 },
        { name: 'win', osType: 'Windows', count: 1 },
      ],
    });
    const before = byName(await nodeObjects(cluster));
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Succeeded');

    const after = byName(await nodeObjects(cluster));
    expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
    for (const [name, node] of after) {
      const old = before.get(name)!;
      const replaced = node.metadata.uid !== old.metadata.uid;
      expect({ name, replaced }).toEqual({ name, replaced: !name.startsWith('akswin') });
      expect(isReady(node)).toBe(true);
      expect(node.spec.unschedulable ?? false).toBe(false);
      if (!replaced) continue;
      expect(node.status.nodeInfo.bootID).not.toBe(old.status.nodeInfo.bootID);
    }
    for (const truth of cluster.nodes()) {
      expect(truth.uid).toBe(after.get(truth.name)!.metadata.uid);
      expect(truth.fingerprints).toEqual(truth.osType === 'Linux' ? [elements[0]!.fingerprint] : []);
    }
  }, 20_000);

  it('that are born in an operation are younger than the second it began in', async () => {
    const cluster = await addCluster({ pools: [{ name: 'system', count: 1 }] });
    const began = Math.floor(Date.now() / 1000);
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    const [node] = await nodeObjects(cluster);
    expect(Date.parse(node!.metadata.creationTimestamp) / 1000).toBeGreaterThan(began);
  });

  it('are reported by the upgrader', async () => {
    const cluster = await addCluster({ pools: [{ name: 'system', count: 1 }] });
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    const name = cluster.nodes()[0]!.name;
    const surge = name.replace(/0$/, '1');
    const events = (await target.list<EventObject>('/api/v1/namespaces/default/events')).filter((event) =>
      [name, surge].includes(event.involvedObject.name),
    );
    expect(new Set(events.map((event) => event.source.component))).toEqual(new Set(['upgrader']));
    expect(events.map((event) => `${event.reason}: ${event.message}`).sort()).toEqual(
      [
        'Upgrade: Upgrade started for agent pool system',
        `Surge: Created a surge node ${surge} for agentpool system`,
        `Cordon: Cordoning node ${name}`,
        `Drain: Draining node: ${name}`,
        `Upgrade: Deleting node ${name} from API server`,
        `Upgrade: Reimaging node: ${name}`,
        `Upgrade: Successfully reimaged node: ${name}`,
        `Upgrade: Successfully upgraded node: ${name}`,
        `Surge: Removing surge node: ${surge}`,
        `Drain: Draining node: ${surge}`,
      ].sort(),
    );
  });

  it('are deleted with their cluster, and others come with a new one of the same id', async () => {
    const cluster = await addCluster({ pools: [{ name: 'system', count: 1 }] });
    const uid = cluster.resourceUid;
    const old = (await nodeObjects(cluster))[0]!.metadata;
    await cluster.recreate();
    const fresh = (await nodeObjects(cluster))[0]!.metadata;
    expect(fresh.name).toBe(old.name);
    expect(fresh.uid).not.toBe(old.uid);
    expect(cluster.resourceUid).not.toBe(uid);
  });
});

describe('while a pool is rolled', () => {
  /** The fewest ready and schedulable nodes seen, and the most nodes, from the start of an operation to its end. */
  async function watched(cluster: SimulatedCluster): Promise<{ fewestReady: number; most: number }> {
    const seen = { fewestReady: Infinity, most: 0 };
    let over = false;
    const end = cluster.idle().then(() => (over = true));
    while (!over) {
      const nodes = await nodeObjects(cluster);
      const ready = nodes.filter((node) => isReady(node) && node.spec.unschedulable !== true);
      seen.fewestReady = Math.min(seen.fewestReady, ready.length);
      seen.most = Math.max(seen.most, nodes.length);
    }
    await end;
    return seen;
  }

  it('with surge, there are never fewer ready nodes than its count', async () => {
    const cluster = await addCluster({ pools: [{ name: 'system', count: 3, maxSurge: '34%' }] });
    cluster.changeList([elements[0]!.base64]);
    expect(await watched(cluster)).toEqual({ fewestReady: 3, most: 5 });
    expect(cluster.nodes().filter((node) => node.surge)).toEqual([]);
  }, 20_000);

  it('without surge, as many are missing as may be and none is added', async () => {
    const cluster = await addCluster({ pools: [{ name: 'system', count: 3, maxSurge: 0, maxUnavailable: 1 }] });
    cluster.changeList([elements[0]!.base64]);
    expect(await watched(cluster)).toEqual({ fewestReady: 2, most: 3 });
  }, 20_000);
});
