import { randomBytes } from 'node:crypto';
import { createBrake } from '../../../src/cluster/operation/brake.ts';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { CustomCATrust, CustomCATrustSpec } from '../../../src/api/generated/customcatrusts.ts';
import { API_VERSION, customCATrustPath } from '../../../src/api/names.ts';
import { parseClusterId } from '../../../src/api/resource-id.ts';
import type { ClusterModel } from '../../../src/azure/cluster-model.ts';
import type { ManagedClusters } from '../../../src/azure/managed-clusters.ts';
import type { TrustEvent } from '../../../src/cluster/model/trust-event.ts';
import { createGather } from '../../../src/cluster/observe/gather.ts';
import { createNodeReader } from '../../../src/cluster/node-access/node-reader.ts';
import { createObjectWrites } from '../../../src/cluster/act/object-writes.ts';
import { createMutationCache } from '../../../src/kubernetes/cache/mutation-cache.ts';
import { reconcileCluster, type ReconcileSummary, type ReconcileTools } from '../../../src/cluster/reconcile.ts';
import type { Records } from '../../../src/cluster/model/records.ts';
import type { TargetAccess } from '../../../src/cluster/node-access/target-way.ts';
import { createVerifier } from '../../../src/cluster/verify/pods/runner.ts';
import { DEFAULT_RULES, type VerificationRules } from '../../../src/cluster/model/way.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { get } from '../../../src/kubernetes/client/verbs.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { fenceWrites } from '../../../src/runtime/fence.ts';
import { connect, type Connection } from '../../../src/kubernetes/client/connection.ts';
import type { ApiServer } from '../../kubernetes/api-server.ts';
import { entriesOf, model, pool, reader, recordObject, root } from '../../harness/build.ts';
import { playKubelets, type Machine, type Registry } from './kubelet.ts';

/** One cluster whose nodes are in a real API server, and passes over it. ARM and the record are in memory. */
export interface PassRig {
  /** What ARM reports next. */
  arm: ClusterModel;
  readonly resourceId: string;
  readonly machines: Map<string, Machine>;
  registry: Registry;
  readonly events: TrustEvent[];
  /** Namespace of the pods, in which we have the Role of deploy/target-cluster/verify-role.yaml. */
  readonly target: string;
  /** What the operator has configured; counts from the next restart on. */
  verification: VerificationRules;
  readonly object: () => Promise<CustomCATrust | undefined>;
  apply(spec: Partial<CustomCATrustSpec>, metadata?: object): Promise<void>;
  remove(): Promise<void>;
  /** One pass, and then what kubelets do. */
  pass(): Promise<ReconcileSummary>;
  /** Passes until a status is as wanted; kubelets play in between. */
  until(wanted: (object: CustomCATrust) => boolean, what: string): Promise<CustomCATrust>;
  /** Passes until the object is gone. */
  untilGone(): Promise<void>;
  /** Another process: what was kept in memory is lost. */
  restart(): void;
  /** A node of the cluster's only pool, or one that Karpenter made for one of its NodePools. */
  addNode(name: string, machine: Machine, options?: { readonly nodePool?: string }): Promise<void>;
  removeNode(name: string): Promise<void>;
  /** Names of the pods that are there, and the most that were at a time. */
  pods(): Promise<string[]>;
  readonly most: () => number;
  /** May do everything, in the target as well. */
  readonly admin: Connection;
  /** Requests to the target that change something. */
  readonly writes: string[];
  /** A connection to the target that fails from now on with this, or none. */
  breakWith(error?: Error): void;
  grant(verbs: readonly string[]): Promise<void>;
  /** Puts our own clock forward, in ms. */
  later(ms: number): void;
  /** Whether the process holds the lease, as it knows. */
  lead(leads: boolean): void;
  label(level: 'restricted' | 'privileged'): Promise<void>;
}

/** Label of a node: which of the clusters of these tests it is of. */
const OF_CLUSTER = 'test.aks-ca-trust.dev/cluster';
const SIGNAL = new AbortController().signal;

