import { resourceIdOf, type ClusterId } from '../arm/resource-id.ts';
import { at, itemsOf, member, stringOf } from '../json/access.ts';
import { apiServerRegistry } from '../nodes/api-server-registry.ts';
import { containerRuntime } from '../nodes/containers.ts';
import { memoryRegistry } from '../nodes/memory-registry.ts';
import type { Cluster, PoolState } from './cluster.ts';
import type { SimulatedNode } from './simulated-node.ts';
import type { ClusterSeed } from './cluster-seed.ts';
import { makeAutoProvisioned } from './auto-provisioning.ts';
import { registryAccess, startControlPlane, hostsOf, joining, behind } from './control-planes.ts';
import { makeCertificates } from './certificates.ts';
import { makeMachine, makeReady, registerMachine } from './nodes.ts';
import { truthOf } from './node-truth.ts';
import { poolProfiles } from './pool-profile.ts';
import type { Provider } from './provider.ts';
import { DEFAULT_LOCATION, seedModel } from './seed-model.ts';
import { makeVirtualNode } from './virtual-nodes.ts';

/** Makes a cluster of a seed, with its nodes; `ready` of it resolves when they are there. */
export function makeCluster(id: ClusterId, seed: ClusterSeed, provider: Provider, tenantId: string): Cluster {
  const { clock, random, realNow } = provider;
  const model = seedModel({ ...seed, ...id }, { tenantId, principalId: random.guid() });
  const end = new AbortController();
  const own = behind(seed);
  const certificates = makeCertificates(seed, hostsOf(model), realNow());
  const access = registryAccess(seed, own, certificates);
  const { kubeletsSince } = seed.certificates ?? {};
  let joinAt = () => (kubeletsSince === undefined ? realNow() : Date.parse(kubeletsSince));
  const registry =
    access === undefined
      ? memoryRegistry(clock, random)
      : apiServerRegistry({
          access,
          clusterResourceId: resourceIdOf(id),
          clock,
          joins: own === undefined ? undefined : (node) => joining(cluster, node, joinAt()),
          containers: seed.kubelets === true ? containersOf(seed, () => cluster.nodes) : undefined,
          signal: end.signal,
        });
  const ready = Promise.withResolvers<void>();
  const cluster: Cluster = {
    id,
    seed,
    location: stringOf(member(model, 'location')) ?? DEFAULT_LOCATION,
    access: seed.kubeconfig,
    certificates,
    controlPlane: own?.controlPlane,
    stopControlPlane: async () => own?.stop(),
    metricsServer: undefined,
    kubeletEnds: new Map(),
    halfRotated: false,
    resourceUid: random.guid().replaceAll('-', '').slice(0, 24),
    model,
    state: {
      provisioningState: stringOf(at(model, 'properties', 'provisioningState')) ?? 'Succeeded',
      powerState: powerOf(at(model, 'properties', 'powerState', 'code')),
      eTag: random.guid(),
      provisioningError: undefined,
    },
    pools: new Map(),
    nodes: [],
    registry,
    listGeneration: 0,
    maintenanceConfigurations: new Map(),
    locks: seed.locks ?? [],
    operation: undefined,
    deletion: undefined,
    poolsToStart: undefined,
    plannedEnds: [],
    inHand: new Set(),
    shortages: new Map(),
    lateness: [],
    background: new Set(),
    drift: undefined,
    ready: ready.promise,
    end,
  };
  addPools(cluster, provider);
  ready.resolve(startNodes(cluster, provider).finally(() => (joinAt = realNow)));
  ready.promise.catch(() => {}); // those that wait for it get the error; waiting is optional
  return cluster;
}

function containersOf({ registries = [], runPod }: ClusterSeed, nodes: () => readonly SimulatedNode[]) {
  const truth = (name: string) => nodes().flatMap((node) => (node.name === name ? [truthOf(node)] : []))[0];
  return containerRuntime(
    registries,
    (name) => truth(name)?.fingerprints ?? [],
    runPod === undefined
      ? undefined
      : (pod) => {
          const node = truth(pod.spec.nodeName);
          return node === undefined ? { exitCode: 137 } : runPod(pod, node);
        },
  );
}

/** Keeps a state for every pool of the model that has none yet. */
export function addPools(cluster: Cluster, { random }: Provider): void {
  for (const profile of itemsOf(at(cluster.model, 'properties', 'agentPoolProfiles'))) {
    const name = (stringOf(member(profile, 'name')) ?? '').toLowerCase();
    if (cluster.pools.has(name)) continue;
    const version =
      stringOf(member(profile, 'orchestratorVersion')) ??
      stringOf(at(cluster.model, 'properties', 'kubernetesVersion'));
    const pool: PoolState = {
      provisioningState: stringOf(member(profile, 'provisioningState')) ?? 'Succeeded',
      powerState: powerOf(at(profile, 'powerState', 'code')),
      eTag: random.guid(),
      currentOrchestratorVersion: stringOf(member(profile, 'currentOrchestratorVersion')) ?? version ?? '',
      nextIndex: 0,
    };
    cluster.pools.set(name, pool);
  }
}

async function startNodes(cluster: Cluster, provider: Provider): Promise<void> {
  await startControlPlane(cluster);
  const start = async (machine: SimulatedNode) => makeReady(cluster, await registerMachine(cluster, machine, 0));
  for (const profile of poolProfiles(cluster.model)) {
    const pool = cluster.pools.get(profile.name.toLowerCase());
    if (pool?.powerState === 'Stopped') continue;
    const running = {
      ...profile,
      orchestratorVersion: pool?.currentOrchestratorVersion ?? profile.orchestratorVersion,
    };
    for (let n = 0; n < profile.count; n++) await start(makeMachine(cluster, running, false));
  }
  const { autoProvisioned, virtualNodes = 0 } = cluster.seed;
  for (let n = 0; n < (autoProvisioned?.count ?? 0); n++) await start(makeAutoProvisioned(cluster, provider));
  for (let n = 0; n < virtualNodes; n++) await start(makeVirtualNode(cluster, n));
}

function powerOf(node: Parameters<typeof stringOf>[0]): 'Running' | 'Stopped' {
  return stringOf(node) === 'Stopped' ? 'Stopped' : 'Running';
}
