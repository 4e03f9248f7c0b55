/** Client certificate access to an API server. All PEM. */
export interface TargetAccess {
  /** `https://host:port` */
  readonly server: string;
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}
