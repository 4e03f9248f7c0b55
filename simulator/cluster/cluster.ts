import type { ClusterId } from '../arm/resource-id.ts';
import type { JsonObject } from '../json/syntax.ts';
import type { ClusterCertificates } from './certificates.ts';
import type { ControlPlane } from '../nodes/control-plane.ts';
import type { MetricsServer } from '../nodes/metrics-server.ts';
import type { NodeRegistry } from '../nodes/node-registry.ts';
import type { ClusterSeed } from './cluster-seed.ts';
import type { TargetAccess } from '../nodes/target-access.ts';
import type { LockSeed } from './lock-seed.ts';
import type { Operation } from './operation-state.ts';
import type { PlannedEnd } from './operation-end.ts';
import type { SimulatedNode } from './simulated-node.ts';

/** A managed cluster of the simulator. `model` and `state` are replaced, never changed in place. */
export interface Cluster {
  readonly id: ClusterId;
  readonly seed: ClusterSeed;
  readonly location: string;
  /** The API server as kubeconfigs name it, and an account of it; none where the nodes are in memory. */
  access: TargetAccess | undefined;
  /** Its own certificates. An API server that is named by `access` has others, which the simulator knows nothing of. */
  readonly certificates: ClusterCertificates;
  /** The API server that has them; none where it has others, and where the nodes are in memory. */
  readonly controlPlane: ControlPlane | undefined;
  /** Ends it where the simulator has started it. */
  readonly stopControlPlane: () => Promise<void>;
  /** Where the seed asks for it, from the start of its API server on. */
  metricsServer: MetricsServer | undefined;
  /** When the client certificates of kubelets end that were issued in its API server, in real milliseconds, by node. */
  readonly kubeletEnds: Map<string, number>;
  /** A rotation has changed the CA, and did not come to its end. */
  halfRotated: boolean;
  /** Changes when the cluster is deleted and made again. */
  readonly resourceUid: string;
  /** The last accepted model, without the members that change by themselves. */
  model: JsonObject;
  state: ClusterState;
  readonly pools: Map<string, PoolState>;
  nodes: SimulatedNode[];
  readonly registry: NodeRegistry;
  /** Counts the changes of the list; a node born on an earlier one does not have the model's list. */
  listGeneration: number;
  readonly maintenanceConfigurations: Map<string, JsonObject>;
  /** On the group of the machines. */
  locks: readonly LockSeed[];
  operation: Operation | undefined;
  /** The operation that deletes it. */
  deletion: Operation | undefined;
  /** The pools of a stopped cluster that ran before, in lower case. */
  poolsToStart: readonly string[] | undefined;
  /** How operations to come end: the last one that is not used up counts. */
  plannedEnds: readonly PlannedEnd[];
  /** Names of the nodes that the upgrader or the autoscaler is working on. */
  readonly inHand: Set<string>;
  /** Why no machine can be had, by pool in lower case; '' for all of them. */
  readonly shortages: Map<string, ProvisioningError>;
  /** Machines to come that take longer to be ready. */
  lateness: readonly Lateness[];
  /** Work besides operations that is waited for. */
  readonly background: Set<Promise<void>>;
  /** The replacement of drifted nodes, while it lasts. */
  drift: Promise<void> | undefined;
  /** Resolves when the nodes it started with are there. */
  readonly ready: Promise<void>;
  /** Aborted when the cluster is deleted or the simulator stops: nothing waits any longer. */
  readonly end: AbortController;
}

export interface ClusterState {
  readonly provisioningState: string;
  readonly powerState: 'Running' | 'Stopped';
  readonly eTag: string;
  /** `properties.status.provisioningError` of the last operation that failed. */
  readonly provisioningError: ProvisioningError | undefined;
}

export interface ProvisioningError {
  readonly code: string;
  readonly message: string;
}

/** The members of a pool that change by themselves; the rest is in the model. */
export interface PoolState {
  readonly provisioningState: string;
  readonly powerState: 'Running' | 'Stopped';
  readonly eTag: string;
  readonly currentOrchestratorVersion: string;
  /** The index of the next machine of the scale set; never used twice. */
  readonly nextIndex: number;
}

/** Machines of a pool (any, where none is named) that take so many simulated seconds more; for ever, where it is Infinity. */
export interface Lateness {
  readonly pool: string | undefined;
  readonly seconds: number;
  /** Whether they do not even register meanwhile. */
  readonly unregistered: boolean;
  /** How many machines are still to be late. */
  readonly machines: number;
}

const TERMINAL: ReadonlySet<string> = new Set(['succeeded', 'failed', 'canceled']);

/** Whether AKS takes a change in this provisioning state. */
export function isTerminal(provisioningState: string): boolean {
  return TERMINAL.has(provisioningState.toLowerCase());
}
