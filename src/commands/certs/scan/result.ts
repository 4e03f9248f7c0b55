/** How a holder stands to the cluster's CA. */
export type Holding =
  /** It has the CA in place: it has to be updated at the next rotation. */
  | 'PresentCA'
  /** It has another CA of the same name, or for the same server: the one of before a rotation. */
  | 'OtherCA'
  /** A token of a service account in a Secret: it stays as it is when the keys change. */
  | 'Token'
  /** A pod that is older than the CA in place. */
  | 'OlderThanCA';

/** One object that holds, or depends on, a CA of the cluster. */
export interface Holder {
  /** The cluster that was searched. */
  readonly where: 'Cluster' | 'Management';
  readonly kind: string;
  /** Empty for objects without one. */
  readonly namespace: string;
  readonly name: string;
  /** Where in the object: the key of a Secret, the name of a webhook. Never content. */
  readonly part: string;
  readonly holding: Holding;
}

/** What a search found. */
export interface ScanResult {
  readonly holders: readonly Holder[];
  /** Holders beyond the ones that are kept. */
  readonly notShown: number;
  /** Objects that were read. */
  readonly read: number;
  /** Lists that were refused or failed, in sentences. */
  readonly problems: readonly string[];
}
