// Generated from crds/targetclusters.yaml by `make generate`. Do not edit.
import type {ObjectMeta} from '../object-meta.ts';

/**
 * The controller's record of one AKS cluster: its journal and its lock. Only the controller creates, changes and deletes it; people read it. Every write to ARM is recorded here first.
 */
export interface TargetCluster {
  apiVersion: 'aks-ca-trust.dev/v1alpha1';
  kind: 'TargetCluster';
  metadata: ObjectMeta;
  spec: TargetClusterSpec;
  status?: TargetClusterStatus;
}
/**
 * The cluster of this record.
 */
export interface TargetClusterSpec {
  /**
   * ARM resource id of the cluster, compared without case.
   */
  resourceId: string;
}
/**
 * The journal: the last read state, the running work, and the memory of the controller.
 */
export interface TargetClusterStatus {
  /**
   * Name of the AKS cluster.
   */
  clusterName?: string;
  /**
   * Present activity of the controller for this cluster.
   */
  state?: 'Idle' | 'Settling' | 'Updating' | 'Held' | 'Unreachable';
  /**
   * ARM's properties.resourceUID; another value means that the cluster was created again.
   */
  resourceUID?: string;
  /**
   * Slots of the cluster's list.
   */
  certificateSlots?: {
    /**
     * Slots of the cluster.
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
     * For printer columns, such as 7/12.
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
   * The objects from which this record was made. A controller whose cache has an older version of one of them waits instead of acting.
   */
  objects?: {
    /**
     * Its kind; CustomCATrust where absent.
     */
    kind?: string;
    /**
     * namespace/name.
     */
    name: string;
    /**
     * UID of the object.
     */
    uid: string;
    /**
     * Its generation at that time.
     */
    generation: number;
    /**
     * True where the record has no room for the object's name at one of its certificates. The object still has a share of the list.
     */
    nameCut?: boolean;
  }[];
  /**
   * Number of further objects from which the record was made; objects has the oldest ones only. Absent while it has all.
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
   * Time since which a cause that needs a person holds the cluster back, across changing reasons. Its objects become Stalled after --stalled-after.
   */
  heldBackSince?: string;
  /**
   * A change that was decided but not sent.
   */
  pending?: {
    /**
     * Time since which the change is wanted.
     */
    since: string;
    /**
     * When the wanted list last changed.
     */
    changedAt: string;
    /**
     * Digest of the wanted list.
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
     * Reason for which it is not sent yet.
     */
    waitsFor: string;
    /**
     * Latest end of the wait, where it is known.
     */
    until?: string;
  };
  /**
   * The operation, from before its first PUT until it is complete.
   */
  operation?: {
    /**
     * Name of the operation, made by the controller.
     */
    id: string;
    /**
     * Kind of the operation.
     */
    kind: 'UpdateTrust' | 'RotateCertificates';
    /**
     * The change of the list, of an operation of kind UpdateTrust.
     */
    updateTrust?: {
      /**
       * Digest of the list that is sent.
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
     * The rotation of the cluster's own certificates, of an operation of kind RotateCertificates.
     */
    rotateCertificates?: {
      /**
       * SHA-256 of the cluster CA that the rotation replaces.
       */
      oldCA: string;
      /**
       * Why it was started.
       */
      reason: 'Requested' | 'Every' | 'BeforeExpiry';
      /**
       * Of one for a policy with beforeExpiry: when the first of the certificates that it replaces expires.
       */
      notAfter?: string;
      /**
       * The objects whose request it was.
       */
      requestedBy?: string[];
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
       * Smallest number of remaining nodes of any count so far.
       */
      left?: number;
      /**
       * True where nodes cannot be read and node pools are counted.
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
     * The access that showed the nodes for that baseline, as in status.countedBy.
     */
    countedBy?: string;
    /**
     * Baselines over other ways to the nodes, read at the same time. Each counts for its own way only.
     */
    otherBaselines?: {
      /**
       * The access that showed the nodes.
       */
      countedBy: string;
      /**
       * Greatest creationTimestamp of any node just before the first attempt.
       */
      baseline: string;
      /**
       * When the baseline was read, by the target's own clock.
       */
      countedAt?: string;
      /**
       * The nodes of each pool at that time.
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
     * When the baseline was read, by the target's own clock.
     */
    countedAt?: string;
    /**
     * The nodes of each pool at that time; a node of another name is another machine.
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
     * Number of attempts.
     */
    attempts: number;
    /**
     * When the last attempt was recorded.
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
       * Time since which ARM reports Succeeded although nodes are older than the change.
       */
      succeededSince?: string;
      /**
       * The end of the previous attempt.
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
         * Time of it.
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
       * Time of it.
       */
      at: string;
      /**
       * True when ARM's status of the attempt itself confirms it, or the attempt ran until a moment before.
       */
      confirmed?: boolean;
      /**
       * Of a rotation that is not tried again by itself, the states of the objects then. Another state releases it.
       */
      heldFor?: string[];
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
       * Time of it.
       */
      at: string;
      /**
       * True when ARM's status of the attempt itself confirms it, or the attempt ran until a moment before.
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
      kind: 'UpdateTrust' | 'RotateCertificates';
      /**
       * The list of an operation of kind UpdateTrust.
       */
      updateTrust?: {
        /**
         * Digest of the list that is sent.
         */
        listDigest: string;
      };
      /**
       * The rotation of the cluster's own certificates, of an operation of kind RotateCertificates.
       */
      rotateCertificates?: {
        /**
         * SHA-256 of the cluster CA that the rotation replaces.
         */
        oldCA: string;
        /**
         * Why it was started.
         */
        reason: 'Requested' | 'Every' | 'BeforeExpiry';
        /**
         * Of one for a policy with beforeExpiry: when the first of the certificates that it replaces expires.
         */
        notAfter?: string;
        /**
         * The objects whose request it was.
         */
        requestedBy?: string[];
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
       * The access that showed the nodes.
       */
      countedBy?: string;
      /**
       * Baselines by other ways to the nodes.
       */
      otherBaselines?: {
        /**
         * The access that showed the nodes.
         */
        countedBy: string;
        /**
         * Greatest creationTimestamp of any node just before the first attempt.
         */
        baseline: string;
        /**
         * When the baseline was read, by the target's own clock.
         */
        countedAt?: string;
        /**
         * The nodes of each pool at that time.
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
       * When the baseline was read, by the target's own clock.
       */
      countedAt?: string;
      /**
       * The nodes of each pool at that time.
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
       * Number of attempts.
       */
      attempts: number;
      /**
       * When the last attempt was recorded.
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
         * Time since which ARM reports Succeeded although nodes are older than the change.
         */
        succeededSince?: string;
        /**
         * The end of the previous attempt.
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
           * Time of it.
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
         * Time of it.
         */
        at: string;
        /**
         * True when ARM's status of the attempt itself confirms it, or the attempt ran until a moment before.
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
         * Time of it.
         */
        at: string;
        /**
         * True when ARM's status of the attempt itself confirms it, or the attempt ran until a moment before.
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
   * Kind of the last operation that was sent. Where several kinds are due, another one goes first.
   */
  lastKind?: string;
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
     * Number of new lists among them that ARM accepted. After three the list counts as not kept.
     */
    accepted?: number;
    /**
     * The error of the last lost write, which had no answer.
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
     * Earliest time of the next write, after a lost or an accepted one. Absent after a refused one.
     */
    until?: string;
    /**
     * States of the objects at the last write; another state ends the wait and begins a new count.
     */
    heldFor: string[];
  };
  /**
   * The last write that ARM refused, or that was not sent because the reads before it took too long. Kept until ARM shows a later write.
   */
  refusal?: {
    /**
     * True when the write was never sent; the reason is the controller's own.
     */
    unsent?: boolean;
    /**
     * The reason, as in a condition.
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
     * Time of it.
     */
    at: string;
    /**
     * Latest end of the wait, where it is known.
     */
    until?: string;
    /**
     * True when until is the opening of a maintenance window, with which the count starts again. False when the window was read and no opening is known.
     */
    atOpening?: boolean;
    /**
     * Number of times in a row.
     */
    count: number;
    /**
     * True when waiting alone does not resolve it.
     */
    stalled: boolean;
    /**
     * States of the objects at that time; another state releases it.
     */
    heldFor?: string[];
  };
  /**
   * What is remembered of the cluster's own CA and its rotations.
   */
  rotation?: {
    /**
     * The cluster CAs that were seen, the present one last.
     */
    casSeen?: {
      /**
       * SHA-256 of the DER bytes.
       */
      fingerprintSHA256: string;
      /**
       * When AKS made it, which is 10 minutes after the start of its validity.
       */
      createdAt?: string;
      /**
       * When it expires.
       */
      notAfter?: string;
      /**
       * When the controller first saw it.
       */
      firstSeenAt: string;
    }[];
    /**
     * The last rotation, of this controller or of another client.
     */
    lastRotation?: {
      /**
       * When it began.
       */
      startedAt: string;
      /**
       * When it was complete.
       */
      completedAt?: string;
      /**
       * Who started it.
       */
      startedBy: 'ThisController' | 'AnotherClient';
      /**
       * Why it was started.
       */
      reason: string;
      /**
       * Of one for a policy with beforeExpiry: when the first of the certificates that it replaced would have expired.
       */
      notAfter?: string;
      /**
       * The objects whose request it was.
       */
      requestedBy?: string[];
      /**
       * SHA-256 of the CA before it.
       */
      oldCA: string;
      /**
       * SHA-256 of the CA after it.
       */
      newCA?: string;
      /**
       * How often it was sent to ARM.
       */
      attempts?: number;
    };
    /**
     * The announcement of a rotation that spec.every or spec.beforeExpiry asks for. Without it, one is announced anew and never begins earlier.
     */
    notice?: {
      /**
       * When it was first announced.
       */
      since: string;
      /**
       * SHA-256 of the CA that it would replace.
       */
      oldCA: string;
      /**
       * SHA-256 of the object that it was announced for and its policy. For others it is announced anew.
       */
      by?: string;
      /**
       * When it was last seen to stand. It is announced anew where that was more than a day ago.
       */
      confirmedAt?: string;
    };
    /**
     * A rotation that is due and was not sent yet.
     */
    pending?: {
      /**
       * Time since which it is due.
       */
      since: string;
      /**
       * Time from which the CA that ARM lists counts. It may list an old one for some time after a rotation.
       */
      countsFrom?: string;
      /**
       * SHA-256 of the CA that it replaces.
       */
      oldCA: string;
      /**
       * Reason for which it is not sent yet.
       */
      waitsFor: string;
    };
    /**
     * A rotation that ended without another CA. A new request, which is another state of the objects, releases the next one.
     */
    ended?: {
      /**
       * How it ended.
       */
      outcome: 'Failed' | 'Canceled';
      /**
       * SHA-256 of the CA that it should have replaced.
       */
      oldCA: string;
      /**
       * A message for people.
       */
      message: string;
      /**
       * Time of it.
       */
      at: string;
      /**
       * The states of the objects then.
       */
      heldFor: string[];
    };
    /**
     * The last start of a rotation that ARM refused, or that was not sent. It holds no change of another kind.
     */
    refusal?: {
      /**
       * True when the write was never sent; the reason is the controller's own.
       */
      unsent?: boolean;
      /**
       * The reason, as in a condition.
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
       * Time of it.
       */
      at: string;
      /**
       * Latest end of the wait, where it is known.
       */
      until?: string;
      /**
       * True when until is the opening of a maintenance window, with which the count starts again. False when the window was read and no opening is known.
       */
      atOpening?: boolean;
      /**
       * Number of times in a row.
       */
      count: number;
      /**
       * True when waiting alone does not resolve it.
       */
      stalled: boolean;
      /**
       * States of the objects at that time; another state releases it.
       */
      heldFor?: string[];
    };
    /**
     * The starts of rotations since one was last seen in ARM, and their outcomes. They hold no change of another kind.
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
       * Number of rotations among them that ARM accepted. After three a person has to ask for the next one.
       */
      accepted?: number;
      /**
       * The error of the last lost write, which had no answer.
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
       * Earliest time of the next write, after a lost or an accepted one. Absent after a refused one.
       */
      until?: string;
      /**
       * States of the objects at the last write; another state ends the wait and begins a new count.
       */
      heldFor: string[];
    };
  };
  /**
   * Objects whose certificates ARM refused.
   */
  rejections?: {
    /**
     * namespace/name of the object.
     */
    object: string;
    /**
     * States of the objects at that time; another state releases it.
     */
    heldFor: string;
    /**
     * Present where certificates of other objects were in the same write and may be the cause. The certificates of this object, or of its namespace, are sent once without the others.
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
     * Time of it.
     */
    at: string;
  }[];
  /**
   * Drift corrections that ARM accepted in the last 24 hours.
   */
  corrections?: {
    /**
     * Time of it.
     */
    at: string;
    /**
     * The reconcile requests at that time; a new one starts the count again.
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
   * The last complete operation, with the proof that every node has its list.
   */
  lastApplied?: {
    /**
     * Time of it.
     */
    at: string;
    /**
     * NodesSeen: the replacement of every node was observed. ReportedByARM: only ARM reported success.
     */
    proof: 'NodesSeen' | 'ReportedByARM';
    /**
     * The access that showed the nodes, or could not show them, as in status.countedBy.
     */
    countedBy?: string;
    /**
     * Number of nodes that were read.
     */
    nodes?: number;
    /**
     * The reason why that access could not show the nodes. It is kept until an object that asks for the access is edited.
     */
    unreadable?: string;
  };
  /**
   * Whether ARM reported Succeeded at the first read of the cluster, or only later. Absent until ARM reports it while no operation of the controller runs.
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
     * For printer columns, such as 7/12.
     */
    summary: string;
    /**
     * Where the numbers come from: the nodes, or only the states of node pools that ARM reports.
     */
    source?: 'Nodes' | 'ARM';
  };
  /**
   * Progress by node pool.
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
     * Nodes of the pool.
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
     * Progress of the pool; Excluded pools do not get custom CAs.
     */
    phase: 'Waiting' | 'Reimaging' | 'Done' | 'Failed' | 'Excluded';
    /**
     * The object that keeps nodes from being replaced.
     */
    blockedBy?: string;
    /**
     * The kind of blocker.
     */
    blockedReason?: 'EvictionRefused' | 'DrainFailed' | 'Quarantined' | 'NodeNotReady' | 'NoProgress' | 'GivenUp';
    /**
     * Time since which it is blocked.
     */
    blockedSince?: string;
    /**
     * A message for people.
     */
    message?: string;
  }[];
  /**
   * The source of nodes, nodePools and outside: Operator (the controller's own access), ARM (no node was read), or Namespace/{name} (the kubeconfig Secrets of that namespace, while no other namespace names the cluster).
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
     * True once the replacement of every node was observed.
     */
    done: boolean;
    /**
     * Progress of the previous change's count, while an operation runs.
     */
    earlier?: 'None' | 'Unfinished' | 'Done';
    /**
     * Kept while the count continues after ARM has ended the operation.
     */
    baseline?: string;
    /**
     * When the baseline was read, by the target's own clock.
     */
    countedAt?: string;
    /**
     * The nodes of each pool at that time.
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
       * For printer columns, such as 7/12.
       */
      summary: string;
      /**
       * Where the numbers come from: the nodes, or only the states of node pools that ARM reports.
       */
      source?: 'Nodes' | 'ARM';
    };
    /**
     * Progress by node pool.
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
       * Nodes of the pool.
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
       * Progress of the pool; Excluded pools do not get custom CAs.
       */
      phase: 'Waiting' | 'Reimaging' | 'Done' | 'Failed' | 'Excluded';
      /**
       * The object that keeps nodes from being replaced.
       */
      blockedBy?: string;
      /**
       * The kind of blocker.
       */
      blockedReason?: 'EvictionRefused' | 'DrainFailed' | 'Quarantined' | 'NodeNotReady' | 'NoProgress' | 'GivenUp';
      /**
       * Time since which it is blocked.
       */
      blockedSince?: string;
      /**
       * A message for people.
       */
      message?: string;
    }[];
  }[];
  /**
   * Estimated end of the replacement of nodes, from the pace so far. Absent until the first node was replaced.
   */
  estimate?: {
    /**
     * Nodes that are not replaced yet.
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
   * Nodes that are in no node pool of ARM, as last read.
   */
  outside?: {
    /**
     * Virtual nodes.
     */
    virtualNodes: number;
    /**
     * Nodes of node auto-provisioning.
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
     * The reason, as in a condition.
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
     * The generation that the condition describes.
     */
    observedGeneration?: number;
  }[];
}
