import { randomBytes, X509Certificate } from 'node:crypto';
import { getCACertificates, rootCertificates } from 'node:tls';
import {
  startSimulator,
  type ClusterSeed,
  type SimulatedCluster,
  type Simulator,
  type SimulatorOptions,
} from '../../simulator/index.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import { API_VERSION, customCATrustPath, TARGET_CLUSTERS, targetClusterPath } from '../../src/api/names.ts';
import { parseClusterId, recordName } from '../../src/api/resource-id.ts';
import { createApiServerToken } from '../../src/azure/api-server-token.ts';
import type { Cloud } from '../../src/azure/clouds.ts';
import { createCredential } from '../../src/azure/credentials.ts';
import { createMaintenanceWindows } from '../../src/azure/maintenance-windows.ts';
import { createRenewableCredential } from '../../src/azure/renewable-credential.ts';
import { createManagedClusters, type ManagedClusters } from '../../src/azure/managed-clusters.ts';
import { createTransport } from '../../src/azure/transport.ts';
import { ARM_API_VERSION } from '../../src/azure/api-version.ts';
import { createCertificateReader, type CertificateReader } from '../../src/certificates/reader.ts';
import { DEFAULT_TIMING, type Timing } from '../../src/cluster/model/timing.ts';
import { createHandshake } from '../../src/cluster-certificates/read/handshake.ts';
import { connectToTarget } from '../../src/cluster/node-access/connect-target.ts';
import { DEFAULT_RULES, type AccessRules } from '../../src/cluster/model/way.ts';
import { createPrometheusSources } from '../../src/controller/prometheus.ts';
import { createOperator } from '../../src/controller/operator.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { connect, KubernetesError, type Connection } from '../../src/kubernetes/client/connection.ts';
import { createEventRecorder } from '../../src/kubernetes/events/event-recorder.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/logging.ts';
import { createWorkQueue } from '../../src/runtime/queue.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/start.ts';
import { eventually } from '../eventually.ts';
import { controllerCredentials, installRoles, letReadKubeconfigs } from './roles.ts';
import { collectSituations } from './situations.ts';
import { untilWanted } from './watched.ts';

export { eventually };

/** Seconds shrink to tens of milliseconds; what waits for what stays the same. */
export const FAST: Timing = {
  ...DEFAULT_TIMING,
  lostWrite: 1500,
  agreeingReads: 300,
  poll: 100,
  firstRead: 100,
  eviction: 0,
  drift: 400,
  busy: [100, 400],
  failed: 200,
  stopped: 200,
  resume: [400, 2000],
  gone: 800,
  reconcileRequest: 300,
  kubeconfig: 500,
  consumers: 500,
};

/** A running controller, in this process. */
export interface Controller {
  /** As SIGTERM does: what runs may end. */
  stop(): Promise<void>;
  /** As SIGKILL does: nothing more is heard or sent. */
  kill(): void;
  /** Tells it that the policy of {@link ControllerSettings} is another one now. */
  policyChanged(before: Policy, after: Policy): void;
  readonly reader: CertificateReader;
}

export interface ControllerSettings {
  readonly timing?: Partial<Timing>;
  /** Puts something between the controller and ARM. */
  readonly wrapArm?: (arm: ManagedClusters) => ManagedClusters;
  /** Signs in as another than the client that may do everything. */
  readonly client?: { readonly clientId: string; readonly clientSecret: string };
  /** What the operator has configured about access to target clusters. */
  readonly rules?: Partial<AccessRules>;
  /** Who may do what at this moment. */
  readonly policy?: () => Policy;
  readonly maxChangingClusters?: number;
  /** Something that stands before the API server. */
  readonly server?: { readonly server: string; readonly caPem: string };
  /** Another API server, with credentials for it; closed with the controller. */
  readonly connection?: Connection;
}

