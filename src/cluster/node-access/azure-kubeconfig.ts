import { escapeForDisplay } from '../../api/display.ts';
import { AKS_SERVER_APPLICATION, type ApiServerToken } from '../../azure/api-server-token.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { readKubeconfigData } from '../../kubernetes/auth/kubeconfig-data.ts';
import { findContext } from '../../kubernetes/auth/kubeconfig-context.ts';
import { isMapping, readYaml, type Mapping } from '../../kubernetes/auth/kubeconfig-yaml.ts';

export type AzureKubeconfig =
  | {
      readonly ok: true;
      readonly credentials: Credentials;
      /** The user of the API server: a local account of the cluster, or the controller's Azure identity. */
      readonly signIn: 'LocalAccount' | 'Entra';
      /** The tenant whose tokens the cluster accepts, where the kubeconfig names it. */
      readonly tenantId?: string;
    }
  | { readonly ok: false; readonly message: string };

/**
 * Reads a kubeconfig from ARM. One with a local account is used as it is. One that runs kubelogin (or kubectl's former azure plugin)
 * shows that the cluster uses Microsoft Entra ID: the plugin is not run, and `token` is sent instead.
 * azure.github.io/kubelogin/concepts/aks.html
 *
 * @param suffixes of the host names of AKS' API servers: the same token is valid for all of them, so it is sent to no other host.
 *   Undefined: any host
 */
export function readAzureKubeconfig(
  text: string,
  token: ApiServerToken,
  suffixes: readonly string[] | undefined,
): AzureKubeconfig {
  const yaml = readYaml(text);
  if (!yaml.ok) return yaml;
  const { user, userName } = findContext([yaml.value]);
  const signIn = user && entraOf(user);
  if (!signIn) {
    const reading = readKubeconfigData(text);
    return reading.ok ? { ...reading, signIn: 'LocalAccount' } : reading;
  }
  const { serverId, tenantId } = signIn;
  if (serverId !== AKS_SERVER_APPLICATION) {
    // The cluster's owner could use a token for another application elsewhere.
    const message = `the cluster accepts tokens for ${serverId ?? 'an application that it does not name'}, not for AKS' own server application. Move the cluster to AKS-managed Microsoft Entra ID (az aks update --enable-aad)`;
    return { ok: false, message };
  }
  // Everything except the user is checked as in any other kubeconfig.
  const anonymous = { ...yaml.value, users: [{ name: userName, user: { token: 'of-the-azure-identity' } }] };
  const reading = readKubeconfigData(JSON.stringify(anonymous));
  if (!reading.ok) return reading;
  const { hostname } = new URL(reading.credentials.server);
  if (suffixes !== undefined && !suffixes.some((suffix) => hostname.endsWith(`.${suffix}`))) {
    const message = `its server ${escapeForDisplay(hostname)} is not below ${suffixes.join(' or ')}, so the controller does not send it the token for AKS' API servers`;
    return { ok: false, message };
  }
  // Without it, a server with a certificate of any public CA would receive the token.
  if (reading.credentials.caPem === undefined)
    return { ok: false, message: "the cluster's certificate-authority-data is missing" };
  const credentials: Credentials = {
    ...reading.credentials,
    token: () => token.current(),
    distrust: () => token.distrust(),
  };
  return { ok: true, credentials, signIn: 'Entra', ...(tenantId === undefined ? {} : { tenantId }) };
}

interface EntraSignIn {
  readonly serverId?: string;
  readonly tenantId?: string;
}

/** The arguments and variables of a sign-in plugin; undefined where the kubeconfig has none. */
function entraOf(user: Mapping): EntraSignIn | undefined {
  const { exec, 'auth-provider': provider } = user;
  if (isMapping(exec)) {
    const args: readonly unknown[] = Array.isArray(exec['args']) ? exec['args'] : [];
    const after = (flag: string) => idIn(args[args.indexOf(flag) + 1]);
    return signInOf(
      args.includes('--server-id') && after('--server-id'),
      args.includes('--tenant-id') && after('--tenant-id'),
    );
  }
  if (!isMapping(provider)) return undefined;
  const config = isMapping(provider['config']) ? provider['config'] : {};
  return signInOf(idIn(config['apiserver-id']), idIn(config['tenant-id']));
}

function signInOf(serverId: string | false | undefined, tenantId: string | false | undefined): EntraSignIn {
  return { ...(serverId ? { serverId } : {}), ...(tenantId ? { tenantId } : {}) };
}

/** The value if it is a GUID: messages quote nothing else. */
function idIn(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value)
    ? value.toLowerCase()
    : undefined;
}
