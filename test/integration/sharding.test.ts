import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import type { SimulatedCluster } from '../../simulator/index.ts';
import { shardOf } from '../../src/runtime/shard.ts';
import { commandLine } from '../deploy/command-line.ts';
import { startProgram, type Program } from '../deploy/program.ts';
import { entry, eventually, fingerprints, listed, roots, startRig, type Rig } from './rig.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const SHARDS = [1, 2, 3];

/** One controller process; what it asks of ARM it asks as an application of its own. */
interface Process extends Program {
  readonly clientId: string;
}

let rig: Rig;
const folders: string[] = [];
const running = new Set<Program>();
beforeAll(async () => {
  rig = await startRig();
  const role = readFileSync(new URL('../../deploy/kustomize/components/sharding/role.yaml', import.meta.url), 'utf8');
  for (const document of parseAllDocuments(role)) {
    const object = document.toJS() as { kind: string; metadata: { namespace: string } };
    const { kind, metadata } = object;
    const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${metadata.namespace}/${kind.toLowerCase()}s`;
    await rig.admin.request({ method: 'POST', path, body: object });
  }
}, 600_000);
afterEach(async () => {
  for (const program of running) program.kill('SIGTERM');
  await Promise.all([...running].map(({ exit }) => exit));
  running.clear();
  await rig.cleanUp();
});
afterAll(async () => {
  await rig.stop();
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe('three processes, each with a third of the clusters', () => {
  it('work on each cluster in one place, with all that is wanted of it, and go on when one of them is replaced', async () => {
    const clusters = await clustersOfEachShard(4);
    const processes = await Promise.all(SHARDS.map((shard) => start(shard)));
    const wanted = (round: number) =>
      Promise.all(
        clusters.flatMap((cluster, index) =>
          ['a', 'b'].map((team, at) =>
            rig.apply(`${team}-${index}`, cluster, { certificates: [entry('roots', ...roots(2 * round + at))] }),
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
    expect(askersOf(clusters)).toEqual(clusters.map((cluster) => [processes[shardOf3(cluster) - 1]?.clientId]));

    processes[0]?.kill('SIGKILL');
    await processes[0]?.exit;
    rig.simulator.clearJournal();
    processes[0] = await start(1);
    await wanted(1);
    await isThere(1);
    expect(askersOf(clusters)).toEqual(clusters.map((cluster) => [processes[shardOf3(cluster) - 1]?.clientId]));
  }, 180_000);

  it('let only one process lead a share, and one that is alone leaves the other shares alone', async () => {
    const clusters = await clustersOfEachShard(1);
    const leader = await start(2);
    await leader.line('leading');
    const standby = await start(2);
    for (const [index, cluster] of clusters.entries())
      await rig.apply(`only-${index}`, cluster, { certificates: [entry('roots', ...roots(0))] });
    const own = clusters.filter((cluster) => shardOf3(cluster) === 2);
    await eventually(async () => own.every((cluster) => listed(cluster).length === 1));
    expect(askersOf(clusters)).toEqual(clusters.map((cluster) => (shardOf3(cluster) === 2 ? [leader.clientId] : [])));
    expect(standby.clientId).not.toBe(leader.clientId);
  }, 90_000);
});

async function start(shard: number): Promise<Process> {
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-shard-'));
  folders.push(folder);
  const words = await commandLine(rig, folder);
  const flags = [`--shard=${shard}/${SHARDS.length}`, '--leader-elect', '--lease-namespace=aks-ca-trust-system'];
  const program = startProgram([MAIN, ...words, ...flags], folder);
  running.add(program);
  await program.line('caches synced');
  const clientId = words.find((word) => word.startsWith('--client-id='))?.split('=')[1] ?? '';
  return { ...program, clientId };
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
