import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import { shardOf } from '../../src/runtime/shard.ts';
import { createProcesses, type Processes } from './processes.ts';
import { entry, eventually, fingerprints, listed, roots, startRig, type Rig } from './rig.ts';
import { installShardingRole } from './roles.ts';

const SHARDS = [1, 2, 3];

let rig: Rig;
let processes: Processes;
beforeAll(async () => {
  rig = await startRig();
  processes = createProcesses(rig);
  await installShardingRole(rig.admin);
}, 600_000);
afterEach(async () => {
  await processes.stopAll();
  await rig.cleanUp();
});
afterAll(() => rig.stop());

describe('three processes, each with a third of the clusters', () => {
  it('work on each cluster in one place, with all that is wanted of it, and go on when one of them is replaced', async () => {
    const clusters = await clustersOfEachShard(4);
    const team = await Promise.all(SHARDS.map((shard) => start(shard)));
    const wanted = (round: number) =>
      Promise.all(
        clusters.flatMap((cluster, index) =>
          ['a', 'b'].map((owner, at) =>
            rig.apply(`${owner}-${index}`, cluster, { certificates: [entry('roots', ...roots(2 * round + at))] }),
          ),
        ),
      );
    const isThere = (round: number) =>
      eventually(async () => {
        const want = fingerprints(2 * round, 2 * round + 1);
        return clusters.every((cluster) => want.every((one) => listed(cluster).includes(one)));
      }, 60_000);

    await wanted(0);
    await isThere(0);
    expect(askersOf(clusters)).toEqual(clusters.map((cluster) => [team[shardOf3(cluster) - 1]?.clientId]));

    team[0]?.kill('SIGKILL');
    await team[0]?.exit;
    rig.simulator.clearJournal();
    team[0] = await start(1);
    await wanted(1);
    await isThere(1);
    expect(askersOf(clusters)).toEqual(clusters.map((cluster) => [team[shardOf3(cluster) - 1]?.clientId]));
  }, 180_000);

  it('let only one process lead a share, and one that is alone leaves the other shares alone', async () => {
    const clusters = await clustersOfEachShard(1);
    const leader = await start(2);
    await leader.line('This process leads.');
    const standby = await start(2);
    for (const [index, cluster] of clusters.entries())
      await rig.apply(`only-${index}`, cluster, { certificates: [entry('roots', ...roots(0))] });
    const own = clusters.filter((cluster) => shardOf3(cluster) === 2);
    await eventually(async () => own.every((cluster) => listed(cluster).length === 1));
    expect(askersOf(clusters)).toEqual(clusters.map((cluster) => (shardOf3(cluster) === 2 ? [leader.clientId] : [])));
    expect(standby.clientId).not.toBe(leader.clientId);
  }, 90_000);
});

function start(shard: number) {
  return processes.start([
    `--shard=${shard}/${SHARDS.length}`,
    '--leader-elect',
    '--lease-namespace=aks-ca-trust-system',
  ]);
}

function shardOf3({ resourceId }: SimulatedCluster): number {
  return shardOf(resourceId, SHARDS.length);
}

/** So many clusters of each shard, by trying names. */
async function clustersOfEachShard(count: number): Promise<SimulatedCluster[]> {
  const clusters = [await rig.addCluster()];
  const folder = clusters[0]?.resourceId.replace(/[^/]+$/, '') ?? '';
  const have = (shard: number) => clusters.filter((cluster) => shardOf3(cluster) === shard).length;
  for (let n = 0; clusters.length < count * SHARDS.length; n++) {
    const name = `fleet-${n}`;
    if (have(shardOf(folder + name, SHARDS.length)) < count) clusters.push(await rig.addCluster({ name }));
  }
  return clusters;
}

/** Of each cluster, who asked ARM for anything about it: reads and writes. */
function askersOf(clusters: readonly SimulatedCluster[]): string[][] {
  const journal = rig.simulator.journal();
  return clusters.map(({ resourceId }) => {
    const entries = journal.filter((entry) => entry.resourceId?.toLowerCase() === resourceId.toLowerCase());
    return [...new Set(entries.map(({ clientId }) => clientId))];
  });
}
