import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import { condition, entry, eventually, isReady, roots, startRig, type Rig } from './rig.ts';

jest.setTimeout(120_000);

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
}, 600_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const names = (count: number) => Array.from({ length: count }, (_, index) => `o-${index}`);

async function fleetOf(count: number): Promise<SimulatedCluster[]> {
  return Promise.all(names(count).map(() => rig.addCluster()));
}

async function wantOn(clusters: readonly SimulatedCluster[], root = 0): Promise<void> {
  await Promise.all(
    clusters.map((cluster, index) => rig.apply(`o-${index}`, cluster, { certificates: [entry('a', ...roots(root))] })),
  );
}

const changing = (clusters: readonly SimulatedCluster[]) =>
  clusters.filter(({ provisioningState }) => !/^(Succeeded|Failed|Canceled)$/.test(provisioningState)).length;

/** The most clusters that changed at the same time, until all of them have what they want. */
async function mostAtATime(clusters: readonly SimulatedCluster[]): Promise<number> {
  let most = 0;
  await eventually(async () => {
    most = Math.max(most, changing(clusters));
    return clusters.every((cluster) => rig.puts(cluster).length > 0) && changing(clusters) === 0;
  }, 90_000);
  return most;
}

describe('a fleet of eight clusters with --max-changing-clusters 2', () => {
  it('changes two at a time, and every one gets what it wants', async () => {
    const clusters = await fleetOf(8);
    await rig.startController({ maxChangingClusters: 2 });
    await wantOn(clusters);
    const waits = rig.until(
      'o-7',
      (object) => condition(object, 'Applied')?.reason === 'WaitingForOthers' || isReady(object),
      'waiting or done',
    );
    expect(await mostAtATime(clusters)).toBe(2);
    for (const name of names(8)) await rig.until(name, isReady, 'Ready');
    expect(clusters.map((cluster) => rig.puts(cluster).length)).toEqual(Array(8).fill(1));
    expect(condition(await waits, 'Stalled')).toBeUndefined();
    const waited = await Promise.all(names(8).map((name) => rig.events(name)));
    const said = waited.flat().filter(({ reason }) => reason === 'WaitingForOthers');
    expect(said.length).toBeGreaterThanOrEqual(3);
    expect(said.map(({ type }) => type)).toEqual(said.map(() => 'Normal'));
    expect(said[0]?.note).toMatch(/^At most 2 clusters may change at the same time/);
  });

  it('begins no third change after a restart, and after a kill', async () => {
    const clusters = await fleetOf(8);
    const first = await rig.startController({ maxChangingClusters: 2 });
    await wantOn(clusters);
    await eventually(async () => changing(clusters) === 2);
    first.kill();
    const second = await rig.startController({ maxChangingClusters: 2 });
    let most = 0;
    await eventually(async () => {
      most = Math.max(most, changing(clusters));
      return clusters.filter((cluster) => rig.puts(cluster).length > 0).length >= 4;
    });
    await second.stop();
    await rig.startController({ maxChangingClusters: 2 });
    most = Math.max(most, await mostAtATime(clusters));
    expect(most).toBe(2);
    for (const name of names(8)) await rig.until(name, isReady, 'Ready');
  });

  it('goes on past operations that hang for ever', async () => {
    const clusters = await fleetOf(8);
    const hanging = clusters.slice(0, 3);
    for (const cluster of hanging) cluster.endOperations({ end: 'Never' });
    await rig.startController({ maxChangingClusters: 2, timing: { slot: [1500, 1500] } });
    await wantOn(hanging);
    await eventually(async () => changing(hanging) === 2);
    await wantOn(clusters);
    for (const name of names(8).slice(3)) await rig.until(name, isReady, 'Ready', 60_000);
    expect(hanging.map((cluster) => rig.puts(cluster).length)).toEqual([1, 1, 1]);
  });
});
