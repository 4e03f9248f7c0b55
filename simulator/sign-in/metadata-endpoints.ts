import { json } from '../http/answer.ts';
import type { Answer, Incoming } from '../http/answer.ts';

/** The document that `az cloud register` reads about a cloud. Undefined for any other request. */
export function metadataEndpoints({ method, url: { pathname } }: Incoming, url: string): Answer | undefined {
  if (method !== 'GET' || pathname.toLowerCase() !== '/metadata/endpoints') return undefined;
  return json(200, {
    name: 'AksSimulator',
    authentication: { loginEndpoint: url, audiences: [url], tenant: 'common', identityProvider: 'AAD' },
    resourceManager: url,
    portal: url,
    suffixes: { storage: 'core.windows.net', keyVaultDns: 'vault.azure.net' },
  });
}
