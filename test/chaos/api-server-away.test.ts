import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { createRandom } from '../simulation/random.ts';
import { breakGround, type Ground } from './ground.ts';
import { watchHealth } from './health-watch.ts';
import { chooseSeed } from './seed.ts';
import { makeWorlds } from './worlds.ts';

jest.setTimeout(360_000);

/** How it goes, and for how long; its start takes some seconds more. Watches and passes fail several times in either. */
const AWAY = [
  ['SIGTERM', 5000],
  ['SIGKILL', 60_000],
] as const;

let ground: Ground;
beforeAll(async () => {
  ground = await breakGround();
}, 120_000);
afterAll(() => ground.stop());

describe('an API server that goes away under load and comes back', () => {
  it('is waited for: the controller stays healthy, sees what was edited since, and does nothing twice', async () => {
    const { seed, random } = chooseSeed();
    const { user, calm, judge } = await makeWorlds(ground, { count: 8, random: createRandom(seed + 1) });
    const controller = await ground.start();
    const { port } = await controller.line('The health server listens.');
    await controller.line('The caches are filled.');
    const health = watchHealth(`http://127.0.0.1:${port as number}`);
    for (const [signal, ms] of AWAY) {
      const [before, over] = [ground.putsSent(), new AbortController()];
      const acting = user.keepActing(over.signal);
      // It has work, and does it; after the first time that means that it has found its way back.
      await eventually(async () => ground.putsSent() >= before + 4, 60_000);
      over.abort();
      await acting;
      // It is in the midst of passes.
      for (let deed = 0; deed < 10; deed++) await user.act();
      await pause(random.between(0, 300));
      await ground.apiServer.take(signal);
      await pause(ms);
      await ground.apiServer.bringBack();
      for (let deed = 0; deed < 10; deed++) await user.act();
    }
    // A pass that failed again and again while it was away comes again after as long as that.
    const unfinished = await calm(180_000);
    const seen = await health.stop();
    controller.kill('SIGTERM');
    const { code } = await controller.exit;

    const { faults, writes, summary } = judge();
    process.stdout.write(`seed ${seed}: ${summary}, ${seen.healthy} times healthy\n`);
    expect({ seed, faults, unfinished, unhealthy: seen.unhealthy, unready: seen.unready, code }).toEqual({
      seed,
      faults: [],
      unfinished: [],
      unhealthy: [],
      unready: [],
      code: 0,
    });
    expect(seen.healthy).toBeGreaterThan(AWAY.reduce((sum, [, ms]) => sum + ms, 0) / 500);
    expect(writes.length).toBeGreaterThan(8);
  });
});

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
