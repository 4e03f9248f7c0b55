// Generated from crds/targetclusters.yaml by `make generate`. Do not edit.
import type {ObjectMeta} from '../object-meta.ts';

/**
 * The controller's record of one AKS cluster: its journal and its lock. Made, kept and deleted by the controller; read by people. Nothing is sent to ARM that was not first written here.
 */
export interface TargetCluster {
  apiVersion: 'aks-ca-trust.dev/v1alpha1';
  kind: 'TargetCluster';
  metadata: ObjectMeta;
  spec: TargetClusterSpec;
  status?: TargetClusterStatus;
}
/**
 * Which cluster the record is of.
 */
export interface TargetClusterSpec {
  /**
   * ARM resource id of the cluster, compared without case.
   */
  resourceId: string;
}
/**
 * The journal: what was read, what is being done, and what has to be remembered.
 */
export interface TargetClusterStatus {
  /**
   * Name of the AKS cluster.
   */
  clusterName?: string;
  /**
   * What the controller does with this cluster now.
   */
  state?: 'Idle' | 'Settling' | 'Updating' | 'Held' | 'Unreachable';
  /**
   * ARM's properties.resourceUID; another one means that the cluster was re-created.
   */
  resourceUID?: string;
  /**
   * Slots of the cluster's list.
   */
  certificateSlots?: {
    /**
     * Slots that the cluster has.
     */
    limit: number;
    /**
     * Slots in use.
     */
    used: number;
    /**
     * Slots left.
     */
    free: number;
    /**
     * For printer columns, as in 7/12.
     */
    summary: string;
  };
  /**
   * The cluster's list as last read, in order.
   */
  slots?: {
    /**
     * True for an element that is not one readable certificate.
     */
    opaque?: boolean;
    /**
     * SHA-256 of an opaque element's text.
     */
    digest?: string;
    /**
     * Why an element is opaque. A certificate that only some programs on a node find does not count as in the list.
     */
    reason?: string;
    /**
     * SHA-256 of the DER bytes.
     */
    fingerprintSHA256?: string;
    /**
     * Subject name.
     */
    subject?: string;
    /**
     * End of its validity.
     */
    notAfter?: string;
    /**
     * True for a certificate that came from an object or was named by one.
     */
    managed?: boolean;
    /**
     * True for a certificate that was in the list before any object named it.
     */
    adopted?: boolean;
    /**
     * True for a certificate that another client added after this record was made.
     */
    foreign?: boolean;
    /**
     * True once every node had the certificate, for as long as it stays in the list.
     */
    onNodes?: boolean;
    /**
     * namespace/name/entry of the objects that name it; at most 16 of them.
     */
    namedBy?: string[];
    /**
     * The certificates of an element that holds several.
     */
    contains?: {
      /**
       * SHA-256 of the DER bytes.
       */
      fingerprintSHA256: string;
      /**
       * True for a certificate that came from an object or was named by one.
       */
      managed: boolean;
      /**
       * True for a certificate that was in the list before any object named it.
       */
      adopted?: boolean;
      /**
       * True for a certificate that another client added after this record was made.
       */
      foreign?: boolean;
      /**
       * True once every node had the certificate, for as long as it stays in the list.
       */
      onNodes?: boolean;
      /**
       * namespace/name/entry of the objects that name it.
       */
      namedBy?: string[];
    }[];
  }[];
  /**
   * The CustomCATrust objects that this record was made from. A controller whose cache has an older one of them waits instead of acting on it.
   */
  objects?: {
    /**
     * namespace/name.
     */
    name: string;
    /**
     * UID of the object.
     */
    uid: string;
    /**
     * Its generation then.
     */
    generation: number;
    /**
     * True where a certificate of the object has too many names in this record for the object's own. The object has a share of the list all the same.
     */
    nameCut?: boolean;
  }[];
  /**
   * Number of objects that the record was made from and that objects has no room for. The oldest are noted. Absent while all of them are.
   */
  objectsNotNoted?: number;
  /**
   * Managed certificates that another client removed from the list.
   */
  missing?: {
    /**
     * SHA-256 of the DER bytes.
     */
    fingerprintSHA256: string;
    /**
     * namespace/name/entry of the objects that name it.
     */
    namedBy?: string[];
  }[];
  /**
   * Since when, across changing reasons, something holds the cluster back that a person should see. Its objects become Stalled when this is as long ago as --stalled-after says.
   */
  heldBackSince?: string;
  /**
   * A change that was decided and not sent.
   */
  pending?: {
    /**
     * Since when the change is wanted.
     */
    since: string;
    /**
     * When what is wanted last changed.
     */
    changedAt: string;
    /**
     * Digest of the list that is wanted.
     */
    digest: string;
    /**
     * Certificates that are added.
     */
    adds?: string[];
    /**
     * Certificates that are removed.
     */
    removes?: string[];
    /**
     * Reason why it is not sent yet.
     */
    waitsFor: string;
    /**
     * When that ends at the latest, where it is known.
     */
    until?: string;
  };
  /**
   * Present from before the PUT until it is seen through.
   */
  operation?: {
    /**
     * Name of the operation, made by the controller.
     */
    id: string;
    /**
     * Kind of the operation.
     */
    kind: 'UpdateTrust';
    /**
     * The change of the list, of an operation of kind UpdateTrust.
     */
    updateTrust?: {
      /**
       * What the list shall be.
       */
      listDigest: string;
      /**
       * Certificates that are added.
       */
      adds?: {
        /**
         * SHA-256 of the DER bytes.
         */
        fingerprintSHA256: string;
        /**
         * namespace/name/entry of the objects that name it.
         */
        namedBy?: string[];
      }[];
      /**
       * Certificates that are removed.
       */
      removes?: {
        /**
         * SHA-256 of the DER bytes.
         */
        fingerprintSHA256: string;
        /**
         * namespace/name/entry of the objects that name it.
         */
        namedBy?: string[];
      }[];
      /**
       * True when it reverts a change of another client.
       */
      correction?: boolean;
    };
    /**
     * The part of this operation in the limit on clusters that change at the same time (--max-changing-clusters).
     */
    slot?: {
      /**
       * The operation counts until then, and longer when another node is replaced.
       */
      until: string;
      /**
       * The lowest number of nodes that were left to replace at any count.
       */
      left?: number;
      /**
       * True where nodes are not seen and node pools are counted.
       */
      coarse?: boolean;
    };
    /**
     * When it was first recorded.
     */
    startedAt: string;
    /**
     * Greatest creationTimestamp of any node just before the first attempt. Absent without node access.
     */
    baseline?: string;
    /**
     * Whose access showed the nodes for that baseline, as in status.countedBy.
     */
    countedBy?: string;
    /**
     * Baselines by other ways to the nodes, taken at the same moment. Each counts for its own way only.
     */
    otherBaselines?: {
      /**
       * Whose access showed the nodes.
       */
      countedBy: string;
      /**
       * Greatest creationTimestamp of any node just before the first attempt.
       */
      baseline: string;
      /**
       * When that was read, by the target's own clock.
       */
      countedAt?: string;
      /**
       * The nodes of each pool then.
       */
      countedNodes?: {
        /**
         * Name of the node pool.
         */
        pool: string;
        /**
         * Their names in one text: the common part, and the runs of numbers that follow it.
         */
        names: string;
      }[];
    }[];
    /**
     * When that was read, by the target's own clock.
     */
    countedAt?: string;
    /**
     * The nodes of each pool then; a node of another name is another machine.
     */
    countedNodes?: {
      /**
       * Name of the node pool.
       */
      pool: string;
      /**
       * Their names in one text. What they have in common, and the runs of numbers that follow it.
       */
      names: string;
    }[];
    /**
     * How often it was sent.
     */
    attempts: number;
    /**
     * When it was last recorded to be sent.
     */
    lastAttemptAt: string;
    /**
     * Sent: recorded, and not seen in ARM yet. Rolling: seen in ARM. Failed, Canceled: seen to end so; it stays in this phase until ARM shows that it runs again.
     */
    phase: 'Sent' | 'Rolling' | 'Failed' | 'Canceled';
    /**
     * Only in phase Rolling.
     */
    rolling?: {
      /**
       * Since when ARM says Succeeded although nodes are older than the change.
       */
      succeededSince?: string;
      /**
       * How the attempt before this one ended.
       */
      resumedAfter?: {
        /**
         * Error code.
         */
        code: string;
        /**
         * A message for people.
         */
        message: string;
        /**
         * When that was.
         */
        at: string;
      };
    };
    /**
     * Only in phase Failed. How the attempt ended.
     */
    failed?: {
      /**
       * Error code.
       */
      code: string;
      /**
       * A message for people.
       */
      message: string;
      /**
       * When that was.
       */
      at: string;
      /**
       * True when ARM's own status of the attempt says so.
       */
      confirmed?: boolean;
    };
    /**
     * Only in phase Canceled. How the attempt ended.
     */
    canceled?: {
      /**
       * Error code.
       */
      code: string;
      /**
       * A message for people.
       */
      message: string;
      /**
       * When that was.
       */
      at: string;
      /**
       * True when ARM's own status of the attempt says so.
       */
      confirmed?: boolean;
      /**
       * The states of the objects then. Another state releases it. Absent once ARM has accepted the write that resumes it.
       */
      heldFor?: string[];
    };
    /**
     * A read that showed another list over an idle cluster. A second one that agrees shows that the write never arrived.
     */
    notFound?: {
      /**
       * The first such read.
       */
      since: string;
      /**
       * Digest of that other list.
       */
      digest: string;
    };
    /**
     * The unfinished operation in whose place this one was sent. It is restored when this one never arrives, and dropped once this one was seen in ARM.
     */
    supersedes?: {
      /**
       * Name of the operation, made by the controller.
       */
      id: string;
      /**
       * Kind of the operation.
       */
      kind: 'UpdateTrust';
      /**
       * The list of an operation of kind UpdateTrust.
       */
      updateTrust?: {
        /**
         * What the list shall be.
         */
        listDigest: string;
      };
      /**
       * When it was first recorded.
       */
      startedAt: string;
      /**
       * Greatest creationTimestamp of any node just before the first attempt.
       */
      baseline?: string;
      /**
       * Whose access showed the nodes.
       */
      countedBy?: string;
      /**
       * Baselines by other ways to the nodes.
       */
      otherBaselines?: {
        /**
         * Whose access showed the nodes.
         */
        countedBy: string;
        /**
         * Greatest creationTimestamp of any node just before the first attempt.
         */
        baseline: string;
        /**
         * When that was read, by the target's own clock.
         */
        countedAt?: string;
        /**
         * The nodes of each pool then.
         */
        countedNodes?: {
          /**
           * Name of the node pool.
           */
          pool: string;
          /**
           * Their names in one text: the common part, and the runs of numbers that follow it.
           */
          names: string;
        }[];
      }[];
      /**
       * When that was read, by the target's own clock.
       */
      countedAt?: string;
      /**
       * The nodes of each pool then.
       */
      countedNodes?: {
        /**
         * Name of the node pool.
         */
        pool: string;
        /**
         * Their names in one text: the common part, and the runs of numbers that follow it.
         */
        names: string;
      }[];
      /**
       * How often it was sent.
       */
      attempts: number;
      /**
       * When it was last recorded to be sent.
       */
      lastAttemptAt: string;
      /**
       * Sent: recorded, and not seen in ARM yet. Rolling: seen in ARM. Failed, Canceled: seen to end so; it stays in this phase until ARM shows that it runs again.
       */
      phase: 'Sent' | 'Rolling' | 'Failed' | 'Canceled';
      /**
       * Only in phase Rolling.
       */
      rolling?: {
        /**
         * Since when ARM says Succeeded although nodes are older than the change.
         */
        succeededSince?: string;
        /**
         * How the attempt before this one ended.
         */
        resumedAfter?: {
          /**
           * Error code.
           */
          code: string;
          /**
           * A message for people.
           */
          message: string;
          /**
           * When that was.
           */
          at: string;
        };
      };
      /**
       * Only in phase Failed. How the attempt ended.
       */
      failed?: {
        /**
         * Error code.
         */
        code: string;
        /**
         * A message for people.
         */
        message: string;
        /**
         * When that was.
         */
        at: string;
        /**
         * True when ARM's own status of the attempt says so.
         */
        confirmed?: boolean;
      };
      /**
       * Only in phase Canceled. How the attempt ended.
       */
      canceled?: {
        /**
         * Error code.
         */
        code: string;
        /**
         * A message for people.
         */
        message: string;
        /**
         * When that was.
         */
        at: string;
        /**
         * True when ARM's own status of the attempt says so.
         */
        confirmed?: boolean;
        /**
         * The states of the objects then. Another state releases it. Absent once ARM has accepted the write that resumes it.
         */
        heldFor?: string[];
      };
    };
  };
  /**
   * Additions of discarded operations; they may still land.
   */
  discarded?: {
    /**
     * SHA-256 of the DER bytes.
     */
    fingerprintSHA256: string;
    /**
     * namespace/name/entry of the objects that name it.
     */
    namedBy?: string[];
  }[];
  /**
   * The writes that were sent since one was last seen in ARM, and their outcomes: refused, lost, or accepted and not there. Kept until a later write is seen, so that neither a restart nor a discarded operation forgets them.
   */
  unseenWrites?: {
    /**
     * How many they are. Each one doubles the wait before the next, from a minute to an hour.
     */
    count: number;
    /**
     * The operation and the attempt of the last one.
     */
    attempt: string;
    /**
     * When the last one was recorded, right before it was sent.
     */
    at: string;
    /**
     * How many of the last ones in a row had no answer that says whether ARM accepted them.
     */
    lost?: number;
    /**
     * How many new lists among them ARM accepted. After three the list counts as not kept.
     */
    accepted?: number;
    /**
     * The error in place of an answer to the last one that was lost.
     */
    error?: {
      /**
       * The code of the answer, or a name for its absence.
       */
      code: string;
      /**
       * Its message.
       */
      message: string;
    };
    /**
     * No write is sent before, after one that was lost or accepted. Absent after a refused one.
     */
    until?: string;
    /**
     * The states of the objects at the last one; another one ends the wait and begins a new count.
     */
    heldFor: string[];
  };
  /**
   * The last write that ARM refused, or that was not sent because the reads before it took too long. Kept until a later write is seen in ARM.
   */
  refusal?: {
    /**
     * True when the write was never sent; the reason is the controller's own.
     */
    unsent?: boolean;
    /**
     * Reason as conditions have it.
     */
    reason: string;
    /**
     * Error code.
     */
    code: string;
    /**
     * A message for people.
     */
    message: string;
    /**
     * When that was.
     */
    at: string;
    /**
     * When that ends at the latest, where it is known.
     */
    until?: string;
    /**
     * True when that is the opening of a maintenance window. The count begins anew with it. False when the window was read and no opening is known.
     */
    atOpening?: boolean;
    /**
     * How often in a row.
     */
    count: number;
    /**
     * True when waiting alone does not resolve it.
     */
    stalled: boolean;
    /**
     * States of the objects then; another state releases it.
     */
    heldFor?: string[];
  };
  /**
   * Objects whose certificates ARM refused as such.
   */
  rejections?: {
    /**
     * namespace/name of the object.
     */
    object: string;
    /**
     * States of the objects then; another state releases it.
     */
    heldFor: string;
    /**
     * Present where certificates of other objects were in the same write, so that ARM may have refused it for those. The certificates of this object, or of its namespace, are sent once without the others.
     */
    suspected?: 'Namespace' | 'Object';
    /**
     * Certificates that were sent.
     */
    fingerprints?: string[];
    /**
     * A message for people.
     */
    message: string;
    /**
     * When that was.
     */
    at: string;
  }[];
  /**
   * Drift corrections that ARM accepted in the last 24 hours.
   */
  corrections?: {
    /**
     * When that was.
     */
    at: string;
    /**
     * The reconcile requests at that time; a new one starts the count anew.
     */
    requests: string;
  }[];
  /**
   * Corrections of the last 24 hours.
   */
  correctionCount?: number;
  /**
   * Reads that found the resource group readable and the cluster absent.
   */
  absence?: {
    /**
     * First of these reads.
     */
    since: string;
  };
  /**
   * The last operation that was seen through, and how it is known that every node has its list.
   */
  lastApplied?: {
    /**
     * When that was.
     */
    at: string;
    /**
     * NodesSeen where every node was seen to be replaced. ReportedByARM where only ARM reported success.
     */
    proof: 'NodesSeen' | 'ReportedByARM';
    /**
     * Whose access showed the nodes, as in status.countedBy.
     */
    countedBy?: string;
    /**
     * Number of nodes that were seen.
     */
    nodes?: number;
  };
  /**
   * Whether ARM reported Succeeded at the first read of the cluster, or only later. Absent until it does while no operation of the controller runs.
   */
  firstSucceeded?: 'AtFirstRead' | 'Later';
  /**
   * Progress of the last change over the nodes.
   */
  nodes?: {
    /**
     * Nodes that get custom CAs.
     */
    total: number;
    /**
     * Of them, replaced since the change.
     */
    reimaged: number;
    /**
     * Being drained or reimaged now.
     */
    reimaging?: number;
    /**
     * Not begun yet.
     */
    waiting?: number;
    /**
     * Nodes outside the feature.
     */
    excluded: number;
    /**
     * For printer columns, as in 7/12.
     */
    summary: string;
  };
  /**
   * The same by node pool.
   */
  nodePools?: {
    /**
     * Name of the node pool.
     */
    name: string;
    /**
     * Linux or Windows.
     */
    osType: string;
    /**
     * Its nodes.
     */
    nodes: number;
    /**
     * Of them, replaced since the change.
     */
    reimaged?: number;
    /**
     * Of them, being drained or reimaged now.
     */
    reimaging?: number;
    /**
     * Of them, not begun yet.
     */
    waiting?: number;
    /**
     * How far the pool is; Excluded pools do not get custom CAs.
     */
    phase: 'Waiting' | 'Reimaging' | 'Done' | 'Failed' | 'Excluded';
    /**
     * What keeps its nodes from being replaced.
     */
    blockedBy?: string;
    /**
     * The kind of blocker.
     */
    blockedReason?: 'EvictionRefused' | 'DrainFailed' | 'Quarantined' | 'NodeNotReady' | 'NoProgress' | 'GivenUp';
    /**
     * Since when it is blocked.
     */
    blockedSince?: string;
    /**
     * A message for people.
     */
    message?: string;
  }[];
  /**
   * Who counted nodes, nodePools and outside: Operator (the controller's own access), ARM (no node was seen), or Namespace/{name} (the kubeconfig Secrets of that namespace, while no other namespace names the cluster).
   */
  countedBy?: string;
  /**
   * The last change as the kubeconfig Secrets of a namespace show it. Each counts for the objects of its own namespace only.
   */
  namespaceCounts?: {
    /**
     * The namespace whose Secrets show the nodes.
     */
    namespace: string;
    /**
     * True once every node was seen to be replaced.
     */
    done: boolean;
    /**
     * While an operation runs, how far the count of the change before it was.
     */
    earlier?: 'None' | 'Unfinished' | 'Done';
    /**
     * Kept while the count goes on after the operation has ended by what ARM says.
     */
    baseline?: string;
    /**
     * When that was read, by the target's own clock.
     */
    countedAt?: string;
    /**
     * The nodes of each pool then.
     */
    countedNodes?: {
      /**
       * Name of the node pool.
       */
      pool: string;
      /**
       * Their names in one text: the common part, and the runs of numbers that follow it.
       */
      names: string;
    }[];
    /**
     * Progress of the last change over the nodes.
     */
    nodes?: {
      /**
       * Nodes that get custom CAs.
       */
      total: number;
      /**
       * Of them, replaced since the change.
       */
      reimaged: number;
      /**
       * Of them, being drained or reimaged now.
       */
      reimaging?: number;
      /**
       * Of them, not begun yet.
       */
      waiting?: number;
      /**
       * Nodes outside the feature.
       */
      excluded: number;
      /**
       * For printer columns, as in 7/12.
       */
      summary: string;
    };
    /**
     * The same by node pool.
     */
    nodePools?: {
      /**
       * Name of the node pool.
       */
      name: string;
      /**
       * Linux or Windows.
       */
      osType: string;
      /**
       * Its nodes.
       */
      nodes: number;
      /**
       * Of them, replaced since the change.
       */
      reimaged?: number;
      /**
       * Of them, being drained or reimaged now.
       */
      reimaging?: number;
      /**
       * Of them, not begun yet.
       */
      waiting?: number;
      /**
       * How far the pool is; Excluded pools do not get custom CAs.
       */
      phase: 'Waiting' | 'Reimaging' | 'Done' | 'Failed' | 'Excluded';
      /**
       * What keeps its nodes from being replaced.
       */
      blockedBy?: string;
      /**
       * The kind of blocker.
       */
      blockedReason?: 'EvictionRefused' | 'DrainFailed' | 'Quarantined' | 'NodeNotReady' | 'NoProgress' | 'GivenUp';
      /**
       * Since when it is blocked.
       */
      blockedSince?: string;
      /**
       * A message for people.
       */
      message?: string;
    }[];
  }[];
  /**
   * When the replacement ends at the pace so far: at the earliest if pools are rolled side by side, likely if one after the other. Absent until the first node was replaced.
   */
  estimate?: {
    /**
     * Nodes that have yet to be replaced.
     */
    nodesLeft: number;
    /**
     * End if pools are replaced side by side.
     */
    earliest: string;
    /**
     * End if pools are replaced one after the other.
     */
    likely: string;
  };
  /**
   * Nodes that are in no node pool of ARM, as last seen.
   */
  outside?: {
    /**
     * Virtual nodes.
     */
    virtualNodes: number;
    /**
     * Nodes that node auto-provisioning made.
     */
    autoProvisionedNodes: number;
    /**
     * Of them, older than the last change.
     */
    autoProvisionedLeft: number;
    /**
     * The baseline of that change.
     */
    since?: string;
    /**
     * Nodes of no node pool that ARM lists.
     */
    otherNodes: number;
  };
  /**
   * Reachable, Idle, NodesReimaged and others.
   */
  conditions?: {
    /**
     * Name of the condition.
     */
    type: string;
    /**
     * Whether it is met.
     */
    status: 'True' | 'False' | 'Unknown';
    /**
     * Reason as conditions have it.
     */
    reason: string;
    /**
     * A message for people.
     */
    message: string;
    /**
     * When the status last changed.
     */
    lastTransitionTime: string;
    /**
     * The generation that was judged.
     */
    observedGeneration?: number;
  }[];
}
