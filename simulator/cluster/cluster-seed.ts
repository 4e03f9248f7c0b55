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
  /** Default: one Linux system pool `system` of 3 nodes. Of a `rawModel` with agentPoolProfiles those count. */
  readonly pools?: readonly PoolSeed[];
  /** Elements as ARM has them: base64 of PEM. */
  readonly customCATrustCertificates?: readonly string[];
  /** JSON object, merged over the model: for members nobody knows and texts nobody expects. */
  readonly extraBody?: string | Readonly<Record<string, unknown>>;
  /** Access to the cluster's real API server, in which its Node objects are made and replaced. Without it nodes are in memory only. */
  readonly kubeconfig?: TargetAccess;
  /** The exact JSON text of the model; served back verbatim but for what changes. */
  readonly rawModel?: string;
}

export interface PoolSeed {
  readonly name: string;
  /** Default Linux. */
  readonly osType?: 'Linux' | 'Windows';
  /** Default System for the first pool, User for others. */
  readonly mode?: 'System' | 'User';
  readonly count: number;
  /** A number of nodes or a percentage; AKS' default is 10%. */
  readonly maxSurge?: string | number;
  readonly maxUnavailable?: string | number;
  /** What the pool is meant to run. Default: the cluster's version. */
  readonly orchestratorVersion?: string;
  /** What it runs. Default: what it is meant to run. */
  readonly currentOrchestratorVersion?: string;
}

/** Client certificate access to an API server. All PEM. */
export interface TargetAccess {
  /** `https://host:port` */
  readonly server: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}
