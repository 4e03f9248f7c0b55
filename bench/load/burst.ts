import { median, type Figure } from '../figure.ts';
import { countApiRequests, difference } from './api-requests.ts';
import { certificate } from './certificates.ts';
import { inFlight } from './in-flight.ts';
import { FULL, type LoadOptions } from './options.ts';
import { usageOf } from './process-usage.ts';
import { watchReadiness } from './readiness.ts';
import { untilQuiet } from './rest.ts';
import { countSockets } from './sockets.ts';
import { onStage, type Stage } from './stage.ts';
import { now } from './time.ts';
import { TRUSTS, trustObject } from './trust.ts';

/** Requests of ours under way at a time. */
export const WIDTH = 32;

/** Many new objects at once, each for a cluster of its own. */
export async function measureBurst({ clusters, bursts }: LoadOptions): Promise<Figure[]> {
  const runs: Burst[] = [];
  for (let index = 0; index < bursts; index++) runs.push(await onStage((stage) => burst(stage, clusters)));
  const of = (value: (run: Burst) => number) => median(runs.map(value));
  // Each worker opens its connections once: what that is per call means something for many calls only.
  const handshakeLimit = clusters < FULL.clusters ? {} : { limit: 10 };
  const range = runs.map(({ wall }) => wall.toFixed(1)).join(', ');
  return [
    {
      name: 'first create sent to last Ready seen',
      value: of((run) => run.wall),
      unit: 's',
      detail: `${clusters} clusters, 10 workers; median of ${bursts} (${range}); all created after ${of((run) => run.created).toFixed(1)} s`,
    },
    { name: 'CPU', value: of((run) => run.cpu), unit: 's' },
    { name: 'peak RSS', value: of((run) => run.peakRss), unit: 'MiB' },
    {
      name: 'ARM requests a changed cluster',
      value: of((run) => run.armRequests / clusters),
      unit: '',
      limit: 3,
      detail: runs[0]?.operations ?? '',
    },
    {
      name: 'TLS handshakes at ARM per 1,000 calls',
      value: of((run) => (1000 * run.armHandshakes) / run.armRequests),
      unit: '',
      ...handshakeLimit,
      detail: `${of((run) => run.armHandshakes)} handshakes, sign-in included, as the simulator counts them`,
    },
    {
      name: 'connections to the API server per 1,000 calls',
      value: of((run) => (1000 * run.apiConnections) / run.apiRequests),
      unit: '',
      ...handshakeLimit,
      detail: `${of((run) => run.apiConnections)} connections (/proc/net), ${of((run) => run.apiRequests)} calls (apiserver_request_total)`,
    },
    {
      name: 'API requests a changed cluster',
      value: of((run) => run.apiRequests / clusters),
      unit: '',
      limit: 6,
      detail: 'a finalizer, the record twice, a status, and up to two events (docs/concepts/engine.md)',
    },
  ];
}

/** Times in seconds, memory in MiB. */
interface Burst {
  readonly wall: number;
  readonly created: number;
  readonly cpu: number;
  readonly peakRss: number;
  readonly armRequests: number;
  readonly operations: string;
  readonly armHandshakes: number;
  readonly apiConnections: number;
  readonly apiRequests: number;
}

async function burst(stage: Stage, count: number): Promise<Burst> {
  const { server, simulator, serverPort, serverPids } = stage;
  const names = Array.from({ length: count }, (_, index) => `burst-${index}`);
  const resourceIds = await simulator.addClusters(names);
  const sockets = countSockets(serverPort, [process.pid, ...serverPids]);
  await simulator.clearStatistics();
  const controller = await stage.startController();
  const readiness = await watchReadiness(server);
  await untilQuiet(stage, controller, 60_000);
  const [cpuBefore, apiBefore] = [usageOf(controller.pid).cpu, await countApiRequests(server)];
  const start = now();
  await inFlight(count, WIDTH, (index) => {
    const object = trustObject(`burst-${index}`, resourceIds[index] ?? '', [certificate(index)]);
    return server.send('POST', TRUSTS, object);
  });
  const created = now() - start;
  const wall = (await readiness.untilAll(count, 300_000)) - start;
  sockets.look();
  const { cpu, peakRss } = usageOf(controller.pid);
  const { requests, operations, connections } = await simulator.statistics();
  const api = difference(await countApiRequests(server), apiBefore);
  readiness.stop();
  return {
    wall: wall / 1000,
    created: created / 1000,
    cpu: cpu - cpuBefore,
    peakRss,
    armRequests: requests,
    operations: describe(operations),
    armHandshakes: connections.handshakes,
    apiConnections: sockets.seen(),
    // All but our own creates.
    apiRequests: api.reads + api.writes - count,
  };
}

/** Such as `1000 GetManagedCluster, 1000 PutManagedCluster`. */
export function describe(operations: Readonly<Record<string, Readonly<Record<string, number>>>>): string {
  return Object.entries(operations)
    .map(([operation, answers]) => `${Object.values(answers).reduce((sum, n) => sum + n, 0)} ${operation}`)
    .join(', ');
}
