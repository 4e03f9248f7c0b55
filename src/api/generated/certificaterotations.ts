// Generated from crds/certificaterotations.yaml by `make generate`. Do not edit.
import type {ObjectMeta} from '../object-meta.ts';

/**
 * Watches the certificates that one AKS cluster has for itself, such as its cluster CA and the certificates of its API server and kubelets. They are not the custom CAs of CustomCATrust.
 */
export interface CertificateRotation {
  apiVersion: 'aks-ca-trust.dev/v1alpha1';
  kind: 'CertificateRotation';
  metadata: ObjectMeta;
  spec: CertificateRotationSpec;
  status?: CertificateRotationStatus;
}
/**
 * The cluster to watch, and the rotation that is wanted.
 */
export interface CertificateRotationSpec {
  /**
   * The AKS cluster.
   */
  target: {
    /**
     * ARM resource id of the cluster: /subscriptions/{id}/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{name}. Compared without case; cannot change.
     */
    resourceId: string;
    /**
     * How the controller reads what only the cluster's own API server knows: the front proxy CA, the service account keys, and the certificates of kubelets. Absent: these rows are Unknown. May change at any time. A Secret counts for the objects of its own namespace only, unless all objects of the cluster are in that namespace.
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
   * Monitor only reads. Rotate also rotates the certificates when request, requestedAt, every or beforeExpiry asks for it, where the policy file of the controller allows it (rotate).
   */
  mode?: 'Monitor' | 'Rotate';
  /**
   * One rotation, named by the cluster CA that it replaces. Where the cluster has another CA, it is done already, whatever was applied again, restored or lost.
   */
  request?: {
    /**
     * SHA-256 of the DER bytes of the present cluster CA, as status.certificates shows it.
     */
    replaceCA: string;
  };
  /**
   * One rotation, by the time of its request: done already where the cluster CA is younger. It expires after 24 hours, and a time that lies ahead waits until then.
   */
  requestedAt?: string;
  /**
   * A rotation whenever the cluster CA reaches this age, such as 90d or 2160h, from 30 days to ten years. Each one recreates every node. It is announced first (notice), also where it is overdue when the object is made.
   */
  every?: string;
  /**
   * A rotation when the cluster CA, or the API server's certificate that it signed, is valid for no longer than this, such as 30d, from one day to ten years. It is announced first (notice). Not followed where it is longer than the life of a new certificate less seven days (BeforeExpiryTooLong).
   */
  beforeExpiry?: string;
  /**
   * How long a rotation for every or beforeExpiry is announced before it may begin, such as 72h, from one hour to 30 days: in status.nextRotation, in an event and as a metric. Without it, 72h. It holds no rotation for request or requestedAt.
   */
  notice?: string;
  /**
   * True accepts that a rotation recreates every node, and that the API server and all workloads may be unavailable for up to 30 minutes. Rotate needs it.
   */
  acceptDowntime?: boolean;
  /**
   * Checks before a rotation that only warn, by their findings. UnevictablePods: PodDisruptionBudgets that allow no eviction. NotReadyNodes: nodes that are not Ready, and kubelets that do not get the certificates that they request. AutoProvisionedNodes and VirtualNodes: such nodes, of which AKS does not document that a rotation replaces them. UnreadableNodes: nodes, PodDisruptionBudgets or requests of kubelets that cannot be read over the access that there is, so that every finding about them stays unknown; for a cluster whose API server does not answer any more.
   */
  accept?: ('UnevictablePods' | 'AutoProvisionedNodes' | 'VirtualNodes' | 'NotReadyNodes' | 'UnreadableNodes')[];
  /**
   * When a rotation for this object may begin. Absent: at any time. A rotation that began goes on after the end of the window, and is sent again outside of it where it failed. See docs/how-to/windows.md.
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
   * A Secret in the namespace of this object that the controller keeps up to date with the kubeconfig that ARM returns for the cluster, as `az aks get-credentials --overwrite-existing` does. It may be the account of an administrator, so the policy file of the controller has to allow it (writeKubeconfigs). A Secret that exists already is written only with the annotation aks-ca-trust.dev/kubeconfig-of and the resource id of the cluster. It stays when this object is deleted.
   */
  kubeconfig?: {
    /**
     * Name of the Secret.
     */
    secretName: string;
    /**
     * Key of the Secret that gets the kubeconfig.
     */
    key?: string;
  };
  /**
   * True searches for what holds the cluster CA, once a day and before and after a rotation: objects of the cluster over spec.target.nodeAccess, and Secrets of the namespace of this object. Their names are in status.consumers, never their content. It needs rights of its own (deploy/target-cluster/consumers-role.yaml, consumers-secrets-role.yaml), and over azure and inCluster the policy file of the controller has to allow it (findConsumers).
   */
  findConsumers?: boolean;
  /**
   * True pauses this object. Nothing is read for it, and its status stays as it is.
   */
  suspend?: boolean;
}
/**
 * The last observed state of this object. A new object has observedGeneration -1.
 */
export interface CertificateRotationStatus {
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
   * Idle: no rotation is wanted. Noticed: every or beforeExpiry asks for one, which is announced (nextRotation). Preflight: one is wanted, and RotationSucceeded says what it waits for. Rotating: from before it is sent to ARM until the new nodes are there. Completed, Failed: how the last one that was wanted ended. Absent in mode Monitor.
   */
  phase?: 'Idle' | 'Noticed' | 'Preflight' | 'Rotating' | 'Completed' | 'Failed';
  /**
   * The checks before the rotation that is wanted, a row each.
   */
  preflight?: {
    /**
     * Name of the check.
     */
    name: string;
    /**
     * Failed holds the rotation, also where a check could not be made this time. Warned and Unknown do not: Warned was accepted, or is worth knowing; for Unknown, access or a right is missing.
     */
    result: 'Passed' | 'Failed' | 'Warned' | 'Unknown';
    /**
     * Whether it holds the rotation.
     */
    blocks: boolean;
    /**
     * What was found, and what to do.
     */
    message: string;
  }[];
  /**
   * The last rotation of the cluster that is known, of this controller or of another client.
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
     * Why it was started: Requested, Every or BeforeExpiry; Unknown for one of another client.
     */
    reason: string;
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
   * The next rotation that spec.every or spec.beforeExpiry asks for, where the dates that decide it are known.
   */
  nextRotation?: {
    /**
     * The earliest time at which it may begin, by its date, its notice and the schedule of spec.window.
     */
    at: string;
    /**
     * What asks for it.
     */
    reason: 'Every' | 'BeforeExpiry';
    /**
     * When it was announced; absent before that.
     */
    announcedAt?: string;
  };
  /**
   * CertificatesHealthy, Ready, PreflightPassed where a rotation is due, RotationSucceeded where one was wanted, OldCertificatesRejected after one, KubeconfigWritten with spec.kubeconfig, and, only while they are true, Reconciling, Stalled and Suspended.
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
   * One row for each kind of certificate, and for kubelets one for each node pool.
   */
  certificates?: {
    /**
     * ClusterCA: signs the other certificates. FrontProxyCA: signs the aggregator's certificate; often the cluster CA itself. APIServer: what the API server shows. KubeconfigClient: the client certificate in the kubeconfig that ARM returns. ServiceAccountKeys: the keys that sign the tokens of service accounts; they have no dates. KubeletClient and KubeletServing: the certificates of the nodes.
     */
    name:
      | 'ClusterCA'
      | 'FrontProxyCA'
      | 'APIServer'
      | 'KubeconfigClient'
      | 'ServiceAccountKeys'
      | 'KubeletClient'
      | 'KubeletServing';
    /**
     * The node pool, for certificates of kubelets.
     */
    pool?: string;
    /**
     * The node whose certificate the row shows, the first of the pool to expire.
     */
    node?: string;
    /**
     * Nodes of the pool whose certificate is known.
     */
    nodes?: number;
    /**
     * Nodes of the pool.
     */
    nodesTotal?: number;
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
     * Ids of the service account keys, as the API server publishes them.
     */
    keyIDs?: string[];
    /**
     * For FrontProxyCA: whether it is the cluster CA.
     */
    sameAsClusterCA?: boolean;
    /**
     * For APIServer: SHA-256 of the cluster CA that signed it, where that was checked.
     */
    signedBySHA256?: string;
    /**
     * Start of its validity.
     */
    notBefore?: string;
    /**
     * End of its validity.
     */
    notAfter?: string;
    /**
     * The part of its validity that is over, from 0 to 100. The kubelet renews its certificate at 70 to 90.
     */
    lifeUsedPercent?: number;
    /**
     * Set while 30 days or less are left: the fewest of 1, 7 and 30 days that are not exceeded.
     */
    expiresWithinDays?: 1 | 7 | 30;
    /**
     * Where the row was read, in a few words.
     */
    source?: string;
    /**
     * Who has to act before it expires: AKS renews it, or you have to.
     */
    maintainedBy: 'Microsoft' | 'You';
    /**
     * Expiring: 30 days or less are left. Late: a kubelet should have renewed it, because more than 90 percent of its life are over. Intercepted: another authority than the cluster's signed it, as a firewall that inspects TLS does. Unknown: see message.
     */
    health: 'Healthy' | 'Expiring' | 'Expired' | 'Late' | 'Intercepted' | 'Unknown';
    /**
     * What is wrong, or why the row is not known and what would make it known.
     */
    message?: string;
  }[];
  /**
   * Whether the kubelets of each node pool renew their certificates by themselves.
   */
  autoRotation?: {
    /**
     * Name of the node pool.
     */
    pool: string;
    /**
     * Enabled: a renewal was seen, or a kubelet reports it. Disabled: kubelets report that they do not. Late: it is on, and a certificate is past 90 percent of its life. Unknown: nothing shows it.
     */
    state: 'Enabled' | 'Disabled' | 'Late' | 'Unknown';
    /**
     * What shows it.
     */
    evidence?: string;
    /**
     * The time of that evidence.
     */
    seenAt?: string;
    /**
     * What it means, and what to do.
     */
    message: string;
  }[];
  /**
   * What was checked after the last rotation that the controller made.
   */
  verification?: {
    /**
     * SHA-256 of the cluster CA that the rotation brought.
     */
    clusterCASHA256: string;
    /**
     * One row for each check.
     */
    rows: {
      /**
       * Name of the check.
       */
      name:
        | 'OldClientCertificateRejected'
        | 'OldTokenRejected'
        | 'NewKubeconfigAccepted'
        | 'ClientCAPublished'
        | 'RootCAPublished'
        | 'RootCAInAllNamespaces'
        | 'APIServicesAvailable'
        | 'WorkloadsAvailable'
        | 'CustomCAsUnchanged';
      /**
       * Pending: it is checked again.
       */
      result: 'Passed' | 'Failed' | 'Pending' | 'Unknown';
      /**
       * Why.
       */
      message: string;
    }[];
  };
  /**
   * What holds the cluster CA, or one of before, as of the last search for it. Only with spec.findConsumers.
   */
  consumers?: {
    /**
     * When the last search ended.
     */
    searchedAt: string;
    /**
     * SHA-256 of the cluster CA that it compared with.
     */
    clusterCASHA256?: string;
    /**
     * What was found, and what to do.
     */
    message: string;
    /**
     * How many parts of objects were found, by how they stand to the cluster CA.
     */
    counts?: {
      /**
       * OldCA: it has a CA that the cluster had before. OtherCA: it has another CA of the same name, or for the same server, usually one of before a rotation. Token: a token of a service account in a Secret, which is not renewed. OlderThanCA: a pod that is older than the cluster CA. PresentCA: it has the cluster CA, and needs the next one after a rotation.
       */
      holding: 'OldCA' | 'OtherCA' | 'Token' | 'OlderThanCA' | 'PresentCA';
      /**
       * How many, those that are not named included.
       */
      count: number;
    }[];
    /**
     * The first of them, those that need an action before the others.
     */
    holders?: {
      /**
       * The cluster of the object: the target, or the one that the controller runs in.
       */
      where: 'Cluster' | 'Management';
      /**
       * Its kind.
       */
      kind: string;
      /**
       * Its namespace; absent where it has none.
       */
      namespace?: string;
      /**
       * Its name.
       */
      name: string;
      /**
       * Where in it, such as the key of a Secret.
       */
      part: string;
      /**
       * How it stands to the cluster CA, as in counts.
       */
      holding: string;
    }[];
    /**
     * What could not be searched, or not to its end. It may hold the CA as well.
     */
    notSearched?: {
      /**
       * The cluster, as in holders.
       */
      where: 'Cluster' | 'Management';
      /**
       * The kind of objects; absent for all of them.
       */
      kind?: string;
      /**
       * Why, and what to do.
       */
      message: string;
    }[];
  };
  /**
   * The Secret of spec.kubeconfig as the controller wrote it last.
   */
  kubeconfig?: {
    /**
     * Name of the Secret.
     */
    secretName: string;
    /**
     * Its key.
     */
    key: string;
    /**
     * LocalAccount: it has a client certificate of the cluster. Entra: its users sign in with Microsoft Entra ID.
     */
    signIn?: 'LocalAccount' | 'Entra';
    /**
     * SHA-256 of the cluster CA in it.
     */
    clusterCASHA256?: string;
    /**
     * When its client certificate expires.
     */
    clientNotAfter?: string;
    /**
     * When the controller last changed the Secret.
     */
    writtenAt?: string;
  };
  /**
   * When the first of the known certificates expires.
   */
  earliestNotAfter?: string;
}
