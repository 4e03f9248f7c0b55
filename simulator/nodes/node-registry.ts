import type { KubeletRequest } from './kubelet-certificates.ts';
import type { NodePods } from './node-pods.ts';

/** The origin of a node: a pool of the cluster, node auto-provisioning, or Azure Container Instances, which have no host to change. */
export type NodeKind = 'pool' | 'autoProvisioned' | 'virtual';

/** A node as it registers with its cluster. */
export interface NodeIdentity {
  readonly name: string;
  readonly kind: NodeKind;
  /** Empty for a node that belongs to no agent pool. */
  readonly pool: string;
  readonly osType: 'Linux' | 'Windows';
  /** Such as `Ubuntu`; empty where it is not known. */
  readonly osSku: string;
  readonly nodeImageVersion: string;
  /** Such as `v1.33.3`. */
  readonly kubeletVersion: string;
  readonly bootId: string;
  /** The group the machines are in: MC_…. */
  readonly nodeResourceGroup: string;
  readonly location: string;
  /** Those of its kind, besides what every node has. */
  readonly labels: Readonly<Record<string, string>>;
  /** Those it keeps when it is ready. */
  readonly taints: readonly Taint[];
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'NoExecute' | 'PreferNoSchedule';
}

export interface Registration {
  readonly uid: string;
  /** As the API server says it: ISO 8601, whole seconds. */
  readonly createdAt: string;
}

/** An event of the upgrader about a node. */
export interface NodeEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** The members that change; null removes a label. */
export interface NodeChange {
  readonly unschedulable?: boolean;
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly taints?: readonly Taint[];
}

/** What is published, and how fast. */
export interface RootCaPublication {
  /** PEM of the CA of the time at which a namespace is written. */
  readonly caPem: () => Promise<string>;
  /** Waits before a namespace is written. */
  readonly pause: (isLast: boolean) => Promise<void>;
}

/** Where a cluster's Node objects are: in a real API server, or in memory only. */
export interface NodeRegistry {
  /**
   * Makes the Node object, not ready yet. Its creationTimestamp is in a later second than `after` (real milliseconds since 1970):
   * API servers keep whole seconds, and a node born in the second an operation began could not be distinguished from an old one.
   */
  register(node: NodeIdentity, after: number): Promise<Registration>;
  /** As `change` and `remove`, ignores a Node that another client has deleted. */
  ready(node: NodeIdentity): Promise<void>;
  /** The node's kubelet says that it is not ready, and does nothing more. */
  notReady(node: NodeIdentity): Promise<void>;
  change(name: string, change: NodeChange): Promise<void>;
  /** The labels of the Node object; undefined where there is none. */
  labels(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Deletes the Node object; one that is gone already is fine. */
  remove(name: string): Promise<void>;
  /** Says something about a node. Resolves to a name for `eventAgain`. */
  event(name: string, event: NodeEvent): Promise<string>;
  /** Counts an event once more. False when it is lost: it has to be said anew. */
  eventAgain(id: string): Promise<boolean>;
  /** Deletes every event the upgrader has said so far. */
  loseEvents(): Promise<void>;
  /** Gives machines the right to ask for client certificates. */
  allowJoining(): Promise<void>;
  /** Lets a kubelet ask for a client certificate. */
  requestCertificate(request: KubeletRequest): Promise<void>;
  /** Publishes the cluster CA as `kube-root-ca.crt` in every namespace, one after the other. */
  publishRootCa(publication: RootCaPublication): Promise<void>;
  /** Makes an APIService of the metrics server at this port of this machine, or lets the API server check it again. */
  registerMetricsServer(port: number): Promise<void>;
  /** The pods on the nodes; undefined where none run. */
  readonly pods: NodePods | undefined;
  close(): Promise<void>;
}
