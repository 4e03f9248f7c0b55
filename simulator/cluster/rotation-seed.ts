/** What a rotation of a cluster's certificates does where AKS does not document it. The defaults are those that are harder on clients. */
export interface RotationSeed {
  /** Simulated seconds in which no API server answers. Default 120. */
  readonly awaySeconds?: number;
  /** Where several API servers answer at one address: simulated seconds from one that has the new CA to the next. Default 60. */
  readonly replicaSeconds?: number;
  /**
   * The kubeconfigs that ARM hands out meanwhile. `old` (default): those of before, until `listingSeconds` after the end, whatever the
   * end is; `new`: those of the new CA as soon as an API server has it; `refused`: none, 409.
   */
  readonly listing?: 'old' | 'new' | 'refused';
  /** Default 60 simulated seconds. */
  readonly listingSeconds?: number;
  /** Whether machines get the names of those they replace (default), as scale sets that are made anew do, or others. */
  readonly nodeNames?: 'kept' | 'new';
  /** Which CA a rotation brings after one that failed when the CA had changed. Default `another`. */
  readonly afterFailure?: 'another' | 'same';
  /** Nodes of node auto-provisioning. `left` (default): not ready, with credentials of before. `replaced`: as the nodes of pools. */
  readonly autoProvisioned?: 'left' | 'replaced';
  /** The keys that sign service account tokens. Default `changed`: tokens of before are dead. */
  readonly signingKey?: 'changed' | 'kept';
  /** The static token of kubeconfigs. Default `changed`. */
  readonly token?: 'changed' | 'kept';
  /**
   * Whether the tunnel from the API server to the nodes works afterwards (default), or is `dead` until its agents are started again: they
   * read their CA once (kubernetes-sigs/apiserver-network-proxy#801). Seen with `metricsServer` only.
   */
  readonly tunnel?: 'works' | 'dead';
  /**
   * Whether nodes are drained before their machines are made anew. `ignored` (default): they are not. `honored`: they are, for as long as
   * the pool says. Pods of kubelets that are cut off cannot end, so this only takes time. Seen with `kubelets` only.
   */
  readonly drains?: 'ignored' | 'honored';
  /** Simulated seconds in which `kube-root-ca.crt` is published in a namespace. Default 2. */
  readonly namespaceSeconds?: number;
  /** Simulated seconds that the last namespace waits longer for it. Default 120. */
  readonly lateNamespaceSeconds?: number;
}

export type RotationRules = Required<RotationSeed>;

export function rotationRules(seed: RotationSeed = {}): RotationRules {
  return {
    awaySeconds: 120,
    replicaSeconds: 60,
    listing: 'old',
    listingSeconds: 60,
    nodeNames: 'kept',
    afterFailure: 'another',
    autoProvisioned: 'left',
    signingKey: 'changed',
    token: 'changed',
    tunnel: 'works',
    drains: 'ignored',
    namespaceSeconds: 2,
    lateNamespaceSeconds: 120,
    ...seed,
  };
}