/** A real API server, the simulator, and controllers between them; one a test file. */
export interface Rig {
  readonly simulator: Simulator;
  readonly admin: Connection;
  readonly plane: ControlPlane;
  readonly namespace: string;
  /** Every line that a controller logged, at its most talkative. */
  readonly logs: readonly string[];
  readonly clientSecret: string;
  startController(settings?: ControllerSettings): Promise<Controller>;
  /** A cluster of its own for a test; its nodes are in the API server when `nodes` is true. */
  addCluster(seed?: Partial<ClusterSeed> & { nodes?: boolean }): Promise<SimulatedCluster>;
  /** Makes or changes an object, as `kubectl apply` does. */
  apply(name: string, cluster: SimulatedCluster | string, spec: Partial<CustomCATrust['spec']>): Promise<CustomCATrust>;
  get(name: string): Promise<CustomCATrust | undefined>;
  record(cluster: SimulatedCluster): Promise<TargetCluster | undefined>;
  /** As a controller that is none of ours would. */
  plantRecord(resourceId: string, status: TargetCluster['status']): Promise<void>;
  annotate(name: string, annotations: Record<string, string>): Promise<void>;
  /** Asks for deletion; the object goes when its finaliser does. */
  remove(name: string): Promise<void>;
  /** Waits until an object is as wanted, and says how it was when it never is. */
  until(
    name: string,
    wanted: (object: CustomCATrust) => boolean,
    what: string,
    limitMs?: number,
  ): Promise<CustomCATrust>;
  /** What the controller said of an object in events, oldest first. */
  events(name: string): Promise<ObjectEvent[]>;
  untilGone(name: string): Promise<void>;
  puts(cluster: SimulatedCluster): string[];
  cleanUp(): Promise<void>;
  stop(): Promise<void>;
}

/** An event about an object, as far as tests look at it. */
export interface ObjectEvent {
  readonly type: string;
  readonly reason: string;
  readonly note: string;
  readonly eventTime: string;
  readonly regarding: { readonly name: string; readonly uid?: string };
  readonly series?: { readonly count: number };
}

