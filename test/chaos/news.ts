import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { readLines } from '../../src/kubernetes/client/line-reader.ts';

/** A version of an object; of one that is gone, the last. */
export type News =
  | { readonly kind: 'TargetCluster'; readonly gone: boolean; readonly object: TargetCluster }
  | { readonly kind: 'CustomCATrust'; readonly gone: boolean; readonly object: CustomCATrust };

/** Every version of our objects that ever was, straight from etcd: also while the API server is away. */
export interface Newsroom {
  /** Versions of the records of all clusters, in order. */
  readonly records: readonly TargetCluster[];
  /** The record of a cluster as it is now, if there is one. */
  recordOf(resourceId: string): TargetCluster | undefined;
  /** Resolves with the next news of this sort. */
  next(isIt: (news: News) => boolean): Promise<News>;
  onNews(handle: (news: News) => void): void;
  stop(): Promise<void>;
}

interface EtcdEvent {
  readonly type?: 'DELETE';
  readonly kv: { readonly value?: string };
  readonly prev_kv?: { readonly value: string };
}

/** Follows what is written from now on. etcd.io/docs/latest/dev-guide/api_grpc_gateway */
export async function followNews(etcdUrl: string): Promise<Newsroom> {
  const records: TargetCluster[] = [];
  const present = new Map<string, TargetCluster>();
  const handlers = new Set<(news: News) => void>();
  const stop = new AbortController();
  const prefix = '/registry/aks-ca-trust.dev/';
  // The end of a range is no part of it, and "0" comes after "/".
  const range = { key: btoa(prefix), range_end: btoa(prefix.replace(/\/$/, '0')), prev_kv: true };
  const answer = await fetch(`${etcdUrl}/v3/watch`, {
    method: 'POST',
    body: JSON.stringify({ create_request: range }),
    signal: stop.signal,
  });
  if (!answer.ok || !answer.body) throw new Error(`etcd answers ${answer.status}`);
  const created = Promise.withResolvers<void>();
  const reading = read(answer.body);
  await created.promise;

  async function read(body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const line of readLines(body, 2 ** 26)) {
        const { result } = JSON.parse(line) as { result?: { created?: boolean; events?: EtcdEvent[] } };
        if (!result) throw new Error(`etcd says: ${line}`);
        if (result.created) created.resolve();
        for (const event of result.events ?? []) tell(readNews(event));
      }
    } catch (error) {
      created.reject(error);
      if (!stop.signal.aborted) throw error;
    }
  }

  function tell(news: News): void {
    if (news.kind === 'TargetCluster') {
      const key = news.object.spec.resourceId.toLowerCase();
      if (news.gone) present.delete(key);
      else present.set(key, news.object);
      if (!news.gone) records.push(news.object);
    }
    for (const handle of [...handlers]) handle(news);
  }

  return {
    records,
    recordOf: (resourceId) => present.get(resourceId.toLowerCase()),
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
      await reading;
    },
  };
}

function readNews({ type, kv, prev_kv }: EtcdEvent): News {
  const gone = type === 'DELETE';
  const text = Buffer.from((gone ? prev_kv?.value : kv.value) ?? '', 'base64').toString();
  const object = JSON.parse(text) as { kind: News['kind'] };
  return { kind: object.kind, gone, object } as unknown as News;
}

export function versionsOf({ records }: Newsroom, cluster: SimulatedCluster): readonly TargetCluster[] {
  const key = cluster.resourceId.toLowerCase();
  return records.filter(({ spec }) => spec.resourceId.toLowerCase() === key);
}
