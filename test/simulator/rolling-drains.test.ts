import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startSimulator } from '../../simulator/index.ts';
import type { PoolSeed, SimulatedCluster, Simulator } from '../../simulator/index.ts';
import { eventually } from '../eventually.ts';
import { makeElements } from './certificates.ts';
import type { Element } from './certificates.ts';
import { watchNodes } from './node-watch.ts';
import { labelOfNodes } from './target.ts';
import type { EventObject, NodeObject } from './target.ts';
import { START_LIMIT, startWorkloadTarget } from './workload-target.ts';
import type { Deployment, WorkloadTarget } from './workload-target.ts';

const QUARANTINED = { 'kubernetes.azure.com/upgrade-status': 'Quarantined' };

let target: WorkloadTarget;
let simulator: Simulator;
let elements: Element[];
const deployments: Deployment[] = [];

beforeAll(async () => {
  target = await startWorkloadTarget();
  simulator = await startSimulator({ speed: 100, nodeSeconds: 30 });
  elements = await makeElements(2);
}, START_LIMIT);
afterEach(async () => {
  for (const deployment of deployments.splice(0)) await deployment.remove();
  for (const cluster of simulator.clusters()) await cluster.delete();
}, 30_000);
afterAll(async () => {
  await simulator.stop();
  await target.stop();
}, 30_000);

/** A cluster whose node names are its own; its node resource group distinguishes them. */
async function addCluster(...pools: PoolSeed[]): Promise<{ cluster: SimulatedCluster; group: string }> {
  const name = `drained-${randomUUID().slice(0, 8)}`;
  const cluster = simulator.addCluster({ name, kubeconfig: target.access, kubelets: true, pools });
  await cluster.ready();
  return { cluster, group: labelOfNodes(cluster) };
}

/** A workload of so many pods on the nodes of a group, of which so many may be evicted at a time. */
async function deploy(
  group: string,
  replicas: number,
  maxUnavailable: number,
  labels: Record<string, string> = {},
): Promise<Deployment> {
  const deployment = await target.deploy(replicas, { 'kubernetes.azure.com/cluster': group, ...labels });
  deployments.push(deployment);
  await deployment.allow(maxUnavailable);
  return deployment;
}

async function nodes(group: string): Promise<Map<string, NodeObject>> {
  const path = `/api/v1/nodes?labelSelector=kubernetes.azure.com%2Fcluster%3D${group}`;
  return new Map((await target.list<NodeObject>(path)).map((node) => [node.metadata.name, node]));
}

async function uids(group: string): Promise<Record<string, string>> {
  return Object.fromEntries([...(await nodes(group))].map(([name, { metadata }]) => [name, metadata.uid]));
}

interface ArmModel {
  readonly properties: {
    readonly provisioningState: string;
    readonly status?: { readonly provisioningError?: { readonly code: string; readonly message: string } };
    readonly agentPoolProfiles: readonly { name: string; count: number; provisioningState: string }[];
  };
}
const arm = (cluster: SimulatedCluster) => (cluster.model() as ArmModel).properties;
const poolStates = (cluster: SimulatedCluster) =>
  Object.fromEntries(arm(cluster).agentPoolProfiles.map((pool) => [pool.name, pool.provisioningState]));

async function events(cluster: SimulatedCluster): Promise<EventObject[]> {
  const digits = /^aks-\w+-(\d+)-/.exec(cluster.nodes()[0]!.name)![1]!;
  return target.events(digits);
}

async function messages(cluster: SimulatedCluster): Promise<string[]> {
  return (await events(cluster)).map(({ reason, message }) => `${reason}: ${message}`);
}

