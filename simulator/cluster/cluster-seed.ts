import type { RegistrySeed } from '../nodes/image-pull.ts';
import type { ContainerEnd, PodObject } from '../nodes/pod-status.ts';
import type { CertificatesSeed } from '../certificates/cluster-pki.ts';
import type { ControlPlane } from '../nodes/control-plane.ts';
import type { KubeApiServersOptions } from '../programs/kube-apiservers.ts';
import type { LockSeed } from './lock-seed.ts';
import type { RotationSeed } from './rotation-seed.ts';
import type { TargetAccess } from '../nodes/target-access.ts';
import type { NodeTruth } from './truth.ts';

/** How a cluster is when it is put into the simulator. Nothing of it is validated: what AKS once accepted may be there. */
export interface ClusterSeed {
  /** Default: the simulator's first subscription. */
  readonly subscriptionId?: string;
  /** Default `rg`. */
  readonly resourceGroup?: string;
  readonly name: string;
  /** Default `westeurope`. */
  readonly location?: string;
  /** Default `1.33.3`. */
  readonly kubernetesVersion?: string;
  /** The resource group of its machines. Default: a name of more than 63 characters, which no label can hold. */
  readonly nodeResourceGroup?: string;
  /** Default: one Linux system pool `system` of 3 nodes. Of a `rawModel` with agentPoolProfiles those count. */
  readonly pools?: readonly PoolSeed[];
  /** Elements as ARM has them: base64 of PEM. */
  readonly customCATrustCertificates?: readonly string[];
  /** JSON object, merged over the model: for unknown members and unexpected texts. */
  readonly extraBody?: string | Readonly<Record<string, unknown>>;
  /** Access to the cluster's real API server, in which its Node objects are made and replaced. Without it nodes are in memory only. */
  readonly kubeconfig?: TargetAccess;
  /**
   * Instead of `kubeconfig`: real API servers that the simulator starts, with the cluster's own certificates, now and after a rotation.
   * Not in a request: it would start programs of the simulator's machine.
   */
  readonly apiServer?: KubeApiServersOptions;
  /** The same, of a test that starts and stops it: a real API server that the simulator gives the cluster's own certificates, now and after a rotation. */
  readonly controlPlane?: ControlPlane;
  /** Without an API server: whether a listener of this machine shows the API server's certificate, or several in turn do. Default false. */
  readonly handshakes?: boolean | { readonly replicas: number };
  /** Locks on the group of its machines: a rotation changes the CA, and cannot delete the machines. Default: none. */
  readonly locks?: readonly LockSeed[];
  /**
   * Whether the API server has an APIService, `v1beta1.metrics.k8s.io`, that it reaches through the tunnel to the nodes. For `apiServer`
   * and `controlPlane`. Default false.
   */
  readonly metricsServer?: boolean;
  /**
   * What a stop does to the machines of pools. `removed` (default): a start makes new ones. `kept`: a start brings them back under
   * their names; a kubelet whose client certificate has ended meanwhile stays not ready.
   */
  readonly whenStopped?: 'removed' | 'kept';
  /** How its own certificates are made. */
  readonly certificates?: CertificatesSeed;
  /** What a rotation of them does where AKS does not document it. */
  readonly rotation?: RotationSeed;
  /**
   * Whether the simulator plays the kubelets of the nodes in that API server: pods bound to them run, deleted ones go, and nodes are
   * drained by evicting them. For a target whose kube-controller-manager and kube-scheduler run. Default false: pods are left alone.
   */
  readonly kubelets?: boolean;
  /** Private registries: where kubelets are simulated, a node can pull their images if it trusts the CA of their certificates. */
  readonly registries?: readonly RegistrySeed[];
  /** Where kubelets are played: runs the containers of a pod that is not to be restarted. Default: they end at once, and well. */
  readonly runPod?: (pod: PodObject, node: NodeTruth) => ContainerEnd | Promise<ContainerEnd>;
  /** Nodes that node auto-provisioning made. They belong to no pool, and are replaced after the operation, one by one, under new names. */
  readonly autoProvisioned?: AutoProvisionedSeed;
  /** Number of virtual nodes: nothing ever happens to them. Default 0. */
  readonly virtualNodes?: number;
  /** The exact JSON text of the model; served back verbatim but for what changes. */
  readonly rawModel?: string;
}

export interface AutoProvisionedSeed {
  readonly count: number;
  /** Name of the Karpenter NodePool. Default `default`. */
  readonly nodePool?: string;
  /** Simulated seconds from the end of an operation until Karpenter sees that a node has drifted. Default 300. */
  readonly driftSeconds?: number;
}

export interface PoolSeed {
  readonly name: string;
  /** Default Linux. */
  readonly osType?: 'Linux' | 'Windows';
  /** Default Ubuntu, or Windows2022. */
  readonly osSku?: string;
  /** Default System for the first pool, User for others. */
  readonly mode?: 'System' | 'User';
  readonly count: number;
  /** A number of nodes or a percentage; AKS' default is 10%. */
  readonly maxSurge?: string | number;
  readonly maxUnavailable?: string | number;
  /** Simulated minutes. AKS' default is 30. */
  readonly drainTimeoutInMinutes?: number;
  /** Simulated minutes between a drain and what follows it. AKS' default is 0. */
  readonly nodeSoakDurationInMinutes?: number;
  /** AKS' default is Schedule. */
  readonly undrainableNodeBehavior?: 'Schedule' | 'Cordon';
  /** A pool of spot machines: no surge, no drain. */
  readonly spot?: boolean;
  /** The limits of a cluster autoscaler, which moves when SimulatedCluster.autoscale says so. Default: there is none. */
  readonly autoscaling?: { readonly minCount: number; readonly maxCount: number };
  /** A stopped pool has no nodes. Default Running. */
  readonly powerState?: 'Running' | 'Stopped';
  /** Members laid over the pool's profile. */
  readonly extra?: Readonly<Record<string, unknown>>;
  /** The version that the pool is meant to run. Default: the cluster's version. */
  readonly orchestratorVersion?: string;
  /** The version that it runs. Default: the one that it is meant to run. */
  readonly currentOrchestratorVersion?: string;
}