/** `workloads`: with the controllers of Kubernetes itself, such as the one that ends namespaces. */
export async function startRig(
  options: SimulatorOptions = {},
  { workloads = false }: { workloads?: boolean } = {},
): Promise<Rig> {
  const plane = await startControlPlane('management', () => {}, { workloads });
  const { config } = plane;
  const admin = connect(config);
  await installRoles(admin);
  const simulator = await startSimulator({ speed: 60, nodeSeconds: 15, throttling: false, ...options });
  const { clientId, clientSecret } = simulator.addClient();
  const namespace = `t-${randomBytes(4).toString('hex')}`;
  await admin.request({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  });
  await letReadKubeconfigs(admin, namespace);
  const kubeconfig = Buffer.from(config.kubeconfigYaml).toString('base64');
  await admin.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/secrets`,
    body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'nodes', namespace }, data: { value: kubeconfig } },
  });
  const collection = `/apis/${API_VERSION}/namespaces/${namespace}/customcatrusts`;
  const situations = collectSituations(admin, namespace);
  const running = new Set<Controller>();
  const logs: string[] = [];
  const clusters: SimulatedCluster[] = [];

  async function startController(settings: ControllerSettings = {}): Promise<Controller> {
    const clock = systemClock;
    const now = () => clock.now();
    const cloud: Cloud = {
      authorityHost: simulator.authority,
      endpoint: simulator.url,
      scope: `${simulator.url}/.default`,
    };
    const ca = [...getCACertificates('default'), simulator.caPem];
    const secret = {
      kind: 'ClientSecret',
      tenantId: simulator.tenantId,
      clientId,
      clientSecret,
      ...settings.client,
    } as const;
    const credential = await createRenewableCredential(() =>
      createCredential(secret, { cloud, disableInstanceDiscovery: true, ca }),
    );
    const transport = createTransport({ cloud, credential, apiVersion: ARM_API_VERSION, timeoutMs: 5000, ca });
    const plain = createManagedClusters({ transport, now });
    const connection = settings.connection ?? connect(await controllerCredentials(admin, settings.server ?? config));
    const logger = createLogger({
      level: 'debug',
      format: 'json',
      destination: { write: (line) => void logs.push(line) },
    });
    const queue = createWorkQueue({ clock, backoff: { fromMs: 50, toMs: 1000 } });
    const events = createEventRecorder({
      connection,
      component: 'aks-ca-trust',
      instance: 'test',
      clock,
      random: Math.random,
      logger,
    });
    const maintenance = createMaintenanceWindows(transport);
    const prometheusOf = (policy: () => Policy) => createPrometheusSources({ policy, cloud, credential, ca, now });
    const reader = createCertificateReader();
    const operator = createOperator({
      connection,
      arm: settings.wrapArm?.(plain) ?? plain,
      apiServerToken: createApiServerToken(credential, now),
      connectTarget: (credentials) => connectToTarget(credentials, { allowLocal: true }),
      handshake: createHandshake({ allowLocal: true }),
      rules: { ...DEFAULT_RULES, ...settings.rules },
      reader,
      queue,
      clock,
      random: Math.random,
      timing: { ...FAST, ...settings.timing },
      workers: 4,
      ...(settings.policy ? { policy: settings.policy, prometheus: prometheusOf(settings.policy) } : {}),
      maxChangingClusters: settings.maxChangingClusters ?? 0,
      logger,
      emit: (object, event) => events.record(object, event),
      maintenance,
    });
    const stop = new AbortController();
    const cutOff = new AbortController();
    const signals = { stop: stop.signal, cutOff: cutOff.signal };
    const caches = operator.caches.run(signals);
    await operator.caches.ready?.();
    const passes = operator.controller.run(signals);
    const controller: Controller = {
      reader,
      policyChanged: (before, after) => operator.policyChanged(before, after),
      async stop() {
        stop.abort();
        await Promise.all([caches, passes]);
        await events.flush(cutOff.signal);
        await connection.close();
        running.delete(controller);
      },
      kill() {
        cutOff.abort();
        stop.abort();
        // Writes nothing any more; only its timers end.
        void events.flush(cutOff.signal);
        void connection.close();
        running.delete(controller);
      },
    };
    running.add(controller);
    return controller;
  }

  const rig: Rig = {
    logs,
    clientSecret,
    simulator,
    admin,
    plane,
    namespace,
    startController,
    async addCluster({ nodes, ...seed } = {}) {
      const cluster = simulator.addCluster({
        name: `c-${randomBytes(4).toString('hex')}`,
        pools: [{ name: 'system', count: 2 }],
        ...seed,
        ...(nodes ? { kubeconfig: config } : {}),
      });
      clusters.push(cluster);
      await cluster.ready();
      return cluster;
    },
    async apply(name, cluster, spec) {
      const resourceId = typeof cluster === 'string' ? cluster : cluster.resourceId;
      const body = {
        apiVersion: API_VERSION,
        kind: 'CustomCATrust',
        metadata: { name, namespace },
        spec: { certificates: [], settleSeconds: 0, ...spec, target: { ...spec.target, resourceId } },
      };
      const path = customCATrustPath(namespace, name);
      const query = { fieldManager: 'kubectl', force: 'true' };
      return (await admin.request({
        method: 'PATCH',
        path,
        query,
        contentType: 'application/apply-patch+yaml',
        body,
      })) as CustomCATrust;
    },
    get: (name) => find<CustomCATrust>(customCATrustPath(namespace, name)),
    record: (cluster) => find<TargetCluster>(targetClusterPath(recordName(parseClusterId(cluster.resourceId)!))),
    async plantRecord(resourceId, status) {
      await admin.request({
        method: 'POST',
        path: TARGET_CLUSTERS,
        body: {
          apiVersion: API_VERSION,
          kind: 'TargetCluster',
          metadata: { name: recordName(parseClusterId(resourceId)!) },
          spec: { resourceId },
          status,
        },
      });
    },
    async annotate(name, annotations) {
      const path = customCATrustPath(namespace, name);
      await admin.request({
        method: 'PATCH',
        path,
        contentType: 'application/merge-patch+json',
        body: { metadata: { annotations } },
      });
    },
    async remove(name) {
      await admin.request({ method: 'DELETE', path: customCATrustPath(namespace, name) });
    },
    until: (name, wanted, what, limitMs = 20_000) => untilWanted(admin, collection, name, wanted, { what, limitMs }),
    async events(name) {
      const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
      const { items } = (await admin.request({ path })) as { items: ObjectEvent[] };
      return items
        .filter(({ regarding }) => regarding.name === name)
        .sort((a, b) => (a.eventTime < b.eventTime ? -1 : 1));
    },
    async untilGone(name) {
      await eventually(async () => (await rig.get(name)) === undefined);
    },
    puts(cluster) {
      const key = cluster.resourceId.toLowerCase();
      return simulator
        .journal()
        .filter((entry) => entry.operation === 'PutManagedCluster' && entry.resourceId?.toLowerCase() === key)
        .map((entry) => entry.requestText ?? '');
    },
    async cleanUp() {
      await Promise.all([...running].map((controller) => controller.stop()));
      simulator.faults.clear();
      await emptyCollection(admin, collection);
      await emptyCollection(admin, `/apis/${API_VERSION}/namespaces/${namespace}/certificaterotations`);
      await emptyCollection(admin, `/apis/${API_VERSION}/targetclusters`);
      for (const cluster of clusters.splice(0)) if (cluster.exists) await cluster.delete();
      await emptyCollection(admin, '/api/v1/nodes');
      simulator.clearJournal();
    },
    async stop() {
      try {
        await rig.cleanUp();
        await situations.check();
      } finally {
        situations.stop();
        await simulator.stop();
        await admin.close();
        await plane.stop();
      }
    },
  };
  return rig;

  async function find<T>(path: string): Promise<T | undefined> {
    try {
      return (await admin.request({ path })) as T;
    } catch (error) {
      if (error instanceof KubernetesError && error.status === 404) return undefined;
      throw error;
    }
  }
}

/** Finalisers go first: nobody is left to take them off. */
async function emptyCollection(admin: Connection, path: string): Promise<void> {
  const { items } = (await admin.request({ path })) as {
    items: { metadata: { name: string; finalizers?: string[] } }[];
  };
  for (const { metadata } of items) {
    const object = `${path}/${metadata.name}`;
    try {
      if (metadata.finalizers) {
        await admin.request({
          method: 'PATCH',
          path: object,
          contentType: 'application/merge-patch+json',
          body: { metadata: { finalizers: null } },
        });
      }
      await admin.request({ method: 'DELETE', path: object });
    } catch (error) {
      if (!(error instanceof KubernetesError && error.status === 404)) throw error;
    }
  }
}

/** Real public CA certificates: Mozilla's, as Node ships them. */
export function roots(...indexes: number[]): string[] {
  return indexes.map((index) => `${rootCertificates[index]}\n`);
}

/** SHA-256 fingerprints of the certificates in a cluster's list, by the simulator's own truth: one an element. */
export function listed(cluster: SimulatedCluster): string[] {
  return cluster.list().map((element) => fingerprint(Buffer.from(element, 'base64').toString()));
}

export function fingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Fingerprints of Mozilla's roots by index. */
export function fingerprints(...indexes: number[]): string[] {
  return roots(...indexes).map(fingerprint);
}

/** For a spec: nodes are seen through the kubeconfig of the rig. */
export const SEES_NODES = { nodeAccess: { kubeconfigSecretRef: { name: 'nodes' } }, resourceId: '' };

export function condition(object: CustomCATrust | undefined, type: string) {
  return object?.status?.conditions?.find((one) => one.type === type);
}

/** True once the controller has judged the object's present generation and says so. */
export function isReady(object: CustomCATrust): boolean {
  const ready = condition(object, 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === object.metadata.generation;
}

export function entry(name: string, ...pems: string[]) {
  return { name, pem: pems.join('') };
}
