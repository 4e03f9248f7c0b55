import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ClusterSeed } from '../cluster/cluster-seed.ts';
import type { TargetAccess } from '../nodes/target-access.ts';
import { refuseUnknownMembers } from './cluster-members.ts';
import { readYaml } from './yaml-file.ts';
import type { ClusterEntry } from './cluster-entry.ts';

/** The seed of an entry in a scenario file. Paths are relative to `folder`. Elements may be written as PEM. */
export async function seedOf({ kubeconfig, apiServer, ...entry }: ClusterEntry, folder: string): Promise<ClusterSeed> {
  const access = typeof kubeconfig === 'string' ? await accessOf(resolve(folder, kubeconfig)) : kubeconfig;
  const seed = sentSeed({ ...entry, ...(access === undefined ? {} : { kubeconfig: access }) });
  return apiServer === undefined
    ? seed
    : { ...seed, apiServer: { ...apiServer, programs: resolve(folder, apiServer.programs) } };
}

const ACCESS = ['server', 'caPem', 'certPem', 'keyPem'] as const;

/**
 * The seed of an entry in a request. Elements may be written as PEM. Throws when a member is unknown, and when the kubeconfig is a path:
 * a request must not read the files of the simulator's machine, nor start its programs.
 */
export function sentSeed(entry: ClusterEntry): ClusterSeed {
  refuseUnknownMembers(entry);
  const { kubeconfig, ...seed } = entry;
  if (seed.apiServer !== undefined) throw new TypeError('API servers are started for clusters of scenario files only.');
  if (typeof seed.name !== 'string') throw new TypeError('A cluster needs a name');
  return {
    ...seed,
    ...(seed.customCATrustCertificates === undefined
      ? {}
      : { customCATrustCertificates: seed.customCATrustCertificates.map(elementOf) }),
    ...(kubeconfig === undefined ? {} : { kubeconfig: sentAccess(kubeconfig) }),
  };
}

/** Throws when it is a path, or lacks a part. */
export function sentAccess(kubeconfig: string | TargetAccess): TargetAccess {
  const parts: Partial<TargetAccess> = typeof kubeconfig === 'string' ? {} : kubeconfig;
  if (ACCESS.some((part) => typeof parts[part] !== 'string')) {
    throw new TypeError(
      `A kubeconfig has to be given by its parts ${ACCESS.join(', ')}. Paths of files are taken from scenario files only.`,
    );
  }
  return parts as TargetAccess;
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
  const file = (await readYaml(path, 'kubeconfig')) as Kubeconfig;
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
