import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { play, readScenario } from '../../simulator/control/scenario.ts';
import { startSimulator, steppedClock } from '../../simulator/index.ts';
import type { PoolSeed, SimulatedCluster, Simulator, SteppedClock } from '../../simulator/index.ts';
import { makeElements } from './certificates.ts';
import type { Element } from './certificates.ts';

// Nodes are in memory here, and the clock moves only when a test moves it.
const MINUTE = 60_000;

let clock: SteppedClock;
let simulator: Simulator;
let elements: Element[];

beforeAll(async () => {
  elements = await makeElements(1);
});
beforeEach(async () => {
  clock = steppedClock(0);
  simulator = await startSimulator({ clock });
});
afterEach(() => simulator.stop());

async function addCluster(...pools: PoolSeed[]): Promise<SimulatedCluster> {
  const cluster = simulator.addCluster({ name: 'prod', pools });
  await cluster.ready();
  return cluster;
}

async function change(cluster: SimulatedCluster, minutes = 60): Promise<void> {
  cluster.changeList([elements[0]!.base64]);
  await clock.advance(minutes * MINUTE);
}

const uids = (cluster: SimulatedCluster) => cluster.nodes().map(({ uid }) => uid);
const trusting = (cluster: SimulatedCluster) =>
  cluster.nodes().filter(({ fingerprints }) => fingerprints.includes(elements[0]!.fingerprint));
const poolStates = (cluster: SimulatedCluster) => {
  const { properties } = cluster.model() as {
    properties: { agentPoolProfiles: { name: string; provisioningState: string }[] };
  };
  return Object.fromEntries(properties.agentPoolProfiles.map((pool) => [pool.name, pool.provisioningState]));
};
const provisioningError = (cluster: SimulatedCluster) =>
  (cluster.model() as { properties: { status?: { provisioningError?: { code: string } } } }).properties.status
    ?.provisioningError;

describe('a shortage', () => {
  it.each(['QuotaExceeded', 'SubnetIsFull', 'AllocationFailed'] as const)(
    '%s fails the pool before any of its nodes is touched, and the next change goes on when it is over',
    async (code) => {
      const cluster = await addCluster({ name: 'system', count: 2 }, { name: 'work', count: 2 });
      const before = uids(cluster);
      cluster.beginShortage({ code, pool: 'work' });
      await change(cluster);
      expect(poolStates(cluster)).toEqual({ system: 'Succeeded', work: 'Failed' });
      expect(cluster.provisioningState).toBe('Failed');
      expect(provisioningError(cluster)).toMatchObject({ code });
      expect(trusting(cluster).map(({ pool }) => pool)).toEqual(['system', 'system']);
      expect(uids(cluster).slice(2)).toEqual(before.slice(2));

      cluster.endShortage('work');
      await change(cluster);
      expect(poolStates(cluster)).toEqual({ system: 'Succeeded', work: 'Succeeded' });
      expect(trusting(cluster)).toHaveLength(4);
    },
  );

  it('does not delay a pool that needs no other machines', async () => {
    const cluster = await addCluster({ name: 'system', count: 2, maxSurge: 0, maxUnavailable: 1 });
    cluster.beginShortage({ code: 'QuotaExceeded' });
    await change(cluster);
    expect(cluster.provisioningState).toBe('Succeeded');
  });

  it('keeps an autoscaler from growing', async () => {
    const cluster = await addCluster({ name: 'system', count: 2 });
    cluster.beginShortage({ code: 'AllocationFailed' });
    cluster.autoscale('system', 1);
    await clock.advance(10 * MINUTE);
    expect(cluster.nodes()).toHaveLength(2);
  });
});

describe('a machine that is late', () => {
  it('holds the operation up for as long', async () => {
    const cluster = await addCluster({ name: 'system', count: 1 });
    cluster.delayMachines({ seconds: 600 });
    await change(cluster, 12);
    expect(cluster.provisioningState).toBe('Updating');
    expect(cluster.nodes().map(({ surge, phase }) => ({ surge, phase }))).toEqual([
      { surge: false, phase: 'Ready' },
      { surge: true, phase: 'Starting' },
    ]);
    await clock.advance(4 * MINUTE);
    expect(cluster.provisioningState).toBe('Succeeded');
  });

  it('for ever as a surge node ends the operation with every node as it was', async () => {
    const cluster = await addCluster({ name: 'system', count: 2 });
    const before = uids(cluster);
    cluster.delayMachines({ pool: 'system' });
    await change(cluster, 31);
    expect(cluster.provisioningState).toBe('Updating');
    await clock.advance(2 * MINUTE);
    expect(cluster.provisioningState).toBe('Failed');
    expect(provisioningError(cluster)).toMatchObject({ code: 'NodesNotReady' });
    expect(uids(cluster).slice(0, 2)).toEqual(before);
    expect(trusting(cluster).map(({ surge, phase }) => ({ surge, phase }))).toEqual([
      { surge: true, phase: 'NotReady' },
    ]);
  });
});

