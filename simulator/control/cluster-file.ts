import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import type { ClusterSeed, TargetAccess } from '../cluster/cluster-seed.ts';

/** A cluster as scenario files and control requests write it: a seed whose kubeconfig may be the path of one. */
export interface ClusterEntry extends Omit<ClusterSeed, 'kubeconfig'> {
  readonly kubeconfig?: string | TargetAccess;
}

/** The seed of an entry. Paths are relative to `folder`. Elements may be written as PEM. */
export async function seedOf({ kubeconfig, ...entry }: ClusterEntry, folder: string): Promise<ClusterSeed> {
  if (typeof entry.name !== 'string') throw new TypeError('A cluster needs a name');
  const access = typeof kubeconfig === 'string' ? await accessOf(resolve(folder, kubeconfig)) : kubeconfig;
  return {
    ...entry,
    ...(entry.customCATrustCertificates === undefined
      ? {}
      : { customCATrustCertificates: entry.customCATrustCertificates.map(elementOf) }),
    ...(access === undefined ? {} : { kubeconfig: access }),
  };
}

/** An element of ARM's list: base64 stays as it is, PEM is encoded. */
export function elementOf(text: string): string {
  return text.includes('-----BEGIN ') ? Buffer.from(text).toString('base64') : text;
}

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: Record<string, string | undefined> }[];
  readonly users?: readonly { readonly name: string; readonly user: Record<string, string | undefined> }[];
}

async function accessOf(path: string): Promise<TargetAccess> {
  const file = parse(await readFile(path, 'utf8')) as Kubeconfig;
  const context = file.contexts?.find(({ name }) => name === file['current-context'])?.context;
  const cluster = file.clusters?.find(({ name }) => name === context?.cluster)?.cluster ?? {};
  const user = file.users?.find(({ name }) => name === context?.user)?.user ?? {};
  const pem = async (entry: Record<string, string | undefined>, key: string) => {
    const data = entry[`${key}-data`];
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    const file = entry[key];
    if (file === undefined)
      throw new Error(`${path} has no ${key}: a client certificate and a certificate authority are needed`);
    return readFile(resolve(dirname(path), file), 'utf8');
  };
  return {
    server: cluster['server'] ?? '',
    caPem: await pem(cluster, 'certificate-authority'),
    certPem: await pem(user, 'client-certificate'),
    keyPem: await pem(user, 'client-key'),
  };
}
