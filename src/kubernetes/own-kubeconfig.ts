import type { OwnCredentials, TlsIdentity } from './credentials.ts';
import { createExecPlugin, type ExecConfig, type ExecPlugin } from './exec-plugin.ts';
import { freshFile } from './fresh-file.ts';
import { readContext } from './kubeconfig-files.ts';
import { isMapping, type Mapping } from './kubeconfig-yaml.ts';

/**
 * Reads the kubeconfig of the person or pipeline that runs us. It is trusted: exec plugins run, and files that it names are
 * read, both again when what they gave may have changed. (Kubeconfigs that come from Secrets are not: kubeconfig-data.ts.)
 *
 * @param path absent: `KUBECONFIG`, else `~/.kube/config`
 * @param now milliseconds since the epoch
 * @param context absent: the current one
 * @throws Error that names what is missing or not supported
 */
export async function readOwnKubeconfig(
  path: string | undefined,
  now: () => number = Date.now,
  context?: string,
): Promise<OwnCredentials> {
  const { where, namespace, cluster, user } = readContext(path, context);
  const unsupported = [
    cluster['insecure-skip-tls-verify'] && 'insecure-skip-tls-verify',
    cluster['proxy-url'] && 'proxy-url',
    user['username'] && 'username and password',
    user['as'] && 'impersonation (as)',
    // Removed from client-go with Kubernetes 1.26.
    user['auth-provider'] && 'auth-provider (use exec)',
  ].filter(Boolean);
  if (unsupported.length > 0) throw new Error(`${where}: ${unsupported.join(', ')}: not supported`);
  const server = text(cluster, 'server')?.replace(/\/$/, '');
  if (server === undefined) throw new Error(`${where}: the cluster has no server`);

  const plugin = pluginOf(user, now);
  const ca = source(cluster, 'certificate-authority', now);
  const cert = source(user, 'client-certificate', now);
  const key = source(user, 'client-key', now);
  const token = tokenOf(user, now);
  const tls = async (): Promise<TlsIdentity> => {
    const issued = await plugin?.current();
    const [caPem, certPem = issued?.certPem, keyPem = issued?.keyPem] = await Promise.all([
      ca?.read(),
      cert?.read(),
      key?.read(),
    ]);
    return {
      ...(caPem === undefined ? {} : { caPem }),
      ...(certPem === undefined || keyPem === undefined ? {} : { certPem, keyPem }),
    };
  };
  const currentToken = async () => (await token?.read()) ?? (await plugin?.current())?.token;
  const tlsServerName = text(cluster, 'tls-server-name');
  const sources = [ca, cert, key, token, plugin].filter((one) => one !== undefined);
  const changing = sources.some((one) => one.distrust !== undefined);
  // Once now, so that what is missing is said at start.
  const firstToken = await currentToken();
  return {
    server,
    ...(await tls()),
    ...(firstToken === undefined ? {} : { token: firstToken }),
    ...(changing
      ? {
          tls,
          ...(token !== undefined && token.distrust === undefined ? {} : { token: currentToken }),
          distrust: () => sources.forEach((one) => one.distrust?.()),
        }
      : {}),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** A text of the kubeconfig, or of a file, which may change. */
interface Source {
  read(): Promise<string>;
  readonly distrust?: () => void;
}

/** As kubectl: a file wins over what is inline. */
function source(fields: Mapping, name: string, now: () => number): Source | undefined {
  const file = text(fields, name);
  if (file !== undefined) return freshFile(file, now);
  const data = text(fields, `${name}-data`);
  return data === undefined ? undefined : fixed(Buffer.from(data, 'base64').toString('utf8'));
}

/** As kubectl: what is inline wins over a file. */
function tokenOf(user: Mapping, now: () => number): Source | undefined {
  const inline = text(user, 'token');
  if (inline !== undefined) return fixed(inline.trim());
  const file = text(user, 'tokenFile');
  return file === undefined ? undefined : freshFile(file, now);
}

function fixed(value: string): Source {
  return { read: () => Promise.resolve(value) };
}

function pluginOf({ exec }: Mapping, now: () => number): ExecPlugin | undefined {
  if (!isMapping(exec)) return undefined;
  if (typeof exec['command'] !== 'string') throw new Error('the kubeconfig has an exec without a command');
  return createExecPlugin(exec as unknown as ExecConfig, now);
}

function text(fields: Mapping, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