describe('a machine that hangs before it registers', () => {
  it('keeps its node away for as long, and the operation goes on with it', async () => {
    const cluster = await addCluster({ name: 'system', count: 1, maxSurge: 0, maxUnavailable: 1 });
    cluster.delayMachines({ seconds: 7200, unregistered: true });
    await change(cluster, 100);
    expect(cluster.provisioningState).toBe('Updating');
    expect(cluster.nodes().map(({ phase }) => phase)).toEqual(['Reimaging']);
    await clock.advance(30 * MINUTE);
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(trusting(cluster)).toHaveLength(1);
  });

  it('for ever is ended by an abort, and the next change takes it up', async () => {
    const cluster = await addCluster({ name: 'system', count: 2, maxSurge: 0, maxUnavailable: 1 });
    cluster.delayMachines({ pool: 'system', unregistered: true });
    await change(cluster, 600);
    expect(cluster.provisioningState).toBe('Updating');
    cluster.abort();
    await clock.advance(MINUTE);
    expect(cluster.provisioningState).toBe('Canceled');
    expect(cluster.nodes().map(({ phase }) => phase)).toEqual(['Reimaging', 'Ready']);
    await change(cluster);
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(trusting(cluster)).toHaveLength(2);
  });
});

describe('a stopped pool', () => {
  it('has no nodes, stays out of a change, and gets the new list when it is started', async () => {
    const cluster = await addCluster({ name: 'system', count: 1 }, { name: 'work', count: 2 });
    cluster.stopPool('work');
    await clock.advance(MINUTE);
    expect(cluster.nodes().map(({ pool }) => pool)).toEqual(['system']);
    expect(cluster.model()).toMatchObject({
      properties: { agentPoolProfiles: [{ powerState: { code: 'Running' } }, { powerState: { code: 'Stopped' } }] },
    });
    await change(cluster);
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(cluster.nodes()).toHaveLength(1);
    cluster.startPool('work');
    expect(poolStates(cluster)).toEqual({ system: 'Succeeded', work: 'Starting' });
    await clock.advance(10 * MINUTE);
    expect(trusting(cluster).map(({ pool }) => pool)).toEqual(['system', 'work', 'work']);
  });

  it('may be there from the start', async () => {
    const cluster = await addCluster({ name: 'system', count: 1 }, { name: 'work', count: 2, powerState: 'Stopped' });
    expect(cluster.nodes()).toHaveLength(1);
  });
});

describe('a scenario', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'troubles-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('makes the troubles that it names', async () => {
    const path = join(folder, 'scenario.yaml');
    await writeFile(
      path,
      `
clusters:
  - name: prod
    autoProvisioned: { count: 1, nodePool: general, driftSeconds: 60 }
    virtualNodes: 1
    pools:
      - { name: system, count: 2, maxSurge: 1 }
      - { name: spot, count: 2, spot: true }
      - { name: idle, count: 1 }
schedule:
  - { at: 10, cluster: prod, action: autoscale, pool: system, by: 1 }
  - { at: 200, cluster: prod, action: autoscale, pool: system, by: -2 }
  - { at: 210, cluster: prod, action: evictMachine, pool: spot }
  - { at: 220, cluster: prod, action: beginShortage, code: QuotaExceeded, pool: idle }
  - { at: 230, cluster: prod, action: endShortage }
  - { at: 240, cluster: prod, action: stopPool, pool: idle }
  - { at: 300, cluster: prod, action: startPool, pool: idle }
  - { at: 600, cluster: prod, action: delayMachines, seconds: 60, machines: 2 }
  - { at: 610, cluster: prod, action: changeList, elements: ['${elements[0]!.base64}'] }
  - { at: 620, cluster: prod, action: loseEvents }
`,
    );
    const played = await play(simulator, await readScenario(path), path);
    const cluster = simulator.cluster('prod');
    const counts = () =>
      Object.entries(Object.groupBy(cluster.nodes(), ({ pool, kind }) => pool || kind))
        .map(([name, nodes]) => `${name} ${nodes!.length}`)
        .sort();
    expect(counts()).toEqual(['autoProvisioned 1', 'idle 1', 'spot 2', 'system 2', 'virtual 1']);
    await clock.advance(195_000);
    expect(counts()).toContain('system 3');
    await clock.advance(16_000);
    expect(counts()).toEqual(['autoProvisioned 1', 'idle 1', 'spot 1', 'system 1', 'virtual 1']);
    await clock.advance(60 * MINUTE);
    await played.schedule;
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(counts()).toEqual(['autoProvisioned 1', 'idle 1', 'spot 1', 'system 1', 'virtual 1']);
    expect(
      trusting(cluster)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['autoProvisioned', 'pool', 'pool', 'pool']);
    const [node] = cluster.nodes();
    await play(
      simulator,
      { schedule: [{ at: 0, cluster: 'prod', action: 'setNodeReady', node: node!.name, ready: false }] },
      path,
    ).then(({ schedule }) => Promise.all([schedule, clock.advance(1)]));
    expect(cluster.nodes()[0]!.phase).toBe('NotReady');
  });
});
