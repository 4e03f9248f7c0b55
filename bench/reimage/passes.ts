/**
 * Progress passes over one target cluster, in a process of their own: `passes.ts kubeconfig` says `ready` once it has taken the
 * baseline, makes a pass for each line of its input and says `looked`, and prints one line of JSON when its input ends.
 */
import { createInterface } from 'node:readline';
import type { ClusterId } from '../../src/api/resource-id.ts';
import type { ClusterModel } from '../../src/azure/cluster-model.ts';
import { createNodeReader } from '../../src/cluster/node-access/node-reader.ts';
import { estimateOf } from '../../src/cluster/reimage/estimate.ts';
import { blockersOf } from '../../src/cluster/reimage/blockers.ts';
import { measureProgress } from '../../src/cluster/reimage/progress.ts';
import { countedFrom, baselineOf } from '../../src/cluster/reimage/baseline.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { connect } from '../../src/kubernetes/client/connection.ts';
import { loadOwnCredentials } from '../../src/kubernetes/auth/credentials.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { NODES_A_POOL, poolName, POOLS } from './nodes.ts';

const [kubeconfig = ''] = process.argv.slice(2);
const requests: string[] = [];
const plain = connect(await loadOwnCredentials({ kubeconfig }));
const connection: typeof plain = {
  ...plain,
  request(request) {
    requests.push(request.path);
    return plain.request(request);
  },
  stream(request) {
    requests.push(`watch of ${request.path}`);
    return plain.stream(request);
  },
  get lastResponseDate() {
    return plain.lastResponseDate;
  },
};
const reader = createNodeReader(
  {
    connectionFor: () => Promise.resolve({ kind: 'Open', connection }),
    retain: () => Promise.resolve(),
    close: () => Promise.resolve(),
  },
  systemClock,
);
const { signal } = new AbortController();
const source = {
  cluster: { key: 'bench' } as ClusterId,
  reconcile: {},
  group: 'Operator',
  ways: [{ kind: 'InCluster' }],
} as const;
const model: ClusterModel = {
  name: 'bench',
  provisioningState: 'Updating',
  powerState: 'Running',
  elements: [],
  pools: Array.from({ length: POOLS }, (_, pool) => ({
    name: poolName(pool),
    osType: 'Linux',
    count: NODES_A_POOL,
    provisioningState: 'Updating',
    powerState: 'Running',
  })),
};

const first = await reader.read(source, 'Nodes', signal);
if (first.kind !== 'Read') throw new Error(JSON.stringify(first));
const begun = countedFrom(first.nodes, first.serverTime ?? Date.now());
const since = baselineOf(begun);
process.stdout.write('ready\n');

/** CPU of each pass and of what the watches brought since the one before; the first one lists. */
const times: number[] = [];
const reckoned: number[] = [];
const idle = process.memoryUsage.rss();
let peak = idle;
let summary = '';
requests.length = 0;
let cpu = process.cpuUsage();
for await (const _ of createInterface({ input: process.stdin })) {
  if (times.length === 0) cpu = process.cpuUsage();
  const nodes = await reader.read(source, 'Progress', signal);
  const readAt = performance.now();
  const progress = measureProgress(model, nodes, since);
  blockersOf(model, nodes, progress, since, DEFAULT_TIMING, progress?.pools);
  estimateOf(model, progress, since);
  reckoned.push(performance.now() - readAt);
  const { user, system } = process.cpuUsage(cpu);
  times.push((user + system) / 1000);
  cpu = process.cpuUsage();
  peak = Math.max(peak, process.memoryUsage.rss());
  summary = progress?.nodes.summary ?? '';
  process.stdout.write('looked\n');
}
reader.close();
process.stdout.write(`${JSON.stringify({ times, reckoned, idle, peak, summary, requests })}\n`);
await plain.close();
