import type { Credentials } from '../../kubernetes/auth/types.ts';
import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import type { ApiServerToken } from '../../azure/api-server-token.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { Way, Ways } from '../model/way.ts';

/** Opens connections over one way to one cluster. */
export interface Opener {
  /** A connection with the present credentials, or why there is none. Rejects only when the signal aborts. */
  connect(signal: AbortSignal): Promise<Connection | string>;
  close(): Promise<void>;
}
export type TargetConnection =
  /** Why there is none, for people; without secrets. */
  | { readonly kind: 'Unreadable'; readonly message: string }
  | { readonly kind: 'Open'; readonly connection: Connection };
export interface TargetAccessOptions {
  /** The management cluster's API server: it has the Secrets, and is the target itself for the way `InCluster`. */
  readonly management: Connection;
  readonly arm: Pick<ManagedClusters, 'userKubeconfig'>;
  readonly apiServerToken: ApiServerToken;
  /** Suffixes of the host names that may receive this token; absent: any host. */
  readonly apiServerSuffixes?: readonly string[] | undefined;
  readonly now: () => number;
  /** ARM is asked for the kubeconfig of a cluster at most this often, in ms. */
  readonly askAgainMs: number;
  /**
   * Connects to a target cluster; default: over the network. The connection must write only while `management` may, because
   * verification pods are created over it. `payer` is the namespace or the cluster whose responses count together for the limits on
   * memory.
   */
  readonly open?: (credentials: Credentials, payer: string) => Connection;
  /** Called with the reason each time that a Secret of the policy file cannot be used. */
  readonly onOperatorTrouble?: (cluster: ClusterId, message: string) => void;
}

/** Connections to the API servers of target clusters, one for each way to each cluster. */
export interface TargetAccess {
  /**
   * A connection over this way and no other. `reconcile` identifies the reconcile, in which nothing is read twice. Never rejects because
   * of the state of a cluster or a Secret. The caller must not close the connection, and requests it again in every reconcile.
   */
  connectionFor(cluster: ClusterId, way: Way, reconcile: object, signal: AbortSignal): Promise<TargetConnection>;
  /** Closes the cluster's connections over all other ways, and drops their credentials. */
  retain(cluster: ClusterId, ways: Ways): Promise<void>;
  close(): Promise<void>;
}
