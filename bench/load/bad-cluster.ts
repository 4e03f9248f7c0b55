import type { Figure } from '../figure.ts';
import { WIDTH } from './burst.ts';
import { certificate } from './certificates.ts';
import { editObject } from './edit.ts';
import { inFlight } from './in-flight.ts';
import type { LoadOptions } from './options.ts';
import { timesToPut, type Asked } from './puts.ts';
import { quantile } from './quantiles.ts';
import { watchReadiness } from './readiness.ts';
import { untilQuiet } from './rest.ts';
import { onStage, type Stage } from './stage.ts';
import { now, sleep, until } from './time.ts';
import { TRUSTS, trustObject } from './trust.ts';

/** Between two edits, in ms; whether the last one has arrived or not. */
const PACE = 75;
/** Edits of each cluster, with the bad one and without. */
const EDITS = 3;
const BAD_ANSWER_MS = 60_000;

/** One cluster fails always, and late, beside good ones that are edited in turn: what it costs the others. */
export function measureBadCluster({ samples }: LoadOptions): Promise<Figure[]> {
  return onStage(async (stage) => {
    const { server, simulator } = stage;
    const names = Array.from({ length: samples }, (_, index) => `good-${index}`);
    const resourceIds = await simulator.addClusters(names);
    const controller = await stage.startController();
    const readiness = await watchReadiness(server);
    await inFlight(samples, WIDTH, (index) =>
      server.send('POST', TRUSTS, trustObject(names[index] ?? '', resourceIds[index] ?? '', [certificate(index)])),
    );
    await readiness.untilAll(samples, 120_000);
    readiness.stop();
    await untilQuiet(stage, controller, 60_000);

    // The first round of edits warms the controller up, lest it be the second of the two that is fast.
    await editInTurn(stage, names, resourceIds, { rounds: 1, from: 1 });
    await untilQuiet(stage, controller, 60_000);
    const without = await editInTurn(stage, names, resourceIds, { rounds: EDITS, from: 2 });
    await untilQuiet(stage, controller, 60_000);
    await addBadCluster(stage);
    const beside = await editInTurn(stage, names, resourceIds, { rounds: EDITS, from: 2 + EDITS });
    const [p99Without, p99Beside] = [quantile(without, 99), quantile(beside, 99)];
    return [
      {
        name: 'edit to its PUT without the bad cluster, p99',
        value: p99Without,
        unit: 'ms',
        detail: `p50 ${quantile(without, 50).toFixed(1)} ms; ${without.length} edits of ${samples} clusters in turn, one every ${PACE} ms`,
      },
      {
        name: 'edit to its PUT beside the bad cluster, p99',
        value: p99Beside,
        unit: 'ms',
        detail: `p50 ${quantile(beside, 50).toFixed(1)} ms; a cluster whose every answer is 500, after ${BAD_ANSWER_MS / 1000} s`,
      },
      { name: 'beside it / without it, p99', value: p99Beside / p99Without, unit: 'x', limit: 1.5 },
    ];
  });
}

async function editInTurn(
  { server, simulator }: Stage,
  names: readonly string[],
  resourceIds: readonly string[],
  { rounds, from }: { readonly rounds: number; readonly from: number },
): Promise<number[]> {
  const asked: Asked[] = [];
  const sent: Promise<unknown>[] = [];
  const start = now();
  for (let index = 0; index < names.length * rounds; index++) {
    const cluster = index % names.length;
    const [name = '', resourceId = ''] = [names[cluster], resourceIds[cluster]];
    await sleep(Math.max(0, start + index * PACE - now()));
    asked.push({ resourceId, at: now() });
    const round = from + Math.floor(index / names.length);
    sent.push(editObject(server, name, resourceId, [certificate(cluster + round)]));
  }
  await Promise.all(sent);
  let times: number[] = [];
  await until('every edit has its PUT', async () => {
    times = await timesToPut(simulator, asked).catch(() => []);
    return times.length > 0;
  });
  return times;
}

async function addBadCluster({ server, simulator }: Stage): Promise<void> {
  const [resourceId = ''] = await simulator.addClusters(['bad']);
  await simulator.addFault({ resourceId, times: 1e9, latencyMs: BAD_ANSWER_MS, status: 500 });
  await server.send('POST', TRUSTS, trustObject('bad', resourceId, [certificate(0)]));
  await until('the bad cluster is asked', async () =>
    (await simulator.journal({})).some((entry) => entry.resourceId?.toLowerCase() === resourceId.toLowerCase()),
  );
}
