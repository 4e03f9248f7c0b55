import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import type { ArmFailure } from '../../azure/failures.ts';
import type { ClusterReading, OperationStatus } from '../../azure/managed-clusters.ts';
import type { ElementReading } from '../../certificates/element.ts';
import type { Intent } from './intent.ts';
import type { Ways } from './way.ts';

/** Everything one pass has read about one cluster; plain data, not judged yet. */
export interface Observation {
  readonly id: ClusterId;
  /** The cluster's record; undefined where there is none yet. */
  readonly record: TargetCluster | undefined;
  /** True where the name of its record is taken by another cluster's: nothing is read of it then. */
  readonly recordTaken?: true;
  /** Every object that names the cluster, the deleted ones that still have their finaliser included. */
  readonly intents: readonly Intent[];
  readonly arm: ArmObservation;
  /** How the nodes may be seen, and which way judges the cluster. */
  readonly ways: Ways;
  /** The nodes as the judging ways show them. */
  readonly nodes: NodesObservation;
  /** The nodes as each namespace's own way shows them; it counts for the objects of that namespace only. */
  readonly own: ReadonlyMap<string, NodesObservation>;
  /** The nodes as every way shows them right before a change is sent; absent until a change is due. */
  readonly counted?: CountedNodes;
  /**
   * For how long this process has seen what the record notes, in ms of a clock that is never set: the last attempt, since when
   * its list is absent, and an operation of any client that runs. This time does not depend on the clocks of other processes.
   */
  readonly seenFor?: { readonly attemptMs?: number; readonly absenceMs?: number; readonly busyMs?: number };
}

export type ArmObservation =
  | {
      readonly ok: true;
      readonly reading: ClusterReading;
      /** Out of a LIST: good enough to find that nothing is to be done, and for nothing else. It has no text. */
      readonly listed?: true;
      /** What each element of the cluster's list holds, in order. */
      readonly list: readonly ElementReading[];
      /** Asked only when a recorded operation may have ended badly. */
      readonly operation?: OperationStatus;
    }
  | {
      readonly ok: false;
      readonly failure: ArmFailure;
      /** How many looks in a row failed, this one included. */
      readonly failedInARow: number;
      /** When a look last succeeded, in ms; unknown since the start of the process otherwise. */
      readonly lastReadAt?: number;
      /** Asked only when the cluster was not found and a deletion waits for it. */
      readonly groupIsReadable?: boolean;
    };

export type NodesObservation =
  /** No object says how the nodes are seen. */
  | { readonly kind: 'NoAccess' }
  /** Not needed for this pass. */
  | { readonly kind: 'NotRead' }
  | { readonly kind: 'Unreadable'; readonly message: string }
  | {
      readonly kind: 'Read';
      readonly nodes: readonly NodeView[];
      /** The target's own clock at that moment, in ms; no more exact than a second. */
      readonly serverTime?: number;
      /** What AKS said about nodes in the last hour; absent where it was not asked for, or may not be read. */
      readonly events?: readonly UpgraderEvent[];
      /** Pods that may not be evicted, by namespace/name, and the budgets that do not allow it. */
      readonly refusals?: ReadonlyMap<string, readonly string[]>;
      /** Present where pods or PodDisruptionBudgets may not be read, so that refusals are missing. */
      readonly refusalsForbidden?: true;
    };

/** A Node object of the target cluster, as far as a pass needs it. */
export interface NodeView {
  readonly name: string;
  readonly uid: string;
  /** ms; of the target's own API server. */
  readonly createdAt: number;
  /** Node pool by its label; empty where there is none. */
  readonly pool: string;
  /** The NodePool of Karpenter that it is of, by its label `karpenter.sh/nodepool`; absent where there is none. */
  readonly nodePool?: string;
  readonly ready: boolean;
  /** The group that its machine is in; absent where its labels do not say. */
  readonly resourceGroup?: string;
  /** Its operating system as AKS names it, `AzureLinux`; absent where its labels do not say. */
  readonly osSku?: string;
  /** False while it is cordoned. */
  readonly schedulable: boolean;
  /** True for a node that AKS gave up draining, and left cordoned. */
  readonly quarantined: boolean;
  /** `Pool` nodes belong to an agent pool; the others are outside of one. */
  readonly kind: 'Pool' | 'AutoProvisioned' | 'Virtual';
}

/** What AKS' upgrader says about a node, by the parts of its messages that AKS keeps. */
export interface UpgraderEvent {
  readonly node: string;
  readonly step: UpgraderStep;
  /** First and last time it was said, in ms; of the target's clock. */
  readonly since: number;
  readonly at: number;
  /** The pod, the surge node or the pool that it is about; empty where there is none. */
  readonly about: string;
}

export type UpgraderStep =
  | 'Started'
  | 'SurgeCreated'
  | 'SurgeRemoved'
  | 'Cordoned'
  | 'Draining'
  | 'EvictionRefused'
  | 'DrainFailed'
  | 'Soaking'
  | 'Deleted'
  | 'Reimaging'
  | 'Upgraded'
  | 'Failed';

/** The objects of one cluster, by whether they have a say in it. */
export interface Admitted {
  /** Objects that the policy allows, and those whose share of the list is in the record: it is frozen. */
  readonly intents: readonly Intent[];
  /** Objects that the policy does not allow and that never were in the record: for the cluster they do not exist. */
  readonly outsiders: readonly Intent[];
}

/** The nodes as every way shows them now. */
export interface CountedNodes {
  /** By the judging ways. */
  readonly nodes: NodesObservation;
  /** By each namespace's own way. */
  readonly own: ReadonlyMap<string, NodesObservation>;
  /** How long that took, in ms; unknown where it was not measured. */
  readonly tookMs?: number;
}

/** Known, without the objects that count for nothing. */
export type Counted = Pick<Observation, 'id' | 'record' | 'recordTaken' | 'intents' | 'ways'>;

/** What the caches have of a cluster. */
export type Known = Counted & Pick<Admitted, 'outsiders'>;
