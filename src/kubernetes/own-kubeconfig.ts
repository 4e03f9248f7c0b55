import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import type { OwnCredentials } from './credentials.ts';

/**
 * Reads the kubeconfig of the person or pipeline that runs us. It is trusted: exec plugins run. (Kubeconfigs that come
 * from Secrets are not: kubeconfig-data.ts.)
 *
 * @param path absent: `KUBECONFIG`, else `~/.kube/config`
 * @throws Error that names what is missing or not supported
 */
export async function readOwnKubeconfig(path: string | undefined): Promise<OwnCredentials> {
  const config = new KubeConfig();
  if (path === undefined) config.loadFromDefault();
  else config.loadFromFile(path);
  const where = path ?? 'the default kubeconfig';
  const cluster = config.getCurrentCluster();
  const user = config.getCurrentUser();
  if (cluster === null || user === null) {
    throw new Error(`${where}: the current context names no cluster and user: set current-context`);
  }
  const unsupported = [
    cluster.skipTLSVerify && 'insecure-skip-tls-verify',
    cluster.proxyUrl && 'proxy-url',
    user.username && 'username and password',
    user.impersonateUser && 'impersonation (as)',
  ].filter(Boolean);
  if (unsupported.length > 0) throw new Error(`${where}: ${unsupported.join(', ')}: not supported`);

  const first = await authenticate(config);
  const changing = Boolean(user.exec ?? user.authProvider);
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace;
  return {
    server: cluster.server,
    ...(first.ca === undefined ? {} : { caPem: first.ca }),
    // A plugin that hands out client certificates is asked once: they outlive what such a kubeconfig is used for.
    ...(first.cert === undefined || first.key === undefined ? {} : { certPem: first.cert, keyPem: first.key }),
    ...(first.token === undefined ? {} : { token: changing ? () => currentToken(config, where) : first.token }),
    ...(cluster.tlsServerName === undefined ? {} : { tlsServerName: cluster.tlsServerName }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

interface Authentication {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
}

async function authenticate(config: KubeConfig): Promise<Authentication> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers = options.headers as Record<string, string> | undefined;
  const token = headers?.['Authorization']?.replace(/^Bearer /, '').trim();
  return {
    ...text('ca', options.ca),
    ...text('cert', options.cert),
    ...text('key', options.key),
    ...text('token', token),
  };
}

function text<K extends string>(name: K, value: unknown): Partial<Record<K, string>> {
  if (typeof value !== 'string' && !Buffer.isBuffer(value)) return {};
  return { [name]: value.toString() } as Partial<Record<K, string>>;
}

async function currentToken(config: KubeConfig, where: string): Promise<string> {
  const { token } = await authenticate(config);
  if (token === undefined) throw new Error(`${where}: the credential plugin gave no token`);
  return token;
}
