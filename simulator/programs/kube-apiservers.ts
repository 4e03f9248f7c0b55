import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import type { ControlPlaneFiles, OwnControlPlane } from '../nodes/control-plane.ts';
import { startBalancer, type Balancer } from './balancer.ts';
import { startEtcd, type Etcd } from './etcd.ts';
import { freePort } from './free-port.ts';
import { startGuarded, type GuardedProcess } from './guarded-process.ts';
import { untilReady } from './until-ready.ts';

export interface KubeApiServersOptions {
  /** Folder that has `kube-apiserver` and `etcd`. */
  readonly programs: string;
  /** How many kube-apiservers answer in turn at one address. Default 1. */
  readonly replicas?: number;
  /** Flags of kube-apiserver besides those it gets anyway, or instead of them. */
  readonly flags?: Readonly<Record<string, string>>;
}

/** What lasts from the first `install` to `stop`. */
interface Base {
  readonly folder: string;
  readonly etcd: Etcd;
  readonly ports: readonly number[];
  readonly balancer: Balancer | undefined;
  readonly server: string;
}

/**
 * Real kube-apiservers of one etcd, which the simulator gives the certificates of a cluster: for one cluster at a time. Programs are
 * started by the first `install`, and end with this process at the latest. No controller-manager and no scheduler run.
 */
export function kubeApiServers({ programs, replicas = 1, flags = {} }: KubeApiServersOptions): OwnControlPlane {
  const running = new Map<number, GuardedProcess>();
  let starting: Promise<Base> | undefined;
  let base: Base | undefined;

  async function start(): Promise<Base> {
    const folder = await mkdtemp(join(tmpdir(), 'aks-simulator-api-server-'));
    const etcd = await startEtcd(programs, join(folder, 'etcd'));
    const ports = await Promise.all(Array.from({ length: replicas }, () => freePort()));
    const balancer = replicas === 1 ? undefined : await startBalancer(ports, (index) => running.has(index));
    base = { folder, etcd, ports, balancer, server: `https://127.0.0.1:${balancer?.port ?? ports[0]}` };
    return base;
  }

  async function takeAway(replica: number): Promise<void> {
    const program = running.get(replica);
    running.delete(replica);
    await program?.stop();
  }

  return {
    get server() {
      return base?.server ?? '';
    },
    replicas,
    takeAway,
    async install(files, replica) {
      await takeAway(replica);
      const { folder, ports, etcd, server } = await (starting ??= start());
      const port = ports[replica] ?? 0;
      const paths = await write(files, join(folder, `replica-${replica}`));
      const all = { ...flagsOf(files, paths), ...addressesOf({ port, server, etcd: etcd.url }), ...flags };
      const args = Object.entries(all).map(([name, value]) => `--${name}=${value}`);
      const program = startGuarded(join(programs, 'kube-apiserver'), args, process.env);
      await untilAnswers(port, files, program);
      running.set(replica, program);
    },
    async stop() {
      await base?.balancer?.close();
      await Promise.all([...running.keys()].map(takeAway));
      if (base === undefined) return;
      await base.etcd.program.stop();
      await rm(base.folder, { recursive: true, force: true });
      [starting, base] = [undefined, undefined];
    },
  };
}

type Paths = Readonly<Record<keyof ControlPlaneFiles, string>>;

async function write(files: ControlPlaneFiles, folder: string): Promise<Paths> {
  await mkdir(folder, { recursive: true });
  const rows = files.tokens.map(({ token, user, groups }) => `${token},${user},${user},"${groups.join(',')}"\n`);
  const paths = Object.entries({ ...files, tokens: rows.join('') }).map(async ([name, text]) => {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return [name, path] as const;
  });
  return Object.fromEntries(await Promise.all(paths)) as unknown as Paths;
}

function flagsOf(files: ControlPlaneFiles, paths: Paths): Record<string, string> {
  const isShared = files.frontProxyCaPem === files.clusterCaPem;
  return {
    'tls-cert-file': paths.servingCertPem,
    'tls-private-key-file': paths.servingKeyPem,
    'client-ca-file': paths.clusterCaPem,
    'token-auth-file': paths.tokens,
    'requestheader-client-ca-file': paths.frontProxyCaPem,
    // Else each client of the cluster CA could name a user in a header, and kube-apiserver does not start.
    ...(isShared ? { 'requestheader-allowed-names': 'front-proxy-client' } : {}),
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': paths.frontProxyCertPem,
    'proxy-client-key-file': paths.frontProxyKeyPem,
    'service-account-key-file': paths.serviceAccountKeyPem,
    'service-account-signing-key-file': paths.serviceAccountKeyPem,
    'authorization-mode': 'Node,RBAC',
    // No controller makes the service accounts that pods would need.
    'disable-admission-plugins': 'ServiceAccount',
  };
}

function addressesOf({ port, server, etcd }: { port: number; server: string; etcd: string }): Record<string, string> {
  return {
    'advertise-address': '127.0.0.1',
    'bind-address': '127.0.0.1',
    'secure-port': String(port),
    'etcd-servers': etcd,
    'service-account-issuer': `${server}/`,
    'service-cluster-ip-range': '10.0.0.0/24',
  };
}

async function untilAnswers(port: number, files: ControlPlaneFiles, program: GuardedProcess): Promise<void> {
  // Not the certificate of the cluster where a proxy inspects TLS, and one that has expired is served as well.
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  const headers = { authorization: `Bearer ${files.tokens[0]?.token ?? ''}` };
  try {
    await untilReady('kube-apiserver', program, async () => {
      const { statusCode, body } = await request(`https://127.0.0.1:${port}/readyz`, { dispatcher: agent, headers });
      await body.dump();
      return statusCode === 200;
    });
  } finally {
    await agent.close();
  }
}
