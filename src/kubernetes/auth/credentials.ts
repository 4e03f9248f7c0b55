import { KubernetesError } from '../error.ts';
import { inClusterCredentials, type InClusterOptions } from './in-cluster.ts';
import type { Credentials, Headers, OwnCredentials, TlsIdentity } from './types.ts';

export interface OwnCredentialsOptions extends InClusterOptions {
  /** Path of a kubeconfig file; it has precedence over all other sources. */
  readonly kubeconfig?: string | undefined;
  /**
   * A context of a kubeconfig. If given, the kubeconfig has precedence over the service account of a pod; default: the current
   * context.
   */
  readonly context?: string | undefined;
}

/**
 * Credentials for the cluster in which the operator works: the given kubeconfig, else the service account of the pod, else
 * `KUBECONFIG`, else `~/.kube/config`.
 *
 * @throws Error that names the missing part
 */
export async function loadOwnCredentials(options: OwnCredentialsOptions): Promise<OwnCredentials> {
  if (options.kubeconfig === undefined && options.context === undefined) {
    const credentials = await inClusterCredentials(options);
    if (credentials !== undefined) return credentials;
  }
  // Loaded only outside of a cluster.
  const { readOwnKubeconfig } = await import('./own-kubeconfig.ts');
  return readOwnKubeconfig(options.kubeconfig, options.now, options.context);
}

/**
 * The token for the next request, if one is needed.
 *
 * @throws KubernetesError `NoCredentials` when its source fails
 */
export async function bearerToken(credentials: Credentials): Promise<string | undefined> {
  const { token: source, server } = credentials;
  const token = typeof source === 'function' ? await fromSource('token', credentials, source) : source;
  // The client would refuse it only once it has a connection, as it does with an invalid path: see request-path.ts.
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return token;
  throw new KubernetesError(
    0,
    'NoCredentials',
    `no token for ${server}: the token has characters that are not allowed`,
  );
}

/**
 * The headers for the next request, besides the token.
 *
 * @throws KubernetesError as {@link bearerToken}
 */
export async function extraHeaders(credentials: Credentials): Promise<Headers> {
  return credentials.headers === undefined ? {} : fromSource('credentials', credentials, credentials.headers);
}

/**
 * The certificates for the next request.
 *
 * @throws KubernetesError as {@link bearerToken}
 */
export async function currentTls(credentials: Credentials): Promise<TlsIdentity> {
  return credentials.tls === undefined ? credentials : fromSource('certificates', credentials, credentials.tls);
}

async function fromSource<T>(what: string, { server }: Credentials, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new KubernetesError(0, 'NoCredentials', `no ${what} for ${server}: ${message}`, { cause: error });
  }
}
