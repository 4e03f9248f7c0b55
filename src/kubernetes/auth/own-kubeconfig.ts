import type { RequestOptions } from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import type { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import type { OwnCredentials, Headers, TlsIdentity } from './types.ts';
import { createExecPlugin, type ExecConfig, type ExecPlugin } from './exec-plugin.ts';
import { reloadingFile, type FreshFile } from './reloading-file.ts';
import { impersonationHeaders } from './impersonation.ts';
import { textIn } from './kubeconfig-context.ts';
import { readContext, type KubeconfigContext } from './kubeconfig-files.ts';
import { isMapping, type Mapping } from './kubeconfig-yaml.ts';

/** The greatest age of a read kubeconfig, as for client-go. After a 401 it is read again at once. */
const TTL_MS = 60_000;

/**
 * Reads the kubeconfig of the person or pipeline that runs this process, with `@kubernetes/client-node`, which handles
 * certificates, proxies, impersonation, basic auth and OIDC. It is trusted: exec plugins run, and the files that it names are
 * read, both again when they may have changed. (Kubeconfigs from Secrets are not trusted: kubeconfig-data.ts.)
 *
 * @param path absent: `KUBECONFIG`, else `~/.kube/config`
 * @param now milliseconds since the epoch
 * @param context absent: the current one
 * @throws Error that names the missing part
 */
export async function readOwnKubeconfig(
  path: string | undefined,
  now: () => number = Date.now,
  context?: string,
): Promise<OwnCredentials> {
  // It has 7 MB of generated clients, so it is loaded only where a kubeconfig is read, never inside a cluster.
  const { KubeConfig: Config } = await import('@kubernetes/client-node/dist/config.js');
  const open = (found: KubeconfigContext): Opened => ({
    found,
    config: configOf(new Config(), found),
    plugin: pluginOf(found.user, now),
    tokenFile: tokenFileOf(found.user, now),
  });
  let opened = open(readContext(path, context));
  const { namespace } = opened.found;
  const server = serverOf(opened);
  let applied: Applied | undefined;
  let readAt = -Infinity;
  let reading: Promise<Applied> | undefined;

  async function readAnew(): Promise<Applied> {
    try {
      const found = readContext(path, context);
      // The plugin's credential and a refreshed OIDC token are kept while the kubeconfig is unchanged.
      if (!isDeepStrictEqual(found, opened.found)) opened = open(found);
      applied = await apply(opened.config);
    } catch (error) {
      // A file cannot be read for a moment while it is replaced.
      if (applied === undefined) throw error;
    } finally {
      reading = undefined;
    }
    readAt = now();
    return applied;
  }

  async function current(): Promise<Applied> {
    if (applied !== undefined && now() - readAt < TTL_MS) return applied;
    return (reading ??= readAnew());
  }

  async function token(): Promise<string | undefined> {
    const { authorization } = (await current()).headers;
    if (typeof authorization === 'string' && authorization.startsWith('Bearer '))
      return authorization.slice('Bearer '.length).trim();
    return (await opened.tokenFile?.read()) ?? (await opened.plugin?.current())?.token;
  }

  async function tls(): Promise<TlsIdentity> {
    const { caPem, certPem, keyPem } = (await current()).tls;
    const issued = certPem === undefined ? await opened.plugin?.current() : undefined;
    const pair = certPem === undefined ? issued : { certPem, keyPem };
    return {
      ...(caPem === undefined ? {} : { caPem }),
      ...(pair?.certPem === undefined || pair.keyPem === undefined
        ? {}
        : { certPem: pair.certPem, keyPem: pair.keyPem }),
    };
  }

  // Read once now, so that a missing part is reported at the start.
  const first = await tls();
  await token();
  const { cluster } = opened.found;
  const proxyUrl = proxyOf(opened);
  const tlsServerName = textIn(cluster['tls-server-name']);
  return {
    server,
    ...first,
    tls,
    token,
    headers: async () => ({
      ...impersonationHeaders(opened.found.user),
      ...withoutBearer((await current()).headers),
    }),
    distrust() {
      readAt = -Infinity;
      opened.plugin?.distrust();
      opened.tokenFile?.distrust();
    },
    ...(cluster['insecure-skip-tls-verify'] === true ? { insecure: true } : {}),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

interface Opened {
  readonly found: KubeconfigContext;
  readonly config: KubeConfig;
  /** Our own, because client-node's does not set KUBERNETES_EXEC_INFO, without which kubelogin and others refuse to run. */
  readonly plugin: ExecPlugin | undefined;
  /** client-node does not know `tokenFile`. */
  readonly tokenFile: FreshFile | undefined;
}

/** The settings that client-node derives from a kubeconfig. */
interface Applied {
  readonly tls: TlsIdentity;
  readonly headers: Headers;
}

function configOf(config: KubeConfig, { cluster, user }: KubeconfigContext): KubeConfig {
  const { exec: _, ...rest } = user;
  const { server } = cluster;
  // client-node refuses plain HTTP (kubectl proxy) unless verification is off, which has no meaning there.
  const plain = typeof server === 'string' && server.startsWith('http:') ? { 'insecure-skip-tls-verify': true } : {};
  config.loadFromString(
    JSON.stringify({
      'current-context': 'own',
      contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
      clusters: [{ name: 'own', cluster: { ...cluster, ...plain } }],
      users: [{ name: 'own', user: rest }],
    }),
  );
  return config;
}

async function apply(config: KubeConfig): Promise<Applied> {
  const options: RequestOptions & { ca?: unknown; cert?: unknown; key?: unknown } = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {}))
    if (typeof value === 'string') headers[name.toLowerCase()] = value;
  if (typeof options.auth === 'string')
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  const [caPem, certPem, keyPem] = [options.ca, options.cert, options.key].map((pem) =>
    Buffer.isBuffer(pem) ? pem.toString('utf8').trim() : undefined,
  );
  return {
    tls: {
      ...(caPem === undefined ? {} : { caPem }),
      ...(certPem === undefined || keyPem === undefined ? {} : { certPem, keyPem }),
    },
    headers,
  };
}

function withoutBearer({ authorization, ...headers }: Headers): Headers {
  const isBearer = typeof authorization === 'string' && authorization.startsWith('Bearer ');
  return authorization === undefined || isBearer ? headers : { ...headers, authorization };
}

function proxyOf({ found: { where }, config }: Opened): string | undefined {
  const proxyUrl = config.getCurrentCluster()?.proxyUrl;
  if (proxyUrl === undefined || proxyUrl === '') return undefined;
  if (/^(https?|socks5h?):\/\//.test(proxyUrl)) return proxyUrl;
  throw new Error(`${where}: the proxy-url has to begin with http://, https:// or socks5://`);
}

function serverOf({ found: { where, cluster } }: Opened): string {
  const server = textIn(cluster['server'])?.replace(/\/$/, '');
  if (server === undefined) throw new Error(`${where}: the cluster has no server`);
  return server;
}

function tokenFileOf(user: Mapping, now: () => number): FreshFile | undefined {
  const file = textIn(user['tokenFile']);
  return file === undefined || textIn(user['token']) !== undefined ? undefined : reloadingFile(file, now);
}

function pluginOf({ exec }: Mapping, now: () => number): ExecPlugin | undefined {
  if (!isMapping(exec)) return undefined;
  if (typeof exec['command'] !== 'string') throw new Error('the kubeconfig has an exec without a command');
  return createExecPlugin(exec as unknown as ExecConfig, now);
}