describe('a pool whose pods may be evicted', () => {
  it('never has fewer ready nodes than its count, nor more surge nodes than it may, and keeps its names', async () => {
    const { cluster, group } = await addCluster({ name: 'system', count: 4, maxSurge: 2 });
    const web = await deploy(group, 6, 1);
    const watch = await watchNodes(target.access, group);
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    await watch.stop();
    expect(cluster.provisioningState).toBe('Succeeded');
    expect({ fewest: watch.fewestReady(), most: watch.most() }).toEqual({ fewest: 4, most: 6 });
    const after = await uids(group);
    expect(Object.keys(after)).toHaveLength(4);
    for (const [name, uid] of Object.entries(after)) expect(watch.uids().get(name)).toEqual([expect.anything(), uid]);
    for (const truth of cluster.nodes()) expect(truth.fingerprints).toEqual([elements[0]!.fingerprint]);
    await eventually(async () => {
      const running = (await web.pods()).filter(({ status }) => status.phase === 'Running');
      return running.length === 6 && running.every(({ spec }) => spec.nodeName! in after);
    });
  }, 60_000);

  it('is soaked after each drain, and DaemonSets are left alone', async () => {
    const { cluster, group } = await addCluster({ name: 'system', count: 1, nodeSoakDurationInMinutes: 5 });
    const name = `agent-${randomUUID().slice(0, 8)}`;
    const daemonSets = '/apis/apps/v1/namespaces/default/daemonsets';
    await target.send('POST', daemonSets, {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name },
      spec: {
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: {
            nodeSelector: { 'kubernetes.azure.com/cluster': group },
            containers: [{ name: 'agent', image: 'registry.example.com/agent' }],
          },
        },
      },
    });
    const pods = () => target.list<{ status: { phase: string } }>(`/api/v1/pods?labelSelector=app%3D${name}`);
    await eventually(async () => (await pods())[0]?.status.phase === 'Running');
    const began = simulator.clock.now();
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(simulator.clock.now() - began).toBeGreaterThan(300_000);
    const node = cluster.nodes()[0]!.name;
    expect(await messages(cluster)).toContain(`Upgrade: Soak duration 5m0s after draining node: ${node}`);
    await target.send('DELETE', `${daemonSets}/${name}`);
  }, 60_000);
});

describe('a drain that a PodDisruptionBudget blocks', () => {
  it('is reported, goes on trying, and is over when the budget allows it', async () => {
    const { cluster, group } = await addCluster({ name: 'system', count: 2 });
    const web = await deploy(group, 2, 0);
    const before = await uids(group);
    cluster.changeList([elements[0]!.base64]);
    const blocked = await eventually(async () =>
      (await events(cluster)).find((event) => event.type === 'Warning' && event.reason === 'Drain'),
    );
    const [pod] = await web.pods();
    expect(blocked.message).toMatch(
      new RegExp(`^Eviction blocked by Too Many Requests \\(usually a pdb\\): ${web.name}-`),
    );
    expect(pod!.metadata.deletionTimestamp).toBeUndefined();
    const node = (await nodes(group)).get(blocked.involvedObject.name)!;
    expect(node.spec.unschedulable).toBe(true);
    expect(cluster.provisioningState).toBe('Updating');

    await web.allow(1);
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Succeeded');
    const after = await uids(group);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    for (const name of Object.keys(before)) expect(after[name]).not.toBe(before[name]);
  }, 60_000);

  it('ends when it is canceled, and its node takes pods again', async () => {
    const { cluster, group } = await addCluster({ name: 'system', count: 1 });
    await deploy(group, 1, 0);
    cluster.changeList([elements[0]!.base64]);
    await eventually(async () => (await messages(cluster)).some((message) => message.includes('Eviction blocked')));
    await cluster.cancelRunning();
    expect(cluster.provisioningState).toBe('Canceled');
    const [name] = cluster.nodes().map((node) => node.name);
    expect((await nodes(group)).get(name!)!.spec.unschedulable ?? false).toBe(false);
  }, 60_000);

  it('for longer than the pool allows ends the operation; the node takes pods again, and the next change takes it up', async () => {
    const { cluster, group } = await addCluster(
      { name: 'system', count: 1, drainTimeoutInMinutes: 5 },
      { name: 'later', count: 1 },
    );
    const web = await deploy(group, 1, 0, { agentpool: 'system' });
    const [pod] = await web.pods();
    const node = pod!.spec.nodeName!;
    const before = await uids(group);
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Failed');
    const { code, message } = arm(cluster).status!.provisioningError!;
    expect(code).toBe('PodDrainFailure');
    expect(message).toContain(`Drain node ${node} failed when evicting pod ${pod!.metadata.name}`);
    expect(message).toContain(`blocked by pdb ${web.name}.`);
    expect(await messages(cluster)).toContain(`Drain: Error draining node ${node}`);
    expect(await uids(group)).toEqual(before);
    expect((await nodes(group)).get(node)!.spec.unschedulable ?? false).toBe(false);

    await web.allow(1);
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    expect(poolStates(cluster)).toEqual({ system: 'Succeeded', later: 'Succeeded' });
    for (const truth of cluster.nodes()) expect(truth.fingerprints).toEqual([elements[0]!.fingerprint]);
  }, 60_000);
});

