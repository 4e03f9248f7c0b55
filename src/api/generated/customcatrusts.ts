// Generated from crds/customcatrusts.yaml by `make generate`. Do not edit.
import type {ObjectMeta} from '../object-meta.ts';

/**
 * Certificate authorities that the Linux nodes of one AKS cluster shall trust.
 */
export interface CustomCATrust {
  apiVersion: 'aks-ca-trust.dev/v1alpha1';
  kind: 'CustomCATrust';
  metadata: ObjectMeta;
  spec: CustomCATrustSpec;
  status?: CustomCATrustStatus;
}
/**
 * What this object wants of one cluster.
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
     * How the cluster's nodes are seen, to count those that were replaced. Absent: progress comes from ARM alone and is coarse. May change at any time. A Secret counts for the objects of its own namespace only, unless all objects of the cluster are in that namespace. While the nodes cannot be seen, additions of this object wait; its removals and its deletion go by what ARM says.
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
       * ARM says where the cluster's API server is and which CA it has, and the controller's own Azure identity signs in to it; where the cluster does not use Microsoft Entra ID, the cluster's local account from ARM does. The identity needs the role Azure Kubernetes Service Cluster User Role on the cluster, and with Entra the rights in deploy/target-cluster.
       */
      azure?: {
        [k: string]: unknown | undefined;
      };
      /**
       * The cluster is the one the controller runs in, as its flag --in-cluster-resource-id says: its own connection is used. Its ServiceAccount needs the rights in deploy/target-cluster.
       */
      inCluster?: {
        [k: string]: unknown | undefined;
      };
    };
  };
  /**
   * The certificates; an entry may hold several. An empty list wants none.
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
   * True leaves this object's share of the cluster's list as it is.
   */
  suspend?: boolean;
  /**
   * What happens to certificates in the cluster that no object names. Remove takes effect only when every object of the cluster says so and none of them is suspended or unreadable.
   */
  unmanagedCertificates?: 'Keep' | 'Remove';
  /**
   * Hold: one bad certificate holds the whole change of this object. Skip: it holds only itself.
   */
  invalidCertificates?: 'Hold' | 'Skip';
  /**
   * What deleting this object does to its certificates in the cluster.
   */
  deletionPolicy?: 'Retain' | 'Remove';
  /**
   * A change waits this long for more edits, because every change replaces every node.
   */
  settleSeconds?: number;
  /**
   * True allows an edit that leaves this object without certificates, which removes all of them from the cluster. Without it such an edit is refused, and an object of which no certificate can be read keeps what it has in the cluster (reason WouldRemoveAll).
   */
  allowEmpty?: boolean;
  /**
   * A certificate that was in the cluster before any object named it is Adopted, and stays when the object no longer names it or is deleted. True takes it out as if the object had brought it, where the policy file of the controller allows adopting.
   */
  adopt?: boolean;
  /**
   * Proof on the nodes, after each change: a short-lived pod without rights checks whether the node trusts what it should. The condition NodesTrust has the result, and Ready waits for it. Needs a kubeconfig Secret in the namespace of this object, or a policy file that allows it over azure or inCluster; and the rights in deploy/target-cluster/verify-role.yaml.
   */
  verify?: {
    /**
     * An image with its registry, as in images.example.com/app:1. The node trusts the registry's certificate when it can be pulled anew; nothing of the image is run.
     */
    image?: string;
    /**
     * {}: the node's own trust store is read, through a read-only mount, and compared with the cluster's list. The operator of the controller names the image for it, and the namespace of the pods must allow hostPath volumes.
     */
    trustStore?: {
      [k: string]: unknown | undefined;
    };
    /**
     * Names of Secrets with which the image is pulled; of the namespace in which the pods run, in the target cluster.
     */
    imagePullSecrets?: string[];
    /**
     * PerPool: one node of each node pool, and of each NodePool of Karpenter. Every: every node that gets custom CAs, auto-provisioned ones included.
     */
    nodes?: 'PerPool' | 'Every';
  };
}
/**
 * The state of this object as the controller last found it. A new object has observedGeneration -1.
 */
export interface CustomCATrustStatus {
  /**
   * The generation that this status describes; -1 until the controller has seen the object.
   */
  observedGeneration?: number;
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
     * The generation that was judged.
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
     * Of them, trusted by every covered node.
     */
    trusted: number;
    /**
     * trusted/wanted, as in 3/3.
     */
    summary: string;
  };
  /**
   * Slots of the cluster's list, all objects together.
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
     * used/limit, as in 4/10.
     */
    summary: string;
  };
  /**
   * One row per certificate of this object, in order, also the bad ones.
   */
  certificates?: {
    /**
     * The entry.
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
     * Trusted: in the cluster's list and on every covered node. Adopted: the same, and it was in the list before any object named it. Applying: in the list or sent, and not on every node yet. Pending: not sent yet. Removing: on its way out. Duplicate: the same certificate as an earlier row. Invalid: see message. OverLimit: no slot is left.
     */
    state: 'Trusted' | 'Adopted' | 'Applying' | 'Pending' | 'Removing' | 'Duplicate' | 'Invalid' | 'OverLimit';
    /**
     * Names of what is unusual about the certificate, which is trusted nevertheless.
     */
    warnings?: string[];
    /**
     * What is wrong with the certificate or worth knowing about it.
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
     * reimaged/total, as in 7/12.
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
     * Why, for people.
     */
    message?: string;
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
   * When a change of this object was last seen through.
   */
  lastAppliedTime?: string;
  /**
   * The result of spec.verify on the nodes.
   */
  verification?: {
    /**
     * Hash of what it was done for (the list, the last change, spec.verify, nodeAccess and the reconcile request). It is not done twice.
     */
    key?: string;
    /**
     * The list that the nodes should trust.
     */
    listDigest?: string;
    /**
     * Since when the cluster has had that list at the latest. Auto-provisioned nodes that are older may lack it until Karpenter has replaced them.
     */
    listSince?: string;
    /**
     * When the nodes were asked.
     */
    observedAt?: string;
    /**
     * Nodes that were asked.
     */
    nodes?: number;
    /**
     * Of them, nodes that Karpenter made.
     */
    autoProvisioned?: number;
    /**
     * Of them, shown to trust.
     */
    trusted?: number;
    /**
     * Of them, shown not to trust.
     */
    untrusted?: number;
    /**
     * Of them, without a clear result.
     */
    unclear?: number;
    /**
     * Of them, auto-provisioned ones that are older than the list and not shown to trust: Karpenter replaces them by drift, and their successors are asked then.
     */
    awaited?: number;
    /**
     * Marks of the nodes that were shown to trust, eight characters a node; each is good for this verification only. They are not asked again.
     */
    proven?: string;
    /**
     * The first nodes that are not known to trust; those shown not to come first.
     */
    failing?: {
      /**
       * The node, or where no node of a pool could be asked, the pool.
       */
      node: string;
      /**
       * The NodePool of Karpenter that an auto-provisioned node is of.
       */
      nodePool?: string;
      /**
       * What the node showed.
       */
      outcome: 'Untrusted' | 'Unclear' | 'Awaited';
      /**
       * Why, for people.
       */
      message: string;
    }[];
    /**
     * Pods of it may be there. Noted before the first is made, and removed when the last is gone.
     */
    running?: {
      /**
       * Hash of what it is done for.
       */
      key: string;
      /**
       * Namespace of its pods in the target cluster.
       */
      namespace: string;
      /**
       * When it began.
       */
      startedAt: string;
    };
  };
}
