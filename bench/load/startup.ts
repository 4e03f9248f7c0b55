import { median, type Figure } from '../figure.ts';
import { certificate } from './certificates.ts';
import type { LoadOptions } from './options.ts';
import { usageOf } from './process-usage.ts';
import { watchReadiness } from './readiness.ts';
import { onStage, type Stage } from './stage.ts';
import { sleep } from './time.ts';
import { TRUSTS, trustObject } from './trust.ts';

/** The process starts where one new object waits for it. */
export function measureStartup({ startups }: LoadOptions): Promise<Figure[]> {
  return onStage(async (stage) => {
    const runs: Startup[] = [];
    for (let index = 0; index < startups; index++) runs.push(await startOnce(stage, index));
    const figure = (name: string, unit: string, value: (run: Startup) => number): Figure => ({
      name,
      value: median(runs.map(value)),
      unit,
    });
    return [
      { ...figure('process start to first ARM call', 'ms', (run) => run.firstCall), detail: `median of ${startups}` },
      figure('process start to first PUT', 'ms', (run) => run.firstPut),
      figure('process start to Ready seen', 'ms', (run) => run.ready),
      figure('CPU by then', 's', (run) => run.cpu),
      figure('RSS then', 'MiB', (run) => run.rss),
      figure('SIGTERM to exit', 'ms', (run) => run.stop),
    ];
  });
}

/** In ms since the process was started, s, and MiB. */
interface Startup {
  readonly firstCall: number;
  readonly firstPut: number;
  readonly ready: number;
  readonly cpu: number;
  readonly rss: number;
  readonly stop: number;
}

async function startOnce(stage: Stage, index: number): Promise<Startup> {
  const { server, simulator } = stage;
  const name = `start-${index}`;
  const [resourceId = ''] = await simulator.addClusters([name]);
  const readiness = await watchReadiness(server);
  await server.send('POST', TRUSTS, trustObject(name, resourceId, [certificate(index)]));
  await simulator.clearJournal();
  const controller = await stage.startController();
  const ready = (await readiness.untilReady(name)) - controller.startedAt;
  await sleep(500);
  const { cpu, rss } = usageOf(controller.pid);
  const journal = await simulator.journal({});
  const first = (operation?: string) =>
    (journal.find((entry) => operation === undefined || entry.operation === operation)?.arrivedAt ?? NaN) -
    controller.startedAt;
  const stop = await controller.stop();
  readiness.stop();
  await remove(server, `${TRUSTS}/${name}`);
  await removeRecords(server);
  return { firstCall: first(), firstPut: first('PutManagedCluster'), ready, cpu, rss, stop };
}

const RECORDS = '/apis/aks-ca-trust.dev/v1alpha1/targetclusters';

async function removeRecords(server: Stage['server']): Promise<void> {
  const { items } = (await server.send('GET', RECORDS)) as { items: { metadata: { name: string } }[] };
  for (const { metadata } of items) await remove(server, `${RECORDS}/${metadata.name}`);
}

/** At once: nobody is there to take the finaliser off. */
async function remove(server: Stage['server'], path: string): Promise<void> {
  const body = { metadata: { finalizers: null } };
  await server.send('PATCH', path, body, 'application/merge-patch+json');
  await server.send('DELETE', path);
}
