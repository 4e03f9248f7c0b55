import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { ClusterSeed, SimulatedCluster, SimulatorOptions } from '../../simulator/index.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { connect } from '../../src/kubernetes/client/connection.ts';
import {
  START_LIMIT,
  startWorkloadTarget,
  type Deployment,
  type WorkloadTarget,
} from '../simulator/workload-target.ts';
import { condition, entry, fingerprint, startRig, type Rig } from './rig.ts';
import { installRole } from './target-role.ts';

type Status = NonNullable<CustomCATrust['status']>;

/** A rig, and one target with the real kube-controller-manager and kube-scheduler, in which one cluster at a time has its nodes. */
export interface TargetRig extends Rig {
  readonly target: WorkloadTarget;
  /** A cluster with nodes and kubelets in the target. */
  addTargetCluster(seed: Pick<ClusterSeed, 'pools'> & Partial<ClusterSeed>): Promise<SimulatedCluster>;
  /** A workload on the nodes with these labels, of which so many pods may be evicted at a time. */
  deploy(replicas: number, labels: Record<string, string>, maxUnavailable: number): Promise<Deployment>;
  /** Makes an object that wants a certificate on the nodes of a cluster, and sees them. */
  trust(name: string, cluster: SimulatedCluster, pem: string): Promise<CustomCATrust>;
  /** Looks at an object until it is as wanted, and at each look holds what it counts against what the nodes really have. */
  follow(
    name: string,
    cluster: SimulatedCluster,
    wanted: (object: CustomCATrust) => boolean,
    what: string,
  ): Promise<Followed>;
}

export interface Followed {
  readonly object: CustomCATrust;
  /** Each status that was seen, in order. */
  readonly seen: readonly Status[];
  /** What was said and was not true. */
  readonly lies: readonly string[];
}

/** For a spec: nodes are seen through the kubeconfig of the target. */
export const SEES_TARGET = { nodeAccess: { kubeconfigSecretRef: { name: 'target' } }, resourceId: '' };

/** What is waited for at most, in ms; on a loaded machine the programs get little of it. */
const LIMIT = 60_000;

/** What a condition says, but for when it began to. */
export function says(object: CustomCATrust, type: string) {
  const { status, reason, message } = condition(object, type) ?? {};
  return { status, reason, message };
}

/** How many simulated seconds there are in one: enough time for the real controllers. */
const SPEED = 100;

/** For a controller: a minute of a pool's settings lasts as long as the simulator takes for one. */
export const POOL_MINUTE = 60_000 / SPEED;

/** A node takes a good half of a real second. */
export async function startTargetRig(options: SimulatorOptions = {}): Promise<TargetRig> {
  const [rig, target] = await Promise.all([
    startRig({ speed: SPEED, nodeSeconds: 60, readyTimeoutSeconds: 300, ...options }),
    startWorkloadTarget(),
  ]);
  const value = Buffer.from(await readerKubeconfig(target)).toString('base64');
  await rig.admin.request({
    method: 'POST',
    path: `/api/v1/namespaces/${rig.namespace}/secrets`,
    body: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'target', namespace: rig.namespace },
      data: { value },
    },
  });
  const deployments: Deployment[] = [];
  /** By object, what its certificate is and which nodes of which pool ever had it. */
  const wants = new Map<string, { readonly fingerprint: string; readonly had: Map<string, Set<string>> }>();

  return {
    ...rig,
    target,
    addTargetCluster: (seed) => rig.addCluster({ kubeconfig: target.access, kubelets: true, ...seed }),
    async deploy(replicas, labels, maxUnavailable) {
      const deployment = await target.deploy(replicas, labels);
      deployments.push(deployment);
      await deployment.allow(maxUnavailable);
      return deployment;
    },
    trust(name, cluster, pem) {
      wants.set(name, { fingerprint: fingerprint(pem), had: new Map() });
      return rig.apply(name, cluster, { certificates: [entry('a', pem)], target: SEES_TARGET });
    },
    async follow(name, cluster, wanted, what) {
      const { fingerprint, had } = wants.get(name)!;
      const seen: Status[] = [];
      const lies = new Set<string>();
      const look = (object: CustomCATrust) => {
        const { status = {} } = object;
        if (!isDeepStrictEqual(status, seen.at(-1))) seen.push(status);
        for (const lie of liesOf(status, truthOf(cluster, fingerprint, had))) lies.add(lie);
        return wanted(object);
      };
      const object = await rig.until(name, look, what, LIMIT);
      return { object, seen, lies: [...lies] };
    },
    async cleanUp() {
      await rig.cleanUp();
      for (const deployment of deployments.splice(0)) await deployment.remove();
    },
    async stop() {
      try {
        await rig.stop();
      } finally {
        await target.stop();
      }
    },
  };
}

/** A rig for all tests of a file, handed to `take` before the first; what each test has made is cleared away after it. */
export function targetRigOfFile(take: (rig: TargetRig) => void, options: SimulatorOptions = {}): void {
  let rig: TargetRig;
  beforeAll(async () => {
    rig = await startTargetRig(options);
    take(rig);
  }, START_LIMIT);
  afterEach(() => rig.cleanUp(), 60_000);
  afterAll(() => rig.stop(), 60_000);
}

