import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../eventually.ts';
import { createRandom } from '../simulation/random.ts';
import { breakGround, type Ground } from './ground.ts';
import { waitFor, type Moment } from './moments.ts';
import { chooseSeed } from './seed.ts';
import { makeWorlds } from './worlds.ts';

jest.setTimeout(300_000);

const CLUSTERS = 12;
/** How often a controller is killed at which moment: fifty times. */
const KILLS: readonly (readonly [number, Moment])[] = [
  [16, 'AnyTime'],
  [5, 'StartUp'],
  [8, 'OperationRecorded'],
  [8, 'PutUnderWay'],
  [5, 'PutNeverArrives'],
  [4, 'DeletionAsked'],
  [4, 'FinaliserGone'],
];

let ground: Ground;
beforeAll(async () => {
  ground = await breakGround();
}, 120_000);
afterAll(() => ground.stop());

describe('a controller that is killed fifty times under load', () => {
  it('loses nothing, does nothing twice, and converges', async () => {
    const { seed, random } = chooseSeed();
    const { clusters, user, news, calm, judge } = await makeWorlds(ground, {
      count: CLUSTERS,
      nodes: 1,
      random: createRandom(seed + 1),
    });
    const [withNodes] = clusters;
    const over = new AbortController();
    ground.onStop(() => over.abort());
    const acting = user.keepActing(over.signal);
    const missed: Moment[] = [];
    let failures = 0;

    const moments = shuffled(
      KILLS.flatMap(([times, moment]) => Array<Moment>(times).fill(moment)),
      () => random.next(),
    );
    for (const [index, moment] of moments.entries()) {
      // Only where nodes are seen can a failure be told from that of somebody else after a crash.
      if (index % 4 === 1 && withNodes?.provisioningState === 'Succeeded') {
        withNodes.failNextOperation({ code: 'OutOfLuck', message: 'a node could not be replaced', afterNodes: 1 });
        failures++;
      }
      const controller = await ground.start();
      if (!(await waitFor(moment, { ground, user, news, random }))) missed.push(moment);
      controller.kill('SIGKILL');
      await controller.exit;
    }
    const last = await ground.start();
    // A busy machine leaves little to each of the short lives.
    await eventually(() => Promise.resolve(ground.putsSent() > 2 * CLUSTERS), 60_000);
    over.abort();
    await acting;

    const unfinished = await calm(60_000);
    const sent = ground.putsSent();
    // Two looks at every cluster that has come to rest.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const sentAtRest = ground.putsSent() - sent;
    last.kill('SIGTERM');
    const { code, output, errors } = await last.exit;

    const { faults, writes, resumed, summary } = judge();
    process.stdout.write(
      `seed ${seed}: ${moments.length} kills (not at their moment: ${missed.join(' ') || 'none'}), ${failures} failures, ` +
        `${sent} PUTs sent, ${summary}\n`,
    );
    if (unfinished.length > 0 || code !== 0) process.stdout.write(`${output.slice(-6000)}\n${errors}\n`);
    expect({ seed, faults, unfinished, sentAtRest, code }).toEqual({
      seed,
      faults: [],
      unfinished: [],
      sentAtRest: 0,
      code: 0,
    });
    expect(resumed).toBeLessThanOrEqual(failures);
    expect(writes.length).toBeGreaterThan(CLUSTERS);
  });
});

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
