/** How a holder stands to the cluster's CA, that which needs an action first. */
export const HOLDINGS = ['OldCA', 'OtherCA', 'Token', 'OlderThanCA', 'PresentCA'] as const;

/**
 * `OldCA`: it has a CA that the cluster is known to have had before. `OtherCA`: it has another CA of the same name, or for the same
 * server: usually one of before a rotation. `Token`: a token of a service account in a Secret, which stays as it is when the keys change.
 * `OlderThanCA`: a pod that is older than the CA in place. `PresentCA`: it has the CA in place, and has to be updated at the next rotation.
 */
export type Holding = (typeof HOLDINGS)[number];

/** One object that holds, or depends on, a CA of the cluster. Its texts are safe to show. */
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
export interface SearchResult {
  readonly holders: readonly Holder[];
  /** Holders of each kind of holding, those beyond the ones that are kept included. */
  readonly counts: Readonly<Partial<Record<Holding, number>>>;
  /** Objects that were read. */
  readonly read: number;
  /** Lists that were refused, or not read to their end. */
  readonly problems: readonly SearchProblem[];
}

/** A list that was not read to its end. */
export interface SearchProblem extends Pick<Holder, 'where' | 'kind'> {
  /** `Forbidden`: the user has no right to it. `Late`: the time of the search was over. */
  readonly reason: 'Forbidden' | 'Late' | 'Failed';
  /** The error, as the end of a sentence; it is safe to show. */
  readonly message: string;
}
