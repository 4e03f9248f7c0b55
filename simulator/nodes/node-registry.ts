/** A node as it registers with its cluster. */
export interface NodeIdentity {
  readonly name: string;
  readonly pool: string;
  readonly osType: 'Linux' | 'Windows';
  readonly mode: string;
  readonly nodeImageVersion: string;
  /** Such as `v1.33.3`. */
  readonly kubeletVersion: string;
  readonly bootId: string;
  /** The group the machines are in: MC_…. */
  readonly nodeResourceGroup: string;
  readonly location: string;
}

export interface Registration {
  readonly uid: string;
  /** As the API server says it: ISO 8601, whole seconds. */
  readonly createdAt: string;
}

/** What the upgrader says about a node. */
export interface NodeEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** Where a cluster's Node objects are: in a real API server, or in memory only. */
export interface NodeRegistry {
  /**
   * Makes the Node object, not ready yet. Its creationTimestamp is in a later second than `after` (real milliseconds since 1970):
   * API servers keep whole seconds, and a node born in the second an operation began could not be told from an old one.
   */
  register(node: NodeIdentity, after: number): Promise<Registration>;
  /** As cordon and remove, leaves a Node alone that somebody else has deleted. */
  ready(node: NodeIdentity): Promise<void>;
  cordon(name: string): Promise<void>;
  /** Deletes the Node object; one that is gone already is fine. */
  remove(name: string): Promise<void>;
  event(name: string, event: NodeEvent): Promise<void>;
  close(): Promise<void>;
}
