/** The endpoints of a cloud: Microsoft Entra and ARM. */
export interface Cloud {
  /** Authority host of Microsoft Entra. */
  readonly authorityHost: string;
  /** ARM endpoint. */
  readonly endpoint: string;
  /** Scope of an ARM token. The SDK's own default is the public cloud's in every cloud, so it is always given. */
  readonly scope: string;
  /**
   * Endings of the host names of its AKS API servers, private clusters included. Absent where they are not known, because the ARM
   * endpoint is not one of Microsoft's.
   */
  readonly apiServerSuffixes?: readonly string[];
  /**
   * Audience of tokens for the query endpoints of Azure Monitor workspaces, and the ending of the names of their hosts. Absent as
   * above.
   */
  readonly prometheusHost?: string;
}

export type CloudName = 'AzurePublic' | 'AzureUSGovernment' | 'AzureChina';

/**
 * learn.microsoft.com/azure/azure-resource-manager/management, authority hosts of @azure/identity,
 * learn.microsoft.com/azure/aks/outbound-rules-control-egress and private-clusters for the names of API servers,
 * learn.microsoft.com/azure/azure-monitor/essentials/prometheus-api-promql for Prometheus; its names in the other clouds are those that
 * KEDA and Grafana use.
 */
export const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  AzurePublic: {
    authorityHost: 'https://login.microsoftonline.com',
    endpoint: 'https://management.azure.com',
    scope: 'https://management.azure.com/.default',
    apiServerSuffixes: ['azmk8s.io'],
    prometheusHost: 'prometheus.monitor.azure.com',
  },
  AzureUSGovernment: {
    authorityHost: 'https://login.microsoftonline.us',
    endpoint: 'https://management.usgovcloudapi.net',
    scope: 'https://management.usgovcloudapi.net/.default',
    apiServerSuffixes: ['cx.aks.containerservice.azure.us', 'azmk8s.us'],
    prometheusHost: 'prometheus.monitor.azure.us',
  },
  AzureChina: {
    authorityHost: 'https://login.chinacloudapi.cn',
    endpoint: 'https://management.chinacloudapi.cn',
    scope: 'https://management.chinacloudapi.cn/.default',
    apiServerSuffixes: ['cx.prod.service.azk8s.cn'],
    prometheusHost: 'prometheus.monitor.azure.cn',
  },
};

/** A named cloud with its endpoints overridden, as a private cloud or the simulator needs. */
export function resolveCloud(name: CloudName, overrides: { authorityHost?: string; endpoint?: string }): Cloud {
  const cloud = CLOUDS[name];
  const endpoint = overrides.endpoint?.replace(/\/+$/, '');
  return {
    authorityHost: overrides.authorityHost?.replace(/\/+$/, '') ?? cloud.authorityHost,
    endpoint: endpoint ?? cloud.endpoint,
    scope: endpoint === undefined ? cloud.scope : `${endpoint}/.default`,
    ...(isOf(cloud, endpoint ?? cloud.endpoint) ? namesOf(cloud) : {}),
  };
}

function namesOf({ apiServerSuffixes, prometheusHost }: Cloud): Partial<Cloud> {
  return {
    ...(apiServerSuffixes === undefined ? {} : { apiServerSuffixes }),
    ...(prometheusHost === undefined ? {} : { prometheusHost }),
  };
}

/** Regional and private endpoints of ARM are below the name of the cloud's own. */
function isOf(cloud: Cloud, endpoint: string): boolean {
  return `.${URL.parse(endpoint)?.hostname ?? ''}`.endsWith(`.${new URL(cloud.endpoint).hostname}`);
}
