import { readFileSync } from 'node:fs';
import { isNativeError } from 'node:util/types';
import { currentTls, loadOwnCredentials } from '../../kubernetes/auth/credentials.ts';
import { textIn } from '../../kubernetes/auth/kubeconfig-context.ts';
import { readContext } from '../../kubernetes/auth/kubeconfig-files.ts';
import type { Mapping } from '../../kubernetes/auth/kubeconfig-yaml.ts';
import type { OwnCredentials } from '../../kubernetes/auth/types.ts';
import type { KubeconfigFile } from './request.ts';

/** A person's kubeconfig of the cluster itself. */
export interface OwnFile {
  readonly path: string;
  /** URL of the API server. */
  readonly server: string;
  /** A kubeconfig with its server and certificates inline, and without keys, tokens and programs. */
  readonly certificates: string;
  /** Its user; or why there is none, such as a program that fails. Its certificates are read all the same. */
  readonly user:
    { readonly ok: true; readonly credentials: OwnCredentials } | { readonly ok: false; readonly why: string };
}

/**
 * Reads the file as kubectl does: exec plugins run, and files that it names are read. A user that cannot sign in is no error.
 *
 * @throws Error that names the part that is missing
 */
export async function readOwnFile({ path, context }: KubeconfigFile): Promise<OwnFile> {
  const { cluster, user } = readContext(path, context);
  const server = textIn(cluster['server'])?.replace(/\/$/, '');
  if (server === undefined) throw new Error(`${path}: the cluster has no server`);
  const tlsServerName = textIn(cluster['tls-server-name']);
  try {
    const credentials = await loadOwnCredentials({ kubeconfig: path, context });
    // A program may sign in with a certificate, which the file does not have.
    const { caPem, certPem } = await currentTls(credentials);
    const certificates = kubeconfigOf(server, { caPem, certPem, tlsServerName });
    return { path, server, certificates, user: { ok: true, credentials } };
  } catch (error) {
    const caPem = pemOf(cluster, 'certificate-authority');
    const certPem = pemOf(user, 'client-certificate');
    const why = isNativeError(error) ? error.message : String(error);
    return {
      path,
      server,
      certificates: kubeconfigOf(server, { caPem, certPem, tlsServerName }),
      user: { ok: false, why },
    };
  }
}

interface Parts {
  readonly caPem: string | undefined;
  readonly certPem: string | undefined;
  readonly tlsServerName: string | undefined;
}

function kubeconfigOf(server: string, { caPem, certPem, tlsServerName }: Parts): string {
  const base64 = (pem: string | undefined) => (pem === undefined ? undefined : Buffer.from(pem).toString('base64'));
  return JSON.stringify({
    'current-context': 'own',
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
    clusters: [
      {
        name: 'own',
        cluster: { server, 'certificate-authority-data': base64(caPem), 'tls-server-name': tlsServerName },
      },
    ],
    users: [{ name: 'own', user: { 'client-certificate-data': base64(certPem) } }],
  });
}

/** The PEM text of a field that is inline, or names a file. */
function pemOf(fields: Mapping, name: string): string | undefined {
  const inline = textIn(fields[`${name}-data`]);
  if (inline !== undefined) return Buffer.from(inline, 'base64').toString('utf8');
  const path = textIn(fields[name]);
  try {
    return path === undefined ? undefined : readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
