import type { Figure } from '../figure.ts';
import { certificate } from './certificates.ts';
import { PAUSE, WARM_UP } from './latency.ts';
import type { LoadOptions } from './options.ts';
import { timesToPut, type Asked } from './puts.ts';
import { timeFigures } from './quantiles.ts';
import { watchReadiness } from './readiness.ts';
import { untilQuiet } from './rest.ts';
import { onStage, type Stage } from './stage.ts';
import { now, sleep } from './time.ts';
import { specOf, TRUSTS, trustObject } from './trust.ts';

/** One object, edited again and again, each time after it was Ready: two certificates take turns. */
export function measureEdit({ samples }: LoadOptions): Promise<Figure[]> {
  return onStage(async (stage) => {
    const { server, simulator } = stage;
    const name = 'edited';
    const [resourceId = ''] = await simulator.addClusters([name]);
    const controller = await stage.startController();
    const readiness = await watchReadiness(server);
    await server.send('POST', TRUSTS, trustObject(name, resourceId, [certificate(0)]));
    await readiness.untilReady(name);
    await untilQuiet(stage, controller, 60_000);
    const asked: Asked[] = [];
    const acknowledged: number[] = [];
    for (let index = 0; index < samples + WARM_UP; index++) {
      const at = now();
      const generation = await editObject(server, name, resourceId, [certificate(1 + (index % 2))]);
      const answered = now();
      await readiness.untilReady(name, generation);
      if (index >= WARM_UP) {
        asked.push({ resourceId, at });
        acknowledged.push(answered - at);
      }
      await sleep(PAUSE);
    }
    readiness.stop();
    return [
      ...timeFigures('PATCH sent to its PUT', await timesToPut(simulator, asked), 'one object, again and again'),
      ...timeFigures('PATCH sent to acknowledged', acknowledged, 'part of the above'),
    ];
  });
}

/** Wants other certificates. Resolves with the object's new generation. */
export async function editObject(
  server: Stage['server'],
  name: string,
  resourceId: string,
  pems: readonly string[],
): Promise<number> {
  const body = { spec: specOf(resourceId, pems) };
  const { metadata } = (await server.send('PATCH', `${TRUSTS}/${name}`, body, 'application/merge-patch+json')) as {
    metadata: { generation: number };
  };
  return metadata.generation;
}
