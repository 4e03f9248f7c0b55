import type { ClusterModel } from '../../azure/cluster-model.ts';

/** A cluster as a LIST showed it. Nothing is ever sent on the strength of it. */
export interface ListedCluster {
  readonly model: ClusterModel;
  /** When the request was sent, in ms of our clock. */
  readonly readAt: number;
}
