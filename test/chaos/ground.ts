import { randomBytes } from 'node:crypto';
import {
  runningClock,
  startSimulator,
  type Clock,
  type ClusterSeed,
  type SimulatedCluster,
  type Simulator,
} from '../../simulator/index.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import type { Program } from '../deploy/program.ts';
import { controllerCredentials, installRoles, letReadKubeconfigs } from '../integration/roles.ts';
import { startApiServer, type ApiServer } from './api-server.ts';
import type { Hurry } from './controller-process.ts';
import { buildControllers, type Controllers } from './processes.ts';
import { foreignElements, ODD_MEMBERS } from './foreign-things.ts';

export const TRUSTS = '/apis/aks-ca-trust.dev/v1alpha1/customcatrusts';
export const RECORDS = '/apis/aks-ca-trust.dev/v1alpha1/targetclusters';

export interface StartSettings {
  readonly flags?: readonly string[];
  readonly hurry?: Hurry;
  /** Stands before the API server. */
  readonly through?: { readonly server: string; readonly caPem: string };
  /** Which of several controllers it is, to ARM. Default: always the same. */
  readonly clientId?: string;
}

/** An API server that can be taken away, the simulator, and controllers that can be killed; one a test file. */
export interface Ground {
  readonly apiServer: ApiServer;
  readonly admin: Connection;
  readonly simulator: Simulator;
  readonly namespace: string;
  /** A cluster in which others have put certificates, and members that nobody knows. */
  addCluster(seed?: Partial<ClusterSeed> & { readonly nodes?: boolean }): Promise<SimulatedCluster>;
  /** Starts a controller; resolves as soon as the process is there. */
  start(settings?: StartSettings): Promise<Program>;
  /** Lists that were sent to ARM, whatever became of them. */
  putsSent(): number;
  trusts(): Promise<CustomCATrust[]>;
  records(): Promise<TargetCluster[]>;
  /** To be called before everything else is stopped. */
  onStop(end: () => Promise<void> | void): void;
  stop(): Promise<void>;
}

/** What a test says in `nodeAccess` to have the nodes seen. */
export const NODES_SECRET = 'nodes';

export async function breakGround(flags: readonly string[] = []): Promise<Ground> {
  const [apiServer, controllers]: [ApiServer, Controllers] = await Promise.all([
    startApiServer(flags),
    buildControllers(),
  ]);
  const { access } = apiServer;
  const admin = connect(access);
  await installRoles(admin);
  const { clock, stopClock } = stoppableClock();
  const simulator = await startSimulator({
    clock,
    nodeSeconds: 10,
    overheadSeconds: 4,
    throttling: false,
    journalLimit: 1_000_000,
  });
  const everybody = simulator.addClient();
  const namespace = `chaos-${randomBytes(3).toString('hex')}`;
  await post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await letReadKubeconfigs(admin, namespace);
  await post(`/api/v1/namespaces/${namespace}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: NODES_SECRET, namespace },
    data: { value: Buffer.from(adminKubeconfig(access)).toString('base64') },
  });

  function post(path: string, body: unknown): Promise<unknown> {
    return admin.request({ method: 'POST', path, body });
  }

  async function list<T>(path: string): Promise<T[]> {
    return ((await admin.request({ path })) as { items: T[] }).items;
  }

  const ends: (() => Promise<void> | void)[] = [];
  let clusters = 0;
  return {
    apiServer,
    admin,
    simulator,
    namespace,
    async addCluster({ nodes, ...seed } = {}) {
      const cluster = simulator.addCluster({
        name: `c-${clusters}`,
        pools: [{ name: 'system', count: 2, maxSurge: 1 }],
        customCATrustCertificates: foreignElements(clusters++),
        extraBody: ODD_MEMBERS,
        ...(nodes ? { kubeconfig: access } : {}),
        ...seed,
      });
      await cluster.ready();
      return cluster;
    },
    async start({ flags = [], hurry, through, clientId = everybody.clientId } = {}) {
      const token = (await controllerCredentials(admin, access)).token;
      const surroundings = {
        apiServer: { ...(through ?? access), token },
        arm: { url: simulator.url, caPem: simulator.caPem, tenantId: simulator.tenantId },
        clientId,
        federatedToken: simulator.federatedToken(clientId),
      };
      return controllers.start(surroundings, flags, hurry);
    },
    putsSent: () => simulator.journal().filter(({ operation }) => operation === 'PutManagedCluster').length,
    trusts: () => list<CustomCATrust>(TRUSTS),
    records: () => list<TargetCluster>(RECORDS),
    onStop: (end) => void ends.push(end),
    async stop() {
      for (const end of ends) await end();
      await controllers.stop();
      await simulator.stop();
      stopClock();
      await admin.close();
      await apiServer.stop();
    },
  };
}

/** Runs sixty times as fast as the real one, and lets go of answers that are still held back when it is stopped. */
function stoppableClock(): { readonly clock: Clock; readonly stopClock: () => void } {
  const running = runningClock(60);
  const over = new AbortController();
  const sleep: Clock['sleep'] = (ms, signal) =>
    running.sleep(ms, signal ? AbortSignal.any([signal, over.signal]) : over.signal);
  return { clock: { ...running, sleep }, stopClock: () => over.abort(new Error('the test is over')) };
}

function adminKubeconfig({ server, caPem, certPem, keyPem }: ApiServer['access']): string {
  const data = (text: string) => Buffer.from(text).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': data(caPem) } }],
    users: [{ name: 'u', user: { 'client-certificate-data': data(certPem), 'client-key-data': data(keyPem) } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}
