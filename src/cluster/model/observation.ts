import type { AppliedReason } from '../../api/conditions.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import type { ArmFailure } from '../../azure/failures.ts';
import type { SupportedVersion } from '../../azure/kubernetes-versions.ts';
import type { MaintenanceReading } from '../../azure/maintenance-windows.ts';
import type { TokenLife } from '../../azure/token-life.ts';
import type { ClusterReading, OperationStatus } from '../../azure/managed-clusters.ts';
import type { ElementReading } from '../../certificates/element.ts';
import type { Intent } from './intent.ts';
import type { ClusterRecord } from './record.ts';
import type { RecordConflict } from './records.ts';
import type { Ways } from './way.ts';

/** Everything that one reconcile read about one cluster, as plain data without any decision. */
export interface Observation {
  readonly id: ClusterId;
  /** The cluster's record; undefined where there is none yet. */
  readonly record: ClusterRecord | undefined;
  /** Why the record cannot be used. The cluster is not read then. */
  readonly recordConflict?: RecordConflict;
  /** Every object that names the cluster, including deleted ones that still have their finalizer. */
  readonly intents: readonly Intent[];
  readonly arm: ArmObservation;
  /** The ways to read the nodes, and which of them judges the cluster. */
  readonly ways: Ways;
  /** The nodes as the judging ways show them. */
  readonly nodes: NodesObservation;
  /** The nodes as each namespace's own way shows them; it counts for the objects of that namespace only. */
  readonly own: ReadonlyMap<string, NodesObservation>;
  /** The nodes as every way shows them right before a change is sent; absent until a change is due. */
  readonly counted?: CountedNodes;
  /** The cluster CA, as ARM lists it. Read only where a rotation of it runs or may be due. */
  readonly clusterCA?: ClusterCA;
  /** True where this process saw the recorded rotation run, in this read or in one a moment before. */
  readonly ranLately?: boolean;
  /** Read while a rotation may begin. */
  readonly armBefore?: ArmBeforeRotation;
  /** What was noted before a rotation that is due, so that it can be verified afterwards; absent where none is due. */
  readonly noted?: 'NotYet' | NotedBefore;
  /** The cluster's own maintenance window. Read once after each write that ARM refused because of it. */
  readonly window?: MaintenanceWindow;
  /**
   * Maintenance configurations of the cluster, by name: those that windows of objects name, read while a change is pending, and those in
   * which AKS upgrades, read while a rotation may begin.
   */
  readonly maintenance?: ReadonlyMap<string, MaintenanceReading>;
  /** The time for which the client-side limit of calls allows no write to the cluster, in ms. Absent while it allows one. */
  readonly writeWaitMs?: number;
  /**
   * How long this process has seen the states in the record, in ms of a monotonic clock: the last attempt, the absence of its list,
   * and a running operation of any client. This time does not depend on the clocks of other processes.
   */
  readonly seenFor?: { readonly attemptMs?: number; readonly absenceMs?: number; readonly busyMs?: number };
}

/** The CA that signs the cluster's own certificates. */
export type ClusterCA =
  | {
      readonly ok: true;
      /** SHA-256 of the DER bytes, in lower-case hexadecimal digits. Two CAs of a cluster have the same name. */
      readonly fingerprint: string;
      /** When AKS made it, in ms: the start of its validity lies 10 minutes before. */
      readonly createdAt: number;
      /** When it expires, in ms. */
      readonly notAfter: number;
      /** When it was requested, in ms. */
      readonly readAt: number;
      /** The certificate that the API server showed right after that; absent where it was not asked for. */
      readonly apiServer?: ServerCertificate;
      /** For how long this process has read it without a gap, in ms; absent where that is not counted. */
      readonly sameForMs?: number;
    }
  | {
      readonly ok: false;
      readonly reason: AppliedReason;
      /** Why it could not be read, and the fix, in whole sentences. */
      readonly message: string;
      /** When to ask again, in ms. */
      readonly afterMs: number;
    };

/** The certificate of the API server, with its dates in ms. It counts only where the cluster CA signed it. */
export type ServerCertificate =
  | { readonly known: true; readonly notBefore: number; readonly notAfter: number }
  /** `why`: in whole sentences. */
  | { readonly known: false; readonly why: string };

/** What the API server answered to each credential of the cluster's kubeconfig before a rotation. */
export interface NotedBefore {
  readonly clientCertificate: CredentialAnswer;
  readonly token: CredentialAnswer;
}

/** What the API server answered to one credential. `None`: the kubeconfig has no such credential. */
export type CredentialAnswer =
  { readonly kind: 'Accepted' | 'Rejected' | 'None' } | { readonly kind: 'Unknown'; readonly why: string };

/**
 * What ARM says before a rotation is sent. A member is undefined where ARM does not say, or the right to ask is missing, and `Unread`
 * where it could not be read this time.
 */
export interface ArmBeforeRotation {
  /** Whether a role assignment of the controller allows it. Deny assignments and policies are not part of it. */
  readonly allowed: boolean | undefined;
  /** Names of the locks of the group that the nodes are in. */
  readonly locks: readonly string[] | 'Unread' | undefined;
  /** The Kubernetes versions that AKS supports in the region of the cluster. */
  readonly versions: readonly SupportedVersion[] | 'Unread' | undefined;
  /** How long the controller can ask ARM for the progress, also while it cannot sign in. */
  readonly token?: TokenLife | undefined;
}