export async function createPassRig(server: ApiServer): Promise<PassRig> {
  const admin = server.connection;
  const suffix = randomBytes(4).toString('hex');
  const home = await server.namespace();
  const target = `verify-${suffix}`;
  const poolName = `p${suffix}`;
  const id = parseClusterId(
    `/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c-${suffix}`,
  )!;
  await installRole(admin, target);
  const own = await accountOf(server, target);
  const machines = new Map<string, Machine>();
  const events: TrustEvent[] = [];
  const writes: string[] = [];
  let failing: Error | undefined;
  let leads = true;
  const fenced = (connection: Connection) => fenceWrites(connection, () => leads);
  let ahead = 0;
  const now = () => Date.now() + ahead;
  let most = 0;

  const connection = fenced({
    ...own,
    async request(request) {
      if (failing) throw failing;
      if (request.method !== undefined) writes.push(`${request.method} ${request.path}`);
      // Many clusters are in one API server.
      if (request.path !== '/api/v1/nodes') return own.request(request);
      return own.request({ ...request, query: { ...request.query, labelSelector: `${OF_CLUSTER}=${suffix}` } });
    },
    get lastResponseDate() {
      return own.lastResponseDate;
    },
  });
  const access: TargetAccess = {
    connectionFor: async () => ({ kind: 'Open', connection }),
    retain: async () => {},
    close: async () => {},
  };

  let cached: CustomCATrust | undefined;
  let record: ReturnType<Records['read']>;
  const path = customCATrustPath(home, 'a');
  const nodes = createNodeReader(access, systemClock);
  const refuse = () => Promise.reject(new Error('nothing is ever sent to ARM in these tests'));
  const arm: ManagedClusters = {
    get: async () => ({ ok: true, value: { text: '', model: rig.arm, readAt: now() } }),
    put: refuse,
    rotateClusterCertificates: refuse,
    operationStatus: refuse,
    list: refuse,
    waitToPut: () => 0,
    groupIsReadable: refuse,
    mayRotate: refuse,
    locksOf: refuse,
    supportedVersions: refuse,
    tokenLife: refuse,
    userKubeconfig: refuse,
  };
  const records: Records = {
    conflict: () => undefined,
    read: () => record,
    write: async (_, __, status) => (record = recordObject(status)!),
    defer: (_, status) => (record = recordObject(status)!),
    remove: async () => void (record = undefined),
    confirm: async () => {},
    receiveFromWatch: () => false,
    newest: (record) => record,
  };
  let tools: ReconcileTools | undefined;
  const makeTools = (): ReconcileTools => ({
    brake: createBrake({ limit: 0, now, wake: () => {}, askAgainMs: DEFAULT_TIMING.busy[1] }),
    objects: createObjectWrites({ connection: fenced(admin), overlay: createMutationCache<CustomCATrust>(), now }),
    arm,
    records,
    now,
    random: () => 0.5,
    timing: DEFAULT_TIMING,
    newId: () => 'op',
    emit: (_, event) => void events.push(event),
    followUps: [createVerifier({ access, now, timing: DEFAULT_TIMING })],
    gather: createGather({
      records,
      intentsOf: () => (cached ? [cached] : []),
      objectNow: async () => cached,
      arm,
      nodes,
      maintenance: { nextOpening: async () => undefined, read: async () => ({ kind: 'Missing' }) },
      rules: { ...DEFAULT_RULES, verification: rig.verification },
      reader,
      now,
    }),
  });

  async function listPods(): Promise<string[]> {
    const { items } = (await admin.request({ path: `/api/v1/namespaces/${target}/pods` })) as {
      items: { metadata: { name: string } }[];
    };
    return items.map(({ metadata }) => metadata.name);
  }

  const rig: PassRig = {
    arm: model({ elements: [], pools: [pool({ name: poolName })] }),
    resourceId: id.resourceId,
    machines,
    registry: { signedBy: root(0).pem },
    events,
    target,
    verification: { namespace: target, trustStoreImage: 'images.example.com/tools:1' },
    admin,
    writes,
    most: () => most,
    object: () => get<CustomCATrust>(admin, path, SIGNAL),
    async apply(spec, metadata = {}) {
      const nodeAccess = { kubeconfigSecretRef: { name: 'nodes' } };
      const body = {
        apiVersion: API_VERSION,
        kind: 'CustomCATrust',
        metadata: { name: 'a', namespace: home, ...metadata },
        spec: {
          certificates: entriesOf([]),
          settleSeconds: 0,
          target: { resourceId: id.resourceId, nodeAccess },
          ...spec,
        },
      };
      const query = { fieldManager: 'kubectl', force: 'true', fieldValidation: 'Strict' };
      await admin.request({ method: 'PATCH', path, query, contentType: 'application/apply-patch+yaml', body });
    },
    async remove() {
      await admin.request({ method: 'DELETE', path });
    },
    async pass() {
      cached = await rig.object();
      tools ??= makeTools();
      const summary = await reconcileCluster(id, tools, SIGNAL);
      const found = await playKubelets(admin, target, machines, rig.registry);
      most = Math.max(most, found.length);
      return summary;
    },
    async until(wanted, what) {
      for (let round = 0; round < 60; round++) {
        await rig.pass();
        const object = await rig.object();
        if (object && wanted(object)) return object;
      }
      throw new Error(`it never came to this: ${what}. It says: ${JSON.stringify((await rig.object())?.status)}`);
    },
    async untilGone() {
      for (let round = 0; round < 60; round++) {
        await rig.pass();
        if (!(await rig.object())) return;
      }
      throw new Error(`it is still there: ${JSON.stringify(await rig.object())}`);
    },
    restart() {
      tools = undefined;
    },
    async addNode(name, machine, { nodePool } = {}) {
      const ofPool: Record<string, string> =
        nodePool === undefined ? { 'kubernetes.azure.com/agentpool': poolName } : { 'karpenter.sh/nodepool': nodePool };
      const labels = { ...ofPool, [OF_CLUSTER]: suffix };
      const body = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } };
      await admin.request({ method: 'POST', path: '/api/v1/nodes', body });
      const at = new Date().toISOString();
      const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: at, lastTransitionTime: at };
      await admin.request({
        method: 'PATCH',
        path: `/api/v1/nodes/${name}/status`,
        contentType: 'application/merge-patch+json',
        body: { status: { conditions: [ready] } },
      });
      machines.set(name, machine);
    },
    async removeNode(name) {
      await admin.request({ method: 'DELETE', path: `/api/v1/nodes/${name}` });
      machines.delete(name);
    },
    pods: listPods,
    lead: (does) => void (leads = does),
    later: (ms) => void (ahead += ms),
    breakWith: (error) => void (failing = error),
    async grant(verbs) {
      await admin.request({
        method: 'PATCH',
        path: `/apis/rbac.authorization.k8s.io/v1/namespaces/${target}/roles/aks-ca-trust-verify`,
        contentType: 'application/merge-patch+json',
        body: { rules: [{ apiGroups: [''], resources: ['pods'], verbs }] },
      });
    },
    async label(level) {
      await admin.request({
        method: 'PATCH',
        path: `/api/v1/namespaces/${target}`,
        contentType: 'application/merge-patch+json',
        body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } },
      });
    },
  };
  return rig;
}

