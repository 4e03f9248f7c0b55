import { resolve } from 'node:path';
import { isAzureMonitor, matchersFault, urlFault, type PrometheusSource } from '../../policy/prometheus.ts';

/** The flags as they were typed. */
export interface PrometheusFlags {
  readonly url: string | undefined;
  readonly matchers: string | undefined;
  readonly tokenFile: string | undefined;
}

/**
 * Reads the flags that name a Prometheus, by the same rules as an entry of the policy file. Undefined where none is named, or one is
 * wrong.
 *
 * @param target what is read: with `File`, no name of a cluster and no sign-in to Azure are known
 */
export function readPrometheusFlags(
  { url, matchers, tokenFile }: PrometheusFlags,
  target: 'Cluster' | 'File' | 'Object' | undefined,
  faults: string[],
): PrometheusSource | undefined {
  if (url === undefined) {
    if (matchers !== undefined) faults.push('--prometheus-matchers needs --prometheus-url');
    if (tokenFile !== undefined) faults.push('--prometheus-token-file needs --prometheus-url');
    return undefined;
  }
  const found = faults.length;
  const isAzure = isAzureMonitor(url);
  const auth = isAzure ? 'azure' : tokenFile === undefined ? 'none' : 'bearerToken';
  const wrongUrl = urlFault(url, auth);
  if (wrongUrl !== undefined) faults.push(`--prometheus-url: ${wrongUrl}`);
  const wrongMatchers = matchers === undefined ? undefined : matchersFault(matchers);
  if (wrongMatchers !== undefined) faults.push(`--prometheus-matchers: ${wrongMatchers}`);
  if (isAzure && tokenFile !== undefined)
    faults.push(
      '--prometheus-token-file is not for an Azure Monitor workspace, which is asked with the sign-in for ARM',
    );
  if (target === 'Object')
    faults.push(
      '--prometheus-url is for a cluster that this command reads; the controller asks what its policy file names',
    );
  if (target === 'File' && isAzure)
    faults.push(
      '--prometheus-url names an Azure Monitor workspace: give the resource id of the cluster too, so that the command signs in',
    );
  if (target === 'File' && matchers?.includes('{cluster}'))
    faults.push('--prometheus-matchers: {cluster} needs the resource id of the cluster; write its name instead');
  if (faults.length > found) return undefined;
  const bearer = auth === 'bearerToken' && tokenFile !== undefined ? { bearerTokenFile: resolve(tokenFile) } : {};
  return { url, matchers: matchers ?? '', auth, ...bearer };
}
