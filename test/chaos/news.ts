import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import type { Connection } from '../../src/kubernetes/connection.ts';
import { RECORDS, TRUSTS } from './ground.ts';

export type News =
  | { readonly kind: 'Record'; readonly type: string; readonly object: TargetCluster }
  | { readonly kind: 'Trust'; readonly type: string; readonly object: CustomCATrust };

/** Everything that the API server says of our objects, by watches of the test's own. */
export interface Newsroom {
  /** Versions of the records of all clusters, in order. */
  readonly records: readonly TargetCluster[];
  /** Resolves with the next news of this sort. */
  next(isIt: (news: News) => boolean): Promise<News>;
  onNews(handle: (news: News) => void): void;
  /** @throws what broke a watch, if one broke */
  stop(): Promise<void>;
}

export async function followNews(admin: Connection): Promise<Newsroom> {
  const records: TargetCluster[] = [];
  const handlers = new Set<(news: News) => void>();
  const stop = new AbortController();
  const watches = await Promise.all([follow('Record', RECORDS), follow('Trust', TRUSTS)]);

  async function follow(kind: News['kind'], path: string): Promise<{ readonly ended: Promise<void> }> {
    const { metadata } = (await admin.request({ path })) as { metadata: { resourceVersion: string } };
    const query = { watch: '1', resourceVersion: metadata.resourceVersion, timeoutSeconds: '600' };
    const lines = await admin.stream({ path, query, signal: stop.signal });
    return { ended: read(kind, lines) };
  }

  async function read(kind: News['kind'], lines: AsyncIterable<string>): Promise<void> {
    try {
      for await (const line of lines) tell({ kind, ...(JSON.parse(line) as object) } as News);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }

  function tell(news: News): void {
    if (news.type === 'ERROR') throw new Error(`a watch broke: ${JSON.stringify(news.object)}`);
    if (news.kind === 'Record' && news.type !== 'DELETED') records.push(news.object);
    for (const handle of [...handlers]) handle(news);
  }

  return {
    records,
    next(isIt) {
      return new Promise((resolve) => {
        const handle = (news: News) => {
          if (!isIt(news)) return;
          handlers.delete(handle);
          resolve(news);
        };
        handlers.add(handle);
      });
    },
    onNews: (handle) => void handlers.add(handle),
    async stop() {
      stop.abort();
      await Promise.all(watches.map(({ ended }) => ended));
    },
  };
}

export function versionsOf({ records }: Newsroom, cluster: SimulatedCluster): readonly TargetCluster[] {
  const key = cluster.resourceId.toLowerCase();
  return records.filter(({ spec }) => spec.resourceId.toLowerCase() === key);
}
