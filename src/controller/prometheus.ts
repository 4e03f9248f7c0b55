import type { ClusterId } from '../api/resource-id.ts';
import { createBearerToken, type BearerToken } from '../azure/api-server-token.ts';
import type { Cloud } from '../azure/clouds.ts';
import type { TokenCredential } from '../azure/credentials.ts';
import { openPrometheus, type PrometheusEndpoint } from '../cluster-certificates/read/prometheus-endpoint.ts';
import type { EvidenceSources } from '../cluster-certificates/read/read-evidence.ts';
import { reloadingFile } from '../kubernetes/auth/reloading-file.ts';
import type { Policy } from '../policy/policy.ts';
import type { PrometheusSource } from '../policy/prometheus.ts';

/** Who asks, and what is trusted. */
export interface PrometheusAccess {
  readonly cloud: Pick<Cloud, 'prometheusHost'>;
  /** Signs in to Azure Monitor workspaces; absent: none of them is asked. */
  readonly credential?: TokenCredential;
  /** CAs that are trusted, as PEM; absent: Node's own. */
  readonly ca?: readonly string[];
  /** ms. */
  readonly now: () => number;
}

export interface PrometheusOptions extends PrometheusAccess {
  /** The policy in force at this moment. */
  readonly policy: () => Policy;
}

type Opened = NonNullable<EvidenceSources['prometheus']>;

/**
 * Opens a Prometheus for one cluster, by the cluster's name, or says why it is not asked. Sources with the same URL and sign-in share
 * their connections.
 */
export function createPrometheusOpener({
  cloud,
  credential,
  ca,
  now,
}: PrometheusAccess): (source: PrometheusSource, cluster: string) => Opened {
  const { prometheusHost } = cloud;
  const azure =
    prometheusHost === undefined || !credential
      ? undefined
      : createBearerToken(credential, `https://${prometheusHost}`, now);
  /** By URL and sign-in. */
  const opened = new Map<string, ReturnType<typeof openPrometheus>>();
  return (source, cluster) => {
    const why = refusalOf(source, prometheusHost, azure);
    if (why !== undefined) return { ok: false, why };
    const key = [source.auth, source.bearerTokenFile ?? '', source.url].join(' ');
    const open =
      opened.get(key) ?? openPrometheus({ ...(ca ? { caPem: ca.join('\n') } : {}), ...endpointOf(source, azure, now) });
    opened.set(key, open);
    return { ok: true, prometheus: open(source.matchers.replaceAll('{cluster}', cluster)) };
  };
}

/** The Prometheus that the policy file names for a cluster; undefined where it names none. Objects have no say in it. */
export function createPrometheusSources(options: PrometheusOptions): (id: ClusterId) => EvidenceSources['prometheus'] {
  let policy: Policy | undefined;
  let open = createPrometheusOpener(options);
  return ({ resourceId, name }) => {
    const present = options.policy();
    // Entries that are gone are forgotten; their connections end once they are idle.
    if (present !== policy) open = createPrometheusOpener(options);
    policy = present;
    const source = present.prometheusFor(resourceId);
    return source && open(source, name);
  };
}

function refusalOf(
  { auth, url }: PrometheusSource,
  azureHost: string | undefined,
  azure: BearerToken | undefined,
): string | undefined {
  if (auth !== 'azure') return undefined;
  const { hostname } = new URL(url);
  if (azureHost === undefined || !hostname.endsWith(`.${azureHost}`))
    return `The Prometheus ${hostname} is to be asked with "auth: azure", and is no query endpoint of Azure Monitor in this program's cloud, so no token is sent to it.`;
  return azure ? undefined : `The Prometheus ${hostname} needs a sign-in to Azure, and there is none.`;
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
