import type { ClusterId } from '../arm/resource-id.ts';

/** A long-running operation, as its status monitor tells of it. */
export interface Operation {
  readonly id: string;
  /** The cluster that it is of. */
  readonly cluster: ClusterId;
  readonly subscriptionId: string;
  readonly location: string;
  /** Simulated time, ISO 8601. */
  readonly startTime: string;
  /** Real milliseconds since 1970: what Node objects' creation times are compared with. */
  readonly startedAt: number;
  /** The cluster's or pool's provisioning state while it lasts; for a pool's operation preceded by its name. */
  readonly doing: string;
  /** It shows in pools only; the cluster stays as it is. */
  readonly poolsOnly: boolean;
  /** Aborted when the cluster is deleted meanwhile: the operation ends where it is. */
  readonly preemption: AbortController;
  status: 'InProgress' | 'Canceling' | 'Succeeded' | 'Failed' | 'Canceled';
  endTime?: string;
  error?: { readonly code: string; readonly message: string };
  /** Its `Location` answers the cluster in the end, where it did not end well (Azure/AKS#2184: "status: 200. Details: Resource state Failed"). */
  readonly answersCluster: boolean;
  /** A fault: the state that the status monitor reports in any case. */
  pretended?: 'InProgress' | 'Succeeded';
  /** How many nodes it has replaced. */
  replaced: number;
  /** Resolves when it has ended. */
  done: Promise<void>;
}
