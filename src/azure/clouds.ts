/** Where a cloud signs in and where its ARM is. */
export interface Cloud {
  /** Authority host of Microsoft Entra. */
  readonly authorityHost: string;
  /** ARM endpoint. */
  readonly endpoint: string;
  /** Scope of an ARM token. The SDK's own default is the public cloud's in every cloud, so it is always given. */
  readonly scope: string;
}

export type CloudName = 'AzurePublic' | 'AzureUSGovernment' | 'AzureChina';

/** learn.microsoft.com/azure/azure-resource-manager/management, authority hosts of @azure/identity. */
export const CLOUDS: Readonly<Record<CloudName, Cloud>> = {
  AzurePublic: {
    authorityHost: 'https://login.microsoftonline.com',
    endpoint: 'https://management.azure.com',
    scope: 'https://management.azure.com/.default',
  },
  AzureUSGovernment: {
    authorityHost: 'https://login.microsoftonline.us',
    endpoint: 'https://management.usgovcloudapi.net',
    scope: 'https://management.usgovcloudapi.net/.default',
  },
  AzureChina: {
    authorityHost: 'https://login.chinacloudapi.cn',
    endpoint: 'https://management.chinacloudapi.cn',
    scope: 'https://management.chinacloudapi.cn/.default',
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
  };
}