describe('a node that cannot be drained in a pool with Cordon', () => {
  it('is quarantined and replaced by its surge node while the others go on, until its label is taken away', async () => {
    const { cluster, group } = await addCluster({
      name: 'system',
      count: 3,
      maxSurge: 1,
      drainTimeoutInMinutes: 5,
      undrainableNodeBehavior: 'Cordon',
    });
    const web = await deploy(group, 1, 0);
    const node = (await web.pods())[0]!.spec.nodeName!;
    const before = await uids(group);
    const watch = await watchNodes(target.access, group);
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    await watch.stop();
    expect(cluster.provisioningState).toBe('Failed');
    expect(arm(cluster).status!.provisioningError!.code).toBe('PodDrainFailure');
    expect(arm(cluster).agentPoolProfiles[0]!.count).toBe(4);
    const after = await nodes(group);
    expect(after.size).toBe(4);
    expect(after.get(node)!.metadata.uid).toBe(before[node]);
    expect(after.get(node)!.metadata.labels).toMatchObject(QUARANTINED);
    expect(after.get(node)!.spec.unschedulable).toBe(true);
    const trusting = cluster.nodes().filter(({ fingerprints }) => fingerprints.includes(elements[0]!.fingerprint));
    expect(trusting).toHaveLength(3);
    expect({ fewest: watch.fewestSchedulable(), most: watch.most() }).toEqual({ fewest: 3, most: 5 });

    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Succeeded');
    expect((await uids(group))[node]).toBe(before[node]);

    await web.allow(1);
    await target.send(
      'PATCH',
      `/api/v1/nodes/${node}`,
      { metadata: { labels: { 'kubernetes.azure.com/upgrade-status': null } } },
      'application/merge-patch+json',
    );
    cluster.changeList([elements[1]!.base64]);
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Succeeded');
    expect((await uids(group))[node]).not.toBe(before[node]);
    for (const truth of cluster.nodes()) expect(truth.fingerprints).toEqual([elements[1]!.fingerprint]);
  }, 60_000);

  it('and has no surge node to stay in its place ends the operation as canceled', async () => {
    const { cluster, group } = await addCluster({
      name: 'system',
      count: 1,
      maxSurge: 0,
      maxUnavailable: 1,
      drainTimeoutInMinutes: 5,
      undrainableNodeBehavior: 'Cordon',
    });
    await deploy(group, 1, 0);
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Canceled');
    const [node] = (await nodes(group)).values();
    expect(node!.metadata.labels).toMatchObject(QUARANTINED);
    expect(node!.spec.unschedulable).toBe(true);
    expect(cluster.nodes()).toMatchObject([{ phase: 'Quarantined', fingerprints: [] }]);
  }, 60_000);
});
