import type { PoolSeed } from '../cluster/cluster-seed.ts';
import type { ClusterEntry } from './cluster-entry.ts';

const OF_CLUSTERS = {
  subscriptionId: true,
  resourceGroup: true,
  name: true,
  location: true,
  kubernetesVersion: true,
  nodeResourceGroup: true,
  pools: true,
  customCATrustCertificates: true,
  extraBody: true,
  kubeconfig: true,
  kubelets: true,
  handshakes: true,
  apiServer: true,
  certificates: true,
  locks: true,
  rotation: true,
  metricsServer: true,
  whenStopped: true,
  registries: true,
  autoProvisioned: true,
  virtualNodes: true,
  rawModel: true,
} satisfies Record<Exclude<keyof ClusterEntry, 'runPod' | 'controlPlane'>, true>;

const OF_POOLS = {
  name: true,
  osType: true,
  osSku: true,
  mode: true,
  count: true,
  maxSurge: true,
  maxUnavailable: true,
  drainTimeoutInMinutes: true,
  nodeSoakDurationInMinutes: true,
  undrainableNodeBehavior: true,
  spot: true,
  autoscaling: true,
  powerState: true,
  extra: true,
  orchestratorVersion: true,
  currentOrchestratorVersion: true,
} satisfies Record<keyof PoolSeed, true>;

/** Throws when a cluster or one of its pools has a member that there is not: a misspelt one would silently do nothing. */
export function refuseUnknownMembers(entry: ClusterEntry): void {
  refuse('A cluster', entry, OF_CLUSTERS);
  for (const pool of entry.pools ?? []) refuse('A pool', pool, OF_POOLS);
}

function refuse(kind: string, entry: object, members: Readonly<Record<string, true>>): void {
  const known = Object.keys(members);
  const unknown = Object.keys(entry).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new Error(`${kind} has no ${unknown.join(', ')}; it has ${known.join(', ')}`);
}
