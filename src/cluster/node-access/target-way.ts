import type { Credentials } from '../../kubernetes/auth/types.ts';
import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import type { ApiServerToken } from '../../azure/api-server-token.ts';
import type { ClusterId } from '../../api/resource-id.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import type { Way, Ways } from '../model/way.ts';

/** What opens one way to one cluster. */
export interface Opener {
  /** A connection as things are now, or why there is none. Rejects only when the signal aborts. */
  connect(signal: AbortSignal): Promise<Connection | string>;
  close(): Promise<void>;
}
export type TargetConnection =
  /** Why there is none, for people; without secrets. */
  | { readonly kind: 'Unreadable'; readonly message: string }
  | { readonly kind: 'Open'; readonly connection: Connection };
export interface TargetAccessOptions {
  /** Our own API server: the Secrets, and the target itself where it is the cluster we work in. */
  readonly management: Connection;
  readonly arm: Pick<ManagedClusters, 'userKubeconfig'>;
  readonly apiServerToken: ApiServerToken;
  /** What the names of the API servers that get such a token end with; absent: any may have it. */
  readonly apiServerSuffixes?: readonly string[] | undefined;
  readonly now: () => number;
  /** ARM is asked for the kubeconfig of a cluster at most this often, in ms. */
  readonly askAgainMs: number;
  /**
   * Connects to a target cluster; default: over the network. What it opens is to write only as `management` does: pods of a
   * verification are made over it. `payer` is the namespace or the cluster whose answers count together when there is too much to
   * read.
   */
  readonly open?: (credentials: Credentials, payer: string) => Connection;
  /** Called with the reason each time that a Secret of the policy file cannot be used. */
  readonly onOperatorTrouble?: (cluster: ClusterId, message: string) => void;
}

/** Connections to the API servers of target clusters, one for each way to each cluster. */
export interface TargetAccess {
  /**
   * A connection over this way and no other. The same `pass` is the same pass, in which nothing is read twice. Never rejects for
   * what a cluster or a Secret is like. The connection is kept by us: it is not to be closed, and is asked for anew for every
   * pass.
   */
  connectionFor(cluster: ClusterId, way: Way, pass: object, signal: AbortSignal): Promise<TargetConnection>;
  /** Closes what these ways of the cluster do not use any more, credentials included. */
  retain(cluster: ClusterId, ways: Ways): Promise<void>;
  close(): Promise<void>;
}
