import type { ClusterId } from '../api/resource-id.ts';
import { createBearerToken, type BearerToken } from '../azure/api-server-token.ts';
import type { Cloud } from '../azure/clouds.ts';
import type { TokenCredential } from '../azure/credentials.ts';
import { openPrometheus, type PrometheusEndpoint } from '../cluster-certificates/read/prometheus-endpoint.ts';
import type { EvidenceSources } from '../cluster-certificates/read/read-evidence.ts';
import { reloadingFile } from '../kubernetes/auth/reloading-file.ts';
import type { Policy } from '../policy/policy.ts';
import type { PrometheusSource } from '../policy/prometheus.ts';

export interface PrometheusOptions {
  /** The policy in force at this moment. */
  readonly policy: () => Policy;
  readonly cloud: Pick<Cloud, 'prometheusHost'>;
  /** Signs in to Azure Monitor workspaces. */
  readonly credential: TokenCredential;
  /** CAs that are trusted, as PEM; absent: Node's own. */
  readonly ca?: readonly string[];
  /** ms. */
  readonly now: () => number;
}

/** The Prometheus that the policy file names for a cluster; undefined where it names none. Objects have no say in it. */
export function createPrometheusSources(options: PrometheusOptions): (id: ClusterId) => EvidenceSources['prometheus'] {
  const { cloud, credential, ca, now } = options;
  const { prometheusHost } = cloud;
  const azure =
    prometheusHost === undefined ? undefined : createBearerToken(credential, `https://${prometheusHost}`, now);
  let policy: Policy | undefined;
  /** By URL and sign-in. */
  const opened = new Map<string, ReturnType<typeof openPrometheus>>();

  return ({ resourceId, name }) => {
    const present = options.policy();
    // Entries that are gone are forgotten; their connections end once they are idle.
    if (present !== policy) opened.clear();
    policy = present;
    const source = present.prometheusFor(resourceId);
    if (!source) return undefined;
    const refusal = refusalOf(source, prometheusHost);
    if (refusal !== undefined) return { ok: false, why: refusal };
    const key = [source.auth, source.bearerTokenFile ?? '', source.url].join(' ');
    const open =
      opened.get(key) ?? openPrometheus({ ...(ca ? { caPem: ca.join('\n') } : {}), ...endpointOf(source, azure, now) });
    opened.set(key, open);
    return { ok: true, prometheus: open(source.matchers.replaceAll('{cluster}', name)) };
  };
}

function refusalOf({ auth, url }: PrometheusSource, azureHost: string | undefined): string | undefined {
  const { hostname } = new URL(url);
  if (auth !== 'azure' || (azureHost !== undefined && hostname.endsWith(`.${azureHost}`))) return undefined;
  return `The policy file names ${hostname} with "auth: azure", which is no query endpoint of Azure Monitor in the controller's cloud, so no token is sent to it.`;
}

function endpointOf(
  { auth, url, bearerTokenFile }: PrometheusSource,
  azure: BearerToken | undefined,
  now: () => number,
): PrometheusEndpoint {
  if (auth === 'azure' && azure) return { url, token: () => azure.current(), distrust: () => azure.distrust() };
  if (bearerTokenFile === undefined) return { url };
  const file = reloadingFile(bearerTokenFile, now);
  return { url, token: () => file.read(), distrust: () => file.distrust() };
}
