import type { Figure } from '../figure.ts';
import { certificate } from './certificates.ts';
import type { LoadOptions } from './options.ts';
import { timesToPut, type Asked } from './puts.ts';
import { timeFigures } from './quantiles.ts';
import { watchReadiness } from './readiness.ts';
import { untilQuiet } from './rest.ts';
import { onStage } from './stage.ts';
import { now, sleep } from './time.ts';
import { TRUSTS, trustObject } from './trust.ts';

/** The first ones warm the controller up, and do not count. */
export const WARM_UP = 5;
/** Between Ready and the next request, in ms. */
export const PAUSE = 10;

/** New objects, one after another, each for a cluster of its own. */
export function measureLatency({ samples }: LoadOptions): Promise<Figure[]> {
  return onStage(async (stage) => {
    const { server, simulator } = stage;
    const names = Array.from({ length: samples + WARM_UP }, (_, index) => `new-${index}`);
    const resourceIds = await simulator.addClusters(names);
    const controller = await stage.startController();
    const readiness = await watchReadiness(server);
    await untilQuiet(stage, controller, 60_000);
    const asked: Asked[] = [];
    const acknowledged: number[] = [];
    const ready: number[] = [];
    for (const [index, name] of names.entries()) {
      const resourceId = resourceIds[index] ?? '';
      const at = now();
      await server.send('POST', TRUSTS, trustObject(name, resourceId, [certificate(index)]));
      const answered = now();
      const done = await readiness.untilReady(name);
      if (index >= WARM_UP) {
        asked.push({ resourceId, at });
        acknowledged.push(answered - at);
        ready.push(done - at);
      }
      await sleep(PAUSE);
    }
    readiness.stop();
    return [
      ...timeFigures('create sent to its PUT', await timesToPut(simulator, asked), 'one object after another'),
      ...timeFigures('create sent to acknowledged', acknowledged, 'part of the above'),
      ...timeFigures('create sent to Ready seen', ready, 'with the operation of AKS, 200 ms'),
    ];
  });
}
