/** The API server of a cluster, which the simulator sets up anew whenever the cluster's certificates change. */
export interface ControlPlane {
  /** `https://host:port`, as kubeconfigs name it. */
  readonly server: string;
  /** How many API servers answer at that address; they can be set up one after the other. Default 1. */
  readonly replicas?: number;
  /** Starts an API server, or starts it again, with these files. Resolves when it answers; connections of before are closed. */
  install(files: ControlPlaneFiles, replica: number): Promise<void>;
  /** Ends an API server: connections are closed, and others refused until the next `install`. */
  takeAway(replica: number): Promise<void>;
  /** Says nothing to clients from now on, as where its authorized IP ranges leave them out; or does again. */
  shutOut?(on: boolean): void;
}

/** One that the simulator, or a test, has to stop. `server` is known from the first `install` on. */
export interface OwnControlPlane extends ControlPlane {
  stop(): Promise<void>;
}

/** The files of a kube-apiserver that belong to the cluster's certificates. All PEM. */
export interface ControlPlaneFiles {
  /** `--client-ca-file`: the cluster CA, and no other. */
  readonly clusterCaPem: string;
  /** `--tls-cert-file`, `--tls-private-key-file` */
  readonly servingCertPem: string;
  readonly servingKeyPem: string;
  /** `--requestheader-client-ca-file` */
  readonly frontProxyCaPem: string;
  /** `--proxy-client-cert-file`, `--proxy-client-key-file` */
  readonly frontProxyCertPem: string;
  readonly frontProxyKeyPem: string;
  /** `--service-account-signing-key-file`: a private key, whose public one verifies. */
  readonly serviceAccountKeyPem: string;
  /** `--token-auth-file` */
  readonly tokens: readonly StaticToken[];
}

export interface StaticToken {
  readonly token: string;
  readonly user: string;
  readonly groups: readonly string[];
}