export interface MaintenanceWindow {
  /** Its next opening, in ms. Undefined where there is none, it cannot be read, or the window is open. */
  readonly opensAt: number | undefined;
}

export type ArmObservation =
  | {
      readonly ok: true;
      readonly reading: ClusterReading;
      /** Set when the reading comes from a LIST. It suffices only to find that nothing has to be done. It has no text. */
      readonly listed?: true;
      /** The elements of the cluster's list, in order. */
      readonly list: readonly ElementReading[];
      /** Read only when a recorded operation may have failed. */
      readonly operation?: OperationStatus;
    }
  | {
      readonly ok: false;
      readonly failure: ArmFailure;
      /** Number of reads that failed in a row, including this one. */
      readonly failedInARow: number;
      /** Time of the last successful read, in ms. Absent when none succeeded since the process started. */
      readonly lastReadAt?: number;
      /** Read only when the cluster was not found and a deletion waits for it. */
      readonly groupIsReadable?: boolean;
    };

export type NodesObservation =
  /** There is no way to read the nodes. */
  | { readonly kind: 'NoAccess' }
  /** Not needed for this reconcile. */
  | { readonly kind: 'NotRead' }
  | {
      readonly kind: 'Unreadable';
      readonly message: string;
      /** Set where the API server said, over every way, that the right to list nodes is missing. */
      readonly forbidden?: true;
    }
  | {
      readonly kind: 'Read';
      readonly nodes: readonly NodeView[];
      /** The target's own clock at that moment, in ms; no more exact than a second. */
      readonly serverTime?: number;
      /** AKS events about nodes in the last hour. Absent when they were not read, or must not be read. */
      readonly events?: readonly UpgraderEvent[];
      /** Pods that may not be evicted, by namespace/name, with the budgets that forbid it. */
      readonly refusals?: ReadonlyMap<string, readonly string[]>;
      /** Set when pods or PodDisruptionBudgets must not be read, so that refusals are missing. */
      readonly refusalsForbidden?: true;
      /**
       * The PodDisruptionBudgets that allow no eviction, by namespace/name. `Forbidden` where the API server said that the right to list
       * them is missing; absent when they were not read, or could not be read this time.
       */
      readonly tightBudgets?: readonly string[] | 'Forbidden';
      /** Messages about requests of kubelets for certificates that were refused, or are without an answer for too long. As the above. */
      readonly troubledRequests?: Found | 'Forbidden';
      /** PersistentVolumes on disks of nodes (`hostPath`, `local`) that are or were in use. As the above. */
      readonly localVolumes?: Found | 'Forbidden';
      /** StatefulSets without claims whose pods have emptyDir volumes, by namespace/name. As the above. */
      readonly localSets?: Found | 'Forbidden';
    };

/** How many there are, and the first of them, safe to show. */
export interface Found {
  readonly count: number;
  readonly first: readonly string[];
}

/** A Node object of the target cluster, as far as a reconcile needs it. */
export interface NodeView {
  readonly name: string;
  readonly uid: string;
  /** ms; of the target's own API server. */
  readonly createdAt: number;
  /** Node pool by its label; empty where there is none. */
  readonly pool: string;
  /** Its Karpenter NodePool, by its label `karpenter.sh/nodepool`. Absent when there is none. */
  readonly nodePool?: string;
  readonly ready: boolean;
  /** Resource group of its machine. Absent when no label has it. */
  readonly resourceGroup?: string;
  /** Its operating system as AKS names it, such as `AzureLinux`. Absent when no label has it. */
  readonly osSku?: string;
  /** False while it is cordoned. */
  readonly schedulable: boolean;
  /** True for a node that AKS gave up draining and left cordoned. */
  readonly quarantined: boolean;
  /** `Pool` nodes belong to an agent pool; the others are outside of one. */
  readonly kind: 'Pool' | 'AutoProvisioned' | 'Virtual';
}

/** An event of the AKS upgrader about a node, from the parts of its messages that stay the same across AKS versions. */
export interface UpgraderEvent {
  readonly node: string;
  readonly step: UpgraderStep;
  /** First and last time of the event, in ms of the target's clock. */
  readonly since: number;
  readonly at: number;
  /** The pod, surge node or pool that the event is about. Empty when there is none. */
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

/** The objects of one cluster, by whether they count for it. */
export interface Admitted {
  /** Objects that the policy allows, and objects with a frozen share of the list in the record. */
  readonly intents: readonly Intent[];
  /** Objects that the policy does not allow and that were never in the record. They do not count for the cluster. */
  readonly outsiders: readonly Intent[];
}

/** The nodes as every way shows them now. */
export interface CountedNodes {
  /** By the judging ways. */
  readonly nodes: NodesObservation;
  /** By each namespace's own way. */
  readonly own: ReadonlyMap<string, NodesObservation>;
  /** How long the reads took, in ms. Absent when it was not measured. */
  readonly tookMs?: number;
}

/** {@link Known} without the outsiders. */
export type Counted = Pick<Observation, 'id' | 'record' | 'recordConflict' | 'intents' | 'ways'>;

/** The cached data of a cluster. */
export type Known = Counted & Pick<Admitted, 'outsiders'>;
