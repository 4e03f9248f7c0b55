import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Simulator, SteppedClock } from '../../simulator/index.ts';
import type { ArmAnswer, ArmClient } from './arm-client.ts';
import { HOUR, IN_PLACE, startStepped, withList } from './stepped.ts';

let clock: SteppedClock;
let simulator: Simulator;
let arm: ArmClient;
let a: string;
let b: string;

beforeAll(async () => {
  ({ clock, simulator, arm, a, b } = await startStepped());
});
afterAll(async () => {
  await arm.close();
  await simulator.stop();
});

function monitor(answer: ArmAnswer): Promise<ArmAnswer> {
  return arm.get(String(answer.headers['azure-asyncoperation']).slice(simulator.url.length));
}

describe('an operation', () => {
  it('takes the time of its nodes, one after the other without surge', async () => {
    const cluster = simulator.addCluster({ name: 'timed', pools: [{ name: 'system', count: 3, ...IN_PLACE }] });
    await cluster.ready();
    const answer = await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(304_000);
    expect((await monitor(answer)).body).toMatchObject({ status: 'InProgress' });
    expect((await monitor(answer)).headers['retry-after']).toBe('10');
    expect(cluster.nodes().map((node) => node.phase)).toEqual(['Ready', 'Ready', 'Starting']);
    await clock.advance(2_000);
    expect((await monitor(answer)).body).toMatchObject({
      status: 'Succeeded',
      startTime: expect.stringMatching(/^2026-01-01T0/),
      endTime: expect.stringMatching(/^2026-01-01T0/),
    });
    expect(cluster.provisioningState).toBe('Succeeded');
  });

  it('rolls pools one after the other, and Windows pools not at all', async () => {
    const cluster = simulator.addCluster({
      name: 'pools',
      pools: [
        { name: 'one', count: 1, ...IN_PLACE },
        { name: 'win', osType: 'Windows', count: 1, ...IN_PLACE },
        { name: 'two', count: 1, ...IN_PLACE },
      ],
    });
    await cluster.ready();
    await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(50_000);
    const states = () =>
      (
        cluster.model() as { properties: { agentPoolProfiles: { name: string; provisioningState: string }[] } }
      ).properties.agentPoolProfiles.map((pool) => `${pool.name} ${pool.provisioningState}`);
    expect(states()).toEqual(['one Updating', 'win Succeeded', 'two Updating']);
    const having = () =>
      cluster
        .nodes()
        .filter((node) => node.bornWith.length > 0)
        .map((node) => node.pool);
    expect(having()).toEqual([]);
    await clock.advance(60_000);
    expect(states()).toEqual(['one Succeeded', 'win Succeeded', 'two Updating']);
    expect(having()).toEqual(['one']);
    await clock.advance(HOUR);
    expect(having()).toEqual(['one', 'two']);
    expect(cluster.provisioningState).toBe('Succeeded');
  });

  it.each([
    [
      'another order',
      () => [
        [a, b],
        [b, a],
      ],
    ],
    ['another spelling', () => [[a], [a.slice(0, -4) + Buffer.from('\n\n').toString('base64')]]],
  ])('replaces every node for %s of the same list', async (name, lists) => {
    const [from, to] = lists() as [string[], string[]];
    const cluster = simulator.addCluster({ name: `same-${name.length}`, customCATrustCertificates: from });
    await cluster.ready();
    const before = cluster.nodes().map((node) => node.uid);
    cluster.changeList(to);
    await clock.advance(HOUR);
    const after = cluster.nodes().map((node) => node.uid);
    expect(after.filter((uid) => before.includes(uid))).toEqual([]);
  });

  it('touches no node when the list stays, and is over at once when nothing changes', async () => {
    const cluster = simulator.addCluster({ name: 'untouched', customCATrustCertificates: [a] });
    await cluster.ready();
    const before = cluster.nodes();
    expect((await arm.put(cluster.resourceId, withList([a]))).body).toMatchObject({
      properties: { provisioningState: 'Succeeded' },
    });
    expect((await arm.put(cluster.resourceId, '{"tags":{"a":"b"}}')).body).toMatchObject({
      properties: { provisioningState: 'Updating' },
    });
    await clock.advance(6_000);
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(cluster.nodes()).toEqual(before);
  });

  it('gives every node the list of the moment of its birth', async () => {
    const cluster = simulator.addCluster({ name: 'born', pools: [{ name: 'system', count: 2, ...IN_PLACE }] });
    await cluster.ready();
    cluster.changeList([a]);
    await clock.advance(HOUR);
    cluster.setListSilently([b]);
    cluster.scale('system', 3);
    await clock.advance(HOUR);
    expect(cluster.nodes().map((node) => node.bornWith)).toEqual([[a], [a], [b]]);
    expect(cluster.list()).toEqual([b]);
  });

  it('scales a pool back that a PUT carries an old count of', async () => {
    const cluster = simulator.addCluster({ name: 'stale-count', pools: [{ name: 'system', count: 2 }] });
    const { text } = await arm.get(cluster.resourceId);
    cluster.scale('system', 4);
    await clock.advance(HOUR);
    expect(cluster.nodes()).toHaveLength(4);
    expect((await arm.put(cluster.resourceId, text)).status).toBe(200);
    await clock.advance(HOUR);
    expect(cluster.nodes()).toHaveLength(2);
  });
});