/** Labels of one node. */
export function on(node: string): Record<string, string> {
  return { 'kubernetes.io/hostname': node };
}

/** How an eviction that a budget refuses is mended. */
export const MAKE_ROOM = 'Make room in the PodDisruptionBudget, or add a replica of the pods that it guards';

/** A kubeconfig with the rights that users are told to give, and no other. */
async function readerKubeconfig(target: WorkloadTarget): Promise<string> {
  const { access } = target;
  const admin = connect(access);
  await installRole(admin);
  await admin.close();
  await target.send('POST', '/api/v1/namespaces/default/serviceaccounts', {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'reader' },
  });
  await target.send('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'aks-ca-trust-nodes' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'default' }],
  });
  const { status } = await target.send<{ status: { token: string } }>(
    'POST',
    '/api/v1/namespaces/default/serviceaccounts/reader/token',
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  );
  const certificate = Buffer.from(access.caPem).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'target',
    contexts: [{ name: 'target', context: { cluster: 'target', user: 'reader' } }],
    clusters: [{ name: 'target', cluster: { server: access.server, 'certificate-authority-data': certificate } }],
    users: [{ name: 'reader', user: { token: status.token } }],
  });
}

interface Truth {
  /** How many nodes of a pool have ever had the list: what is said may be older than a machine's end. */
  readonly had: (pool: string) => number;
  /** Nodes that get the list and do not have it. */
  readonly lacking: readonly string[];
}

/** Of the nodes that get custom CAs; those of a surge come on top of a pool, whatever they have. */
function truthOf(cluster: SimulatedCluster, fingerprint: string, had: Map<string, Set<string>>): Truth {
  const covered = cluster.nodes().filter(({ kind, osType, surge }) => kind === 'pool' && osType === 'Linux' && !surge);
  for (const { pool, name, fingerprints } of covered) {
    if (!fingerprints.includes(fingerprint)) continue;
    had.set(pool, (had.get(pool) ?? new Set()).add(name));
  }
  return {
    had: (pool) => had.get(pool)?.size ?? 0,
    lacking: covered.filter(({ fingerprints }) => !fingerprints.includes(fingerprint)).map(({ name }) => name),
  };
}

function liesOf(status: Status, { had, lacking }: Truth): string[] {
  const { nodes, nodePools = [] } = status;
  if (!nodes) return [];
  const pools = nodePools.filter(({ phase }) => phase !== 'Excluded');
  const sum = (key: 'nodes' | 'reimaged' | 'reimaging' | 'waiting') =>
    pools.reduce((total, pool) => total + (pool[key] ?? 0), 0);
  const reimaged = condition({ status } as CustomCATrust, 'NodesReimaged');
  const lies = pools
    .filter(({ name, reimaged = 0 }) => reimaged > had(name))
    .map(({ name, reimaged }) => `${reimaged} nodes of ${name}, where ${had(name)} have the list`);
  const { total, summary } = nodes;
  const parts = (nodes.reimaged ?? 0) + (nodes.reimaging ?? 0) + (nodes.waiting ?? 0);
  if (nodes.reimaged === total && lacking.length > 0) lies.push(`${summary}, without ${lacking.join(', ')}`);
  if (reimaged?.reason === 'Reimaged' && lacking.length > 0) lies.push(`Reimaged, without ${lacking.join(', ')}`);
  if (parts !== total || sum('nodes') !== total || sum('reimaged') !== nodes.reimaged)
    lies.push(`parts that are not the whole: ${JSON.stringify({ nodes, nodePools })}`);
  return lies;
}

/** What ARM reports of the operation that failed last. */
export function provisioningError(cluster: SimulatedCluster) {
  const { properties } = cluster.model() as {
    properties: { status?: { provisioningError?: { code: string; message: string } } };
  };
  return properties.status!.provisioningError!;
}

/** Warnings about an object, each with how often it was said. */
export async function warningsOf(rig: Rig, name: string) {
  const events = (await rig.events(name)).filter(({ type }) => type === 'Warning');
  return events.map(({ reason, note, series }) => ({ reason, note, count: series?.count ?? 1 }));
}

/** When the upgrader first said of each pod on a node that its eviction is refused, in ms; oldest first. */
export async function refusalsSaid(target: WorkloadTarget, node: string) {
  const events = await target.list<{ message: string; metadata: { creationTimestamp: string } }>(
    `/api/v1/namespaces/default/events?fieldSelector=source%3Dupgrader,involvedObject.name%3D${node}`,
  );
  return events
    .filter(({ message }) => message.startsWith('Eviction blocked'))
    .map(({ message, metadata }) => ({ message, createdAt: Date.parse(metadata.creationTimestamp) }))
    .sort((a, b) => a.createdAt - b.createdAt);
}

/** What a status says of a pool. */
export function poolOf({ status }: CustomCATrust, pool: string) {
  return status?.nodePools?.find(({ name }) => name === pool);
}

/** Names of a cluster's nodes by the index of their machine, of one pool. */
export function nodeNames(cluster: SimulatedCluster, pool: string): string[] {
  return cluster
    .nodes()
    .filter((node) => node.pool === pool)
    .map(({ name }) => name);
}
