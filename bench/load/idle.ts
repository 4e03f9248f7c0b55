import { median, type Figure } from '../figure.ts';
import { countApiRequests, difference } from './api-requests.ts';
import { describe, WIDTH } from './burst.ts';
import { certificates } from './certificates.ts';
import { inFlight } from './in-flight.ts';
import type { LoadOptions } from './options.ts';
import { usageOf } from './process-usage.ts';
import type { Program } from './program.ts';
import { watchReadiness } from './readiness.ts';
import { untilQuiet } from './rest.ts';
import { onStage, type Stage } from './stage.ts';
import { now, sleep } from './time.ts';
import { TRUSTS, trustObject } from './trust.ts';

const OBJECT_BYTES = 10 * 1024;
const LIMIT_MS = 900_000;

/** Many objects at rest, before and after a restart. */
export function measureIdle({ objects, restSeconds }: LoadOptions): Promise<Figure[]> {
  return onStage(async (stage) => {
    const { simulator } = stage;
    const first = await stage.startController();
    const filled = await fill(stage, objects);
    await untilQuiet(stage, first, LIMIT_MS);
    const converged = usageOf(first.pid);
    const before = await rest(stage, first, restSeconds);
    await first.stop();

    await simulator.clearStatistics();
    const second = await stage.startController();
    const { armSince, since } = await untilQuiet(stage, second, LIMIT_MS);
    const { requests, operations } = await simulator.statistics();
    const restarted = usageOf(second.pid);
    const after = await rest(stage, second, restSeconds);
    const puts = operations['PutManagedCluster'] === undefined ? 0 : NaN;
    return [
      {
        name: 'all created',
        value: filled.created,
        unit: 's',
        detail: `${objects} objects of ${(filled.bytes / 1024).toFixed(1)} KiB, up to ten public certificates each`,
      },
      { name: 'all Ready', value: filled.ready, unit: 's' },
      { name: 'CPU until then', value: converged.cpu, unit: 's' },
      { name: 'peak RSS until then', value: converged.peakRss, unit: 'MiB' },
      ...restFigures('at rest', before, restSeconds),
      {
        name: 'restart: ARM requests an object',
        value: requests / objects,
        unit: '',
        limit: 0.02,
        detail: describe(operations),
      },
      { name: 'restart: writes to ARM', value: puts, unit: '', limit: 0 },
      { name: 'restart: until ARM is quiet', value: (armSince - second.startedAt) / 1000, unit: 's' },
      { name: 'restart: until the controller is at rest', value: (since - second.startedAt) / 1000, unit: 's' },
      { name: 'restart: CPU', value: restarted.cpu, unit: 's' },
      { name: 'restart: peak RSS', value: restarted.peakRss, unit: 'MiB' },
      ...restFigures('at rest after the restart', after, restSeconds),
    ];
  });
}

async function fill({ server, simulator }: Stage, objects: number) {
  const resourceIds = await simulator.addClusters(Array.from({ length: objects }, (_, index) => `idle-${index}`));
  const readiness = await watchReadiness(server);
  const start = now();
  let bytes = 0;
  await inFlight(objects, WIDTH, (index) => {
    const object = trustObject(`idle-${index}`, resourceIds[index] ?? '', certificates(index, OBJECT_BYTES));
    bytes += JSON.stringify(object).length;
    return server.send('POST', TRUSTS, object);
  });
  const created = now() - start;
  const ready = (await readiness.untilAll(objects, LIMIT_MS)) - start;
  readiness.stop();
  return { created: created / 1000, ready: ready / 1000, bytes: bytes / objects };
}

/** Of a time of rest: memory in MiB, CPU in percent of one core, requests. */
export interface Rest {
  readonly rss: number;
  readonly cpu: number;
  readonly armRequests: number;
  readonly apiWrites: number;
  readonly apiReads: number;
}

/** What the controller takes, and asks for, in so many seconds. */
export async function rest({ server, simulator }: Stage, controller: Program, seconds: number): Promise<Rest> {
  const look = async () => ({
    usage: usageOf(controller.pid),
    arm: (await simulator.statistics()).requests,
    api: await countApiRequests(server),
    at: now(),
  });
  const before = await look();
  const rss: number[] = [];
  while (now() - before.at < seconds * 1000) {
    await sleep(1000);
    rss.push(usageOf(controller.pid).rss);
  }
  const after = await look();
  const api = difference(after.api, before.api);
  return {
    rss: median(rss),
    cpu: (100_000 * (after.usage.cpu - before.usage.cpu)) / (after.at - before.at),
    armRequests: after.arm - before.arm,
    apiWrites: api.writes,
    apiReads: api.reads,
  };
}

function restFigures(name: string, { rss, cpu, armRequests, apiWrites, apiReads }: Rest, seconds: number): Figure[] {
  return [
    { name: `${name}: RSS`, value: rss, unit: 'MiB', detail: `median of ${seconds} s` },
    { name: `${name}: CPU`, value: cpu, unit: '%', detail: 'of one core' },
    { name: `${name}: ARM requests`, value: armRequests, unit: '', limit: 0 },
    {
      name: `${name}: API writes`,
      value: apiWrites,
      unit: '',
      limit: 0,
      detail: `${apiReads} reads: watches that began anew`,
    },
  ];
}
