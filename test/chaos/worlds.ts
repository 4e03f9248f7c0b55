import type { SimulatedCluster } from '../../simulator/index.ts';
import { eventually } from '../eventually.ts';
import type { Random } from '../simulation/random.ts';
import { unsettled, type Watched } from './calm.ts';
import type { Ground } from './ground.ts';
import { judgeJournal, type Judged } from './journal-rules.ts';
import { followNews, versionsOf, type Newsroom } from './news.ts';
import { attemptsIn, faultsOfVersions, faultsOfWrites } from './record-rules.ts';
import { watchReleases } from './releases.ts';
import { createUser, type SeededUser } from './seeded-user.ts';

/** What a test came to, for its last line and for what it expects. */
export interface Verdict {
  readonly faults: readonly string[];
  readonly edits: number;
  readonly attempts: number;
  readonly writes: Judged['writes'];
  readonly resumed: number;
  readonly summary: string;
}

/** Clusters, a user who works on them, and everything that is heard of it. */
export interface Worlds {
  readonly clusters: readonly SimulatedCluster[];
  readonly user: SeededUser;
  readonly news: Newsroom;
  /** Resolves when all is as the objects ask, or with what is not so after this time. */
  readonly calm: (limitMs: number) => Promise<readonly string[]>;
  /** Holds all that was sent and recorded against the rules. */
  readonly judge: () => Verdict;
}

/** @param nodes how many of the clusters have their nodes in the API server: they share them, so one at most */
export async function makeWorlds(
  ground: Ground,
  { count, nodes = 0, random }: { readonly count: number; readonly nodes?: 0 | 1; readonly random: Random },
): Promise<Worlds> {
  const clusters: SimulatedCluster[] = [];
  for (let index = 0; index < count; index++) clusters.push(await ground.addCluster({ nodes: index < nodes }));
  const seeded = new Map(clusters.map((cluster) => [cluster, cluster.list()]));
  const user = createUser({ ground, clusters, withNodes: new Set(clusters.slice(0, nodes)), random });
  const news = await followNews(ground.apiServer.etcdUrl);
  ground.onStop(() => news.stop());
  const releases = watchReleases(news, user.histories);
  const watched: Watched[] = clusters.map((cluster) => ({ cluster, history: user.histories.get(cluster)! }));
  return {
    clusters,
    user,
    news,
    async calm(limitMs) {
      let left: readonly string[] = [];
      const look = async () => {
        // An API server that has just come back may not serve everything yet.
        left = await unsettled(ground, watched).catch((error: unknown) => [String(error)]);
        return left.length === 0;
      };
      await eventually(look, limitMs).catch(() => {});
      return left;
    },
    judge() {
      const journal = ground.simulator.journal();
      const judged = watched.map(({ cluster, history }) => {
        const found = judgeJournal(journal, cluster, seeded.get(cluster)!, history);
        const versions = versionsOf(news, cluster);
        return { ...found, records: [...faultsOfWrites(found.writes, versions), ...faultsOfVersions(versions)] };
      });
      const writes = judged.flatMap((one) => one.writes);
      const resumed = judged.reduce((sum, one) => sum + one.resumed, 0);
      const edits = watched.reduce((sum, { history }) => sum + history.asked.length - 1, 0);
      const attempts = watched.reduce((sum, { cluster }) => sum + attemptsIn(versionsOf(news, cluster)).length, 0);
      const deeds = [...user.deeds].map(([deed, times]) => `${deed} ${times}`).join(', ');
      return {
        faults: [...judged.flatMap(({ faults, records }) => [...faults, ...records]), ...releases.faults],
        edits,
        attempts,
        writes,
        resumed,
        summary:
          `${edits} edits (${deeds}), ${attempts} attempts recorded, ${writes.length} PUTs accepted, ` +
          `${resumed} of them resumed, ${releases.gone()} objects seen to go, ${releases.left()} certificates with them`,
      };
    },
  };
}