/** What people install, from the same file, in a namespace of our own; and the ClusterRole for nodes. */
async function installRole(admin: Connection, target: string): Promise<void> {
  const read = (name: string) =>
    readFileSync(new URL(`../../../deploy/target-cluster/${name}`, import.meta.url), 'utf8');
  const text = read('verify-role.yaml')
    .replaceAll('aks-ca-trust-verify', target)
    .replace(`name: ${target}\n  namespace`, 'name: aks-ca-trust-verify\n  namespace');
  for (const document of parseAllDocuments(text)) {
    const object = document.toJS() as { kind: string; metadata: { name: string } };
    const { kind, metadata } = object;
    const path = {
      Namespace: '/api/v1/namespaces',
      Role: `/apis/rbac.authorization.k8s.io/v1/namespaces/${target}/roles`,
      NetworkPolicy: `/apis/networking.k8s.io/v1/namespaces/${target}/networkpolicies`,
    }[kind];
    if (path === undefined) throw new Error(`nobody knows where ${kind} ${metadata.name} goes`);
    await admin.request({ method: 'POST', path, body: object });
  }
  const nodes = parseAllDocuments(read('role.yaml'))[0]?.toJS() as { metadata: object };
  const metadata = { name: `aks-ca-trust-nodes-${target}` };
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
  await admin.request({ method: 'POST', path, body: { ...nodes, metadata } });
}

/** A ServiceAccount with those two roles and nothing else. */
async function accountOf(server: ApiServer, target: string): Promise<Connection> {
  const admin = server.connection;
  const accounts = `/api/v1/namespaces/${target}/serviceaccounts`;
  const subjects = [{ kind: 'ServiceAccount', name: 'controller', namespace: target }];
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const apiGroup = 'rbac.authorization.k8s.io';
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const post = (path: string, body: object) => admin.request({ method: 'POST', path, body });
  await post(accounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'controller' } });
  await post(`${rbac}/namespaces/${target}/rolebindings`, {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { name: 'aks-ca-trust-verify' },
    roleRef: { apiGroup, kind: 'Role', name: 'aks-ca-trust-verify' },
    subjects,
  });
  await post(`${rbac}/clusterrolebindings`, {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name: `aks-ca-trust-nodes-${target}` },
    roleRef: { apiGroup, kind: 'ClusterRole', name: `aks-ca-trust-nodes-${target}` },
    subjects,
  });
  const { status } = (await post(`${accounts}/controller/token`, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: 3600 },
  })) as { status: { token: string } };
  const { server: url, caPem } = server.credentials;
  return connect({ server: url, token: status.token, ...(caPem === undefined ? {} : { caPem }) });
}
