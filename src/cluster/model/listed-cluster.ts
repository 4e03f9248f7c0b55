import type { ClusterModel } from '../../azure/cluster-model.ts';

/** A cluster as a LIST showed it. It is never used to make a PUT. */
export interface ListedCluster {
  readonly model: ClusterModel;
  /** When the request was sent, in ms of our clock. */
  readonly readAt: number;
}
