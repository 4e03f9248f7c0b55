import type { Evidence } from '../../../cluster-certificates/evidence.ts';
import type { Connection } from '../../../kubernetes/client/connection.ts';
import { markOf } from '../../../cluster-certificates/holders/mark.ts';
import type { Searchee } from '../../../cluster-certificates/read/holders.ts';
import type { ScanResult } from './result.ts';
import { scan } from './scan.ts';

export interface SearchRequest {
  /** Longest time in one cluster, ms. */
  readonly timeout: number;
  /** The management cluster, where it is searched too. */
  readonly management: Connection | undefined;
}

/**
 * Searches the cluster, and the management cluster where it is another one.
 *
 * @param server URL of the cluster's API server
 * @param connection to the cluster; undefined where there is none
 */
export async function searchFor(
  { clusterCA }: Evidence,
  server: string | undefined,
  connection: Connection | undefined,
  { timeout, management, signal }: SearchRequest & { readonly signal: AbortSignal },
): Promise<ScanResult> {
  const nothing = (problem: string) => ({ holders: [], notShown: 0, read: 0, problems: [problem] });
  if (!clusterCA?.known || clusterCA.value.length === 0)
    return nothing('Nothing was searched, because the cluster CA is not known.');
  const searchees: Searchee[] = [
    ...(connection ? [{ where: 'Cluster' as const, connection }] : []),
    ...(management && management.server !== connection?.server
      ? [{ where: 'Management' as const, connection: management }]
      : []),
  ];
  const result = await scan(searchees, markOf(clusterCA.value, server), { timeout, signal });
  if (connection) return result;
  return {
    ...result,
    problems: ['The cluster itself was not searched, because its API server is not reached.', ...result.problems],
  };
}
