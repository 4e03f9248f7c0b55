import type { ApiServer } from './api-server.ts';

/** Requests about our objects and events that the API server has counted since its start, watches that are under way not included. */
export interface ApiRequests {
  readonly reads: number;
  readonly writes: number;
}

const RESOURCES: ReadonlySet<string> = new Set([
  ...['customcatrusts', 'certificaterotations', 'targetclusters', 'events', 'secrets'],
]);
const READS: ReadonlySet<string> = new Set(['GET', 'LIST', 'WATCH', 'WATCHLIST']);

/** Counts by `apiserver_request_total`. kubernetes.io/docs/reference/instrumentation/metrics */
export async function countApiRequests(server: ApiServer): Promise<ApiRequests> {
  let reads = 0;
  let writes = 0;
  for (const line of (await server.metrics()).split('\n')) {
    if (!line.startsWith('apiserver_request_total{')) continue;
    const label = (name: string) => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? '';
    if (!RESOURCES.has(label('resource'))) continue;
    const value = Number(line.slice(line.lastIndexOf(' ') + 1));
    if (READS.has(label('verb'))) reads += value;
    else writes += value;
  }
  return { reads, writes };
}

export function difference(after: ApiRequests, before: ApiRequests): ApiRequests {
  return { reads: after.reads - before.reads, writes: after.writes - before.writes };
}