describe('an operation that fails half-way', () => {
  it('leaves some nodes new, some old, and says why', async () => {
    const cluster = simulator.addCluster({ name: 'failed', pools: [{ name: 'system', count: 3, ...IN_PLACE }] });
    await cluster.ready();
    cluster.failNextOperation({ code: 'QuotaExceeded', message: 'No cores are left.', afterNodes: 2 });
    const answer = await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(HOUR);
    const error = { code: 'QuotaExceeded', message: 'No cores are left.' };
    expect((await monitor(answer)).body).toMatchObject({ status: 'Failed', error });
    expect((await arm.get(cluster.resourceId)).body).toMatchObject({
      properties: { provisioningState: 'Failed', status: { provisioningError: error } },
    });
    expect(cluster.nodes().map((node) => node.bornWith)).toEqual([[a], [a], []]);
  });

  it('is taken up again by a PUT of the same list, for the nodes it left', async () => {
    const cluster = simulator.addCluster({ name: 'resumed', pools: [{ name: 'system', count: 3, ...IN_PLACE }] });
    await cluster.ready();
    cluster.failNextOperation({ code: 'QuotaExceeded', message: 'No cores are left.', afterNodes: 1 });
    await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(HOUR);
    const [first] = cluster.nodes();
    const answer = await arm.put(cluster.resourceId, withList([a]));
    expect(answer.headers['azure-asyncoperation']).toBeDefined();
    await clock.advance(HOUR);
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(cluster.nodes().map((node) => node.bornWith)).toEqual([[a], [a], [a]]);
    expect(cluster.nodes()[0]).toEqual(first);
    expect((await arm.get(cluster.resourceId)).text).not.toContain('provisioningError');
  });

  it('leaves its surge nodes to the next one, which removes them', async () => {
    const cluster = simulator.addCluster({ name: 'left-over', pools: [{ name: 'system', count: 2, maxSurge: 1 }] });
    await cluster.ready();
    cluster.failNextOperation({ code: 'PodDrainFailure', message: 'A pod stays.', afterNodes: 1 });
    await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(HOUR);
    expect(cluster.nodes().map((node) => node.surge)).toEqual([false, false, true]);
    await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(HOUR);
    expect(cluster.nodes().map((node) => `${node.surge} ${node.bornWith.length}`)).toEqual(['false 1', 'false 1']);
  });
});

describe('an operation that is canceled', () => {
  it('finishes the node it is at, touches no other, and is Canceling meanwhile', async () => {
    const cluster = simulator.addCluster({ name: 'canceled', pools: [{ name: 'system', count: 3, ...IN_PLACE }] });
    await cluster.ready();
    const answer = await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(20_000);
    cluster.abort();
    expect(cluster.provisioningState).toBe('Canceling');
    expect((await arm.put(cluster.resourceId, '{}')).text).toContain(
      "there's an in progress cancel managed cluster operation",
    );
    await clock.advance(HOUR);
    expect(cluster.provisioningState).toBe('Canceled');
    expect((await monitor(answer)).body).toMatchObject({ status: 'Canceled' });
    expect(cluster.nodes().map((node) => node.bornWith)).toEqual([[a], [], []]);
    expect(() => cluster.abort()).toThrow('No operation is running');
  });

  it('because its cluster was deleted says so', async () => {
    const cluster = simulator.addCluster({ name: 'preempted' });
    await cluster.ready();
    const answer = await arm.put(cluster.resourceId, withList([a]));
    await clock.advance(20_000);
    await cluster.delete();
    expect((await monitor(answer)).body).toMatchObject({
      status: 'Failed',
      error: { code: 'AKSOperationPreemptedByDelete' },
    });
    expect((await arm.get(cluster.resourceId)).status).toBe(404);
  });
});

describe("another client's operation", () => {
  it.each(['Succeeded', 'Failed', 'Canceled'] as const)('keeps the cluster busy and ends %s', async (end) => {
    const cluster = simulator.addCluster({ name: `foreign-${end}` });
    await cluster.ready();
    const before = cluster.nodes();
    cluster.startForeignOperation({ kind: 'Upgrade', seconds: 60, end });
    expect((await arm.put(cluster.resourceId, withList([a]))).text).toContain('in progress upgrade managed cluster');
    await clock.advance(61_000);
    expect(cluster.provisioningState).toBe(end);
    expect(cluster.nodes()).toEqual(before);
  });

  it('that left a pool off its version is resumed by any PUT, Windows nodes included', async () => {
    const cluster = simulator.addCluster({
      name: 'off-target',
      kubernetesVersion: '1.33.3',
      pools: [
        { name: 'system', count: 1 },
        { name: 'win', osType: 'Windows', count: 1 },
      ],
    });
    await cluster.ready();
    cluster.startForeignOperation({ kind: 'Upgrade', seconds: 60, end: 'Failed', poolOffTarget: 'win' });
    await clock.advance(61_000);
    const pool = async () => (await arm.get(`${cluster.resourceId}/agentPools/win`)).body?.['properties'];
    expect(await pool()).toMatchObject({
      orchestratorVersion: '1.33.4',
      currentOrchestratorVersion: '1.33.3',
      provisioningState: 'Failed',
    });
    expect((await arm.put(cluster.resourceId, '{}')).status).toBe(200);
    await clock.advance(HOUR);
    expect(await pool()).toMatchObject({ currentOrchestratorVersion: '1.33.4', provisioningState: 'Succeeded' });
    expect(cluster.nodes().map((node) => `${node.pool} ${node.kubeletVersion}`)).toEqual([
      'system v1.33.3',
      'win v1.33.4',
    ]);
  });

  it('may change the list', async () => {
    const cluster = simulator.addCluster({ name: 'changed' });
    await cluster.ready();
    simulator.clearJournal();
    cluster.changeList([b]);
    expect(() => cluster.changeList([a])).toThrow(/in progress update managed cluster operation/);
    await clock.advance(HOUR);
    expect(cluster.nodes().map((node) => node.bornWith)).toEqual([[b], [b], [b]]);
    expect(simulator.journal()).toEqual([]);
  });
});
