import { readObject } from './read-object.ts';

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})+$`, 'i');

/**
 * URLs of a cluster's API server, from the text of a GET: that of the private endpoint, where there is one, and the public one. A name
 * that is no host name is left out. learn.microsoft.com/rest/api/aks/managed-clusters/get (fqdn, privateFQDN)
 */
export function apiServerUrls(text: string): readonly string[] {
  const properties = readObject(text)?.['properties'];
  if (typeof properties !== 'object' || properties === null) return [];
  const { privateFQDN, fqdn } = properties as { readonly privateFQDN?: unknown; readonly fqdn?: unknown };
  return [privateFQDN, fqdn]
    .filter((name): name is string => typeof name === 'string' && name.length <= 253 && HOST.test(name))
    .map((name) => `https://${name.toLowerCase()}:443`);
}
