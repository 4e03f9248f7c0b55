import type { ClusterSeed } from '../cluster/cluster-seed.ts';
import type { TargetAccess } from '../nodes/target-access.ts';

/** A cluster as scenario files write it: a seed whose kubeconfig may be the path of one. */
export interface ClusterEntry extends Omit<ClusterSeed, 'kubeconfig'> {
  readonly kubeconfig?: string | TargetAccess;
}
