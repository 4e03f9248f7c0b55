// Generated from crds/customcatrusts.yaml by `make generate`. Do not edit.
import type {ObjectMeta} from '../object-meta.ts';

/**
 * Certificate authorities that the Linux nodes of one AKS cluster have to trust.
 */
export interface CustomCATrust {
  apiVersion: 'aks-ca-trust.dev/v1alpha1';
  kind: 'CustomCATrust';
  metadata: ObjectMeta;
  spec: CustomCATrustSpec;
  status?: CustomCATrustStatus;
}
/**
 * The desired state of one cluster.
 */
export interface CustomCATrustSpec {
  /**
   * The AKS cluster.
   */
  target: {
    /**
     * ARM resource id of the cluster: /subscriptions/{id}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{name}. Compared without case; cannot change.
     */
    resourceId: string;
    /**
     * How the controller reads the cluster's nodes, to count those that were replaced. Absent: progress comes from ARM alone and is coarse. May change at any time. A Secret counts for the objects of its own namespace only, unless all objects of the cluster are in that namespace. While the nodes cannot be read, additions of this object wait; its removals and its deletion rely on ARM alone.
     */
    nodeAccess?: {
      /**
       * A Secret in the namespace of this object that holds a kubeconfig with inline credentials: server, CA, and a client certificate with its key or a token. Programs, file paths, proxies and insecure connections are refused.
       */
      kubeconfigSecretRef?: {
        /**
         * Name of the Secret.
         */
        name: string;
        /**
         * Key of the Secret that holds the kubeconfig.
         */
        key?: string;
      };
      /**
       * The controller gets the address and the CA of the API server from ARM, and signs in with its own Azure identity, or with the cluster's local account from ARM where the cluster does not use Microsoft Entra ID. The identity needs the role Azure Kubernetes Service Cluster User Role on the cluster, and with Entra the rights in deploy/target-cluster.
       */
      azure?: {
        [k: string]: unknown | undefined;
      };
      /**
       * The controller uses its own connection, because it runs in this cluster (flag --in-cluster-resource-id). Its ServiceAccount needs the rights in deploy/target-cluster.
       */
      inCluster?: {
        [k: string]: unknown | undefined;
      };
    };
  };
  /**
   * The certificates; an entry may hold several. With an empty list the object wants no certificate.
   */
  certificates?: {
    /**
     * Name of the entry; messages use it.
     */
    name: string;
    /**
     * One or more PEM certificates.
     */
    pem: string;
  }[];
  /**
   * True pauses this object, whose certificates in the cluster stay as they are.
   */
  suspend?: boolean;
  /**
   * Whether certificates in the cluster that no object names are kept or removed. Remove takes effect only when every object of the cluster has it and none of them is suspended or unreadable.
   */
  unmanagedCertificates?: 'Keep' | 'Remove';
  /**
   * Hold: an invalid certificate holds the whole change of this object. Skip: the invalid certificate is left out.
   */
  invalidCertificates?: 'Hold' | 'Skip';
  /**
   * Whether the certificates of this object stay in the cluster when the object is deleted (Retain), or are removed (Remove).
   */
  deletionPolicy?: 'Retain' | 'Remove';
  /**
   * Time for which a change waits for further edits, because every change replaces every node.
   */
  settleSeconds?: number;
  /**
   * True allows an edit that leaves this object without certificates, which removes all of them from the cluster. Without it such an edit is refused, and an object without a readable certificate keeps its certificates in the cluster (reason WouldRemoveAll).
   */
  allowEmpty?: boolean;
  /**
   * A certificate that was in the cluster before any object named it is Adopted, and stays when the object no longer names it or is deleted. True removes it as if the object had added it, where the policy file of the controller allows adopting.
   */
  adopt?: boolean;
  /**
   * When a change for this object may begin: additions, removals, corrections, and a deletion with Remove. Absent: at any time. A window holds the share of this object only, and an operation that began goes on after its end. See docs/how-to/windows.md.
   */
  window?: {
    /**
     * When the window opens, as cron: minute, hour, day of the month, month, day of the week, as in "0 2 * * 6" for Saturdays at 2. "6#1" is the first Saturday of a month, "6#L" the last one, "L" the last day of a month.
     */
    schedule?: string;
    /**
     * Time zone of the schedule by its IANA name, such as Europe/Berlin. Without it, Etc/UTC.
     */
    timeZone?: string;
    /**
     * How long the window stays open, in hours of elapsed time.
     */
    durationHours?: number;
    /**
     * A planned maintenance configuration of the cluster, whose window counts instead of a schedule.
     */
    maintenanceConfiguration?: 'aksManagedNodeOSUpgradeSchedule' | 'aksManagedAutoUpgradeSchedule';
  };
  /**
   * Verification on the nodes after each change: a short-lived pod without rights checks whether the node trusts the certificates. The condition NodesTrust has the result, and Ready waits for it. Needs a kubeconfig Secret in the namespace of this object, or a policy file that allows it over azure or inCluster; and the rights in deploy/target-cluster/verify-role.yaml.
   */
  verify?: {
    /**
     * An image with its registry, as in images.example.com/app:1. If a node can pull it again, the node trusts the registry's certificate. The image is not run.
     */
    image?: string;
    /**
     * {}: a pod reads the node's own trust store through a read-only mount and compares it with the cluster's list. The operator of the controller names the image for it, and the namespace of the pods must allow hostPath volumes.
     */
    trustStore?: {
      [k: string]: unknown | undefined;
    };
    /**
     * Names of Secrets for pulling the image, in the target cluster and in the namespace of the pods.
     */
    imagePullSecrets?: string[];
    /**
     * PerPool: one node of each node pool, and of each NodePool of Karpenter. Every: every node that gets custom CAs, auto-provisioned ones included.
     */
    nodes?: 'PerPool' | 'Every';
  };
}
/**
 * The last observed state of this object. A new object has observedGeneration -1.
 */
