import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { SimulatedCluster } from '../../simulator/index.ts';
import { eventually } from '../eventually.ts';
import { createRandom } from '../simulation/random.ts';
import { breakGround, type Ground } from './ground.ts';
import { isConverged, unsettled } from './calm.ts';
import { judgeJournal } from './journal-rules.ts';
import { waitFor, type Moment } from './moments.ts';
import { followNews, versionsOf } from './news.ts';
import { attemptsIn, faultsOfWrites } from './record-rules.ts';
import { watchReleases } from './releases.ts';
import { chooseSeed } from './seed.ts';
import { createUser } from './seeded-user.ts';

jest.setTimeout(180_000);

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
    const clusters: SimulatedCluster[] = [];
    for (let index = 0; index < CLUSTERS; index++) clusters.push(await ground.addCluster({ nodes: index === 0 }));
    const seeded = new Map(clusters.map((cluster) => [cluster, cluster.list()]));
    const [withNodes] = clusters as [SimulatedCluster];
    const user = createUser({ ground, clusters, withNodes: new Set([withNodes]), random: createRandom(seed + 1) });
    const news = await followNews(ground.admin);
    const releases = watchReleases(news, user.histories);
    const over = new AbortController();
    const acting = user.keepActing(over.signal);
    const missed: Moment[] = [];
    let failures = 0;

    const moments = shuffled(
      KILLS.flatMap(([times, moment]) => Array<Moment>(times).fill(moment)),
      () => random.next(),
    );
    for (const [index, moment] of moments.entries()) {
      if (index % 4 === 1 && withNodes.provisioningState === 'Succeeded') {
        withNodes.failNextOperation({ code: 'OutOfLuck', message: 'a node could not be replaced', afterNodes: 1 });
        failures++;
      }
      const controller = await ground.start();
      if (!(await waitFor(moment, { ground, user, news, random }))) missed.push(moment);
      controller.kill('SIGKILL');
      await controller.exit;
    }
    over.abort();
    await acting;

    const last = await ground.start();
    const worlds = clusters.map((cluster) => ({ cluster, history: user.histories.get(cluster)! }));
    await eventually(async () => isConverged(ground, worlds), 40_000).catch(() => {});
    const unfinished = await unsettled(ground, worlds);
    const sent = ground.simulator.journal().filter(({ operation }) => operation === 'PutManagedCluster').length;
    // Two looks at every cluster that has come to rest.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const later = ground.simulator.journal().filter(({ operation }) => operation === 'PutManagedCluster').length;
    last.kill('SIGTERM');
    const { code } = await last.exit;
    await news.stop();

    const journal = ground.simulator.journal();
    const judged = worlds.map(({ cluster, history }) => judgeJournal(journal, cluster, seeded.get(cluster)!, history));
    const records = worlds.flatMap(({ cluster }, index) =>
      faultsOfWrites(judged[index]!.writes, versionsOf(news, cluster)),
    );
    const writes = judged.reduce((sum, one) => sum + one.writes.length, 0);
    const attempts = worlds.reduce((sum, { cluster }) => sum + attemptsIn(versionsOf(news, cluster)).length, 0);
    const resumed = judged.reduce((sum, one) => sum + one.resumed, 0);
    const edits = [...user.histories.values()].reduce((sum, { asked }) => sum + asked.length - 1, 0);
    process.stdout.write(
      `seed ${seed}: ${moments.length} kills (not at their moment: ${missed.join(' ') || 'none'}), ` +
        `${edits} edits (${[...user.deeds].map(([deed, count]) => `${deed} ${count}`).join(', ')}), ` +
        `${attempts} attempts recorded, ${sent} PUTs sent, ${writes} accepted, ${resumed} of them resumed after ${failures} failures, ${releases.checked()} removals looked for\n`,
    );
    expect({
      seed,
      faults: [...judged.flatMap(({ faults }) => faults), ...records, ...releases.faults],
      unfinished,
      sentAtRest: later - sent,
      code,
    }).toEqual({ seed, faults: [], unfinished: [], sentAtRest: 0, code: 0 });
    expect(resumed).toBeLessThanOrEqual(failures);
    expect(writes).toBeGreaterThan(CLUSTERS);
  });
});

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