export interface CustomCATrustStatus {
  /**
   * The generation that this status describes; -1 until the controller has seen the object.
   */
  observedGeneration?: number;
  /**
   * The value of the annotation aks-ca-trust.dev/reconcile-requested-at that the controller has handled, up to 64 characters of it.
   */
  lastHandledReconcileAt?: string;
  /**
   * The cluster that spec.target names.
   */
  cluster?: {
    /**
     * Name of the AKS cluster.
     */
    name: string;
    /**
     * Name of its TargetCluster object.
     */
    record: string;
  };
  /**
   * CertificatesValid, WithinCertificateLimit, Applied, NodesReimaged, NodesTrust (with spec.verify), FullyCovered, Ready, and, only while they are true, Reconciling, Stalled and Suspended.
   */
  conditions?: {
    /**
     * Name of the condition.
     */
    type: string;
    /**
     * Whether the condition is met.
     */
    status: 'True' | 'False' | 'Unknown';
    /**
     * Why, in one word.
     */
    reason: string;
    /**
     * Why, in sentences, and what to do.
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
  /**
   * This object's own certificates, each counted once.
   */
  certificateCount?: {
    /**
     * Certificates that the object asks for.
     */
    wanted: number;
    /**
     * Certificates of these that every covered node trusts.
     */
    trusted: number;
    /**
     * trusted/wanted, such as 3/3.
     */
    summary: string;
  };
  /**
   * Slots of the cluster's list, for all objects together.
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
     * used/limit, such as 4/10.
     */
    summary: string;
  };
  /**
   * One row for each certificate of this object, in order, invalid ones included.
   */
  certificates?: {
    /**
     * Name of the entry in spec.certificates.
     */
    name: string;
    /**
     * Position in the entry, from 0.
     */
    index: number;
    /**
     * Subject name.
     */
    subject?: string;
    /**
     * Issuer name.
     */
    issuer?: string;
    /**
     * SHA-256 of the DER bytes.
     */
    fingerprintSHA256?: string;
    /**
     * Start of its validity.
     */
    notBefore?: string;
    /**
     * End of its validity.
     */
    notAfter?: string;
    /**
     * Trusted: in the cluster's list and on every covered node. Adopted: the same, and it was in the list before any object named it. Applying: sent or in the list, but not on every node yet. Pending: not sent yet. Removing: being removed from the cluster. Duplicate: the same certificate as an earlier row. Invalid: see message. OverLimit: no slot is left.
     */
    state: 'Trusted' | 'Adopted' | 'Applying' | 'Pending' | 'Removing' | 'Duplicate' | 'Invalid' | 'OverLimit';
    /**
     * Unusual properties of the certificate, in one word each; it is trusted nevertheless.
     */
    warnings?: string[];
    /**
     * The fault or the unusual property of the certificate.
     */
    message?: string;
  }[];
  /**
   * Certificates beyond the 128 rows.
   */
  certificatesNotShown?: number;
  /**
   * When the first of its certificates expires.
   */
  earliestNotAfter?: string;
  /**
   * Progress of the last change over the nodes of the cluster.
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
     * Nodes outside the feature, such as Windows.
     */
    excluded: number;
    /**
     * reimaged/total, such as 7/12.
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
     * Since when it is blocked.
     */
    blockedSince?: string;
    /**
     * Why, for people.
     */
    message?: string;
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
   * When the last change of this object was completed.
   */
  lastAppliedTime?: string;
  /**
   * The result of spec.verify on the nodes.
   */
  verification?: {
    /**
     * Hash of the inputs (the list, the last change, spec.verify, nodeAccess and the reconcile request). The same inputs are not verified twice.
     */
    key?: string;
    /**
     * The list that the nodes should trust.
     */
    listDigest?: string;
    /**
     * Latest time at which the cluster got that list. Auto-provisioned nodes that are older may lack it until Karpenter has replaced them.
     */
    listSince?: string;
    /**
     * When the nodes were verified.
     */
    observedAt?: string;
    /**
     * Nodes that were verified.
     */
    nodes?: number;
    /**
     * Of them, nodes that Karpenter made.
     */
    autoProvisioned?: number;
    /**
     * Of them, nodes that trust the certificates.
     */
    trusted?: number;
    /**
     * Of them, nodes that lack certificates.
     */
    untrusted?: number;
    /**
     * Of them, nodes without a clear result.
     */
    unclear?: number;
    /**
     * Of them, auto-provisioned nodes that are older than the list and lack certificates: Karpenter replaces them by drift, and their successors are verified then.
     */
    awaited?: number;
    /**
     * Marks of the nodes that trust the certificates, eight characters a node. They are valid for this verification only, in which these nodes are not verified again.
     */
    proven?: string;
    /**
     * The first nodes without proof of trust, those that lack certificates before the others.
     */
    failing?: {
      /**
       * The node, or the pool where no node of it could be verified.
       */
      node: string;
      /**
       * The NodePool of Karpenter to which an auto-provisioned node belongs.
       */
      nodePool?: string;
      /**
       * Result of the node.
       */
      outcome: 'Untrusted' | 'Unclear' | 'Awaited';
      /**
       * Why, for people.
       */
      message: string;
    }[];
    /**
     * Present while pods of the verification may exist. Written before the first pod is created, and removed when the last is gone.
     */
    running?: {
      /**
       * Hash of the inputs of the running verification.
       */
      key: string;
      /**
       * Namespace of the pods in the target cluster.
       */
      namespace: string;
      /**
       * When it began.
       */
      startedAt: string;
    };
  };
}
