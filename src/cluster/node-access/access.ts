import type { ClusterId } from '../../api/resource-id.ts';
import type { ApiServerToken } from '../../azure/api-server-token.ts';
import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import { connect, type Connection } from '../../kubernetes/client/connection.ts';
import type { Credentials } from '../../kubernetes/auth/credentials.ts';
import { idOf, type Way, type Ways } from '../model/ways.ts';
import { mending } from './access-errors.ts';
import { createTargetFromAzure } from './from-azure.ts';
import { createTargetFromSecret } from './from-secret.ts';

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

export type TargetConnection =
  /** Why there is none, for people; without secrets. */
  | { readonly kind: 'Unreadable'; readonly message: string }
  | { readonly kind: 'Open'; readonly connection: Connection };

/** What opens one way to one cluster. */
export interface Opener {
  /** A connection as things are now, or why there is none. Rejects only when the signal aborts. */
  connect(signal: AbortSignal): Promise<Connection | string>;
  close(): Promise<void>;
}

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

/** A connection that was not asked for in this time is closed and forgotten, credentials included. */
const IDLE_MS = 30 * 60_000;
/** A pass is over sooner; a caller that keeps its token for longer reads again. */
const PASS_MS = 15_000;

interface Target {
  readonly cluster: string;
  readonly way: string;
  readonly opener: Opener;
  usedAt: number;
  /** The connection of the last pass that asked. */
  given?: { readonly pass: WeakRef<object>; readonly at: number; readonly connection: TargetConnection };
}

/** All that an object says of trouble with a Secret that the policy file names; the log has the cause. */
export const OPERATOR_TROUBLE =
  'The nodes cannot be read over the access that the operator of the controller has set up for this cluster. The log of the controller has the cause.';

export function isOperatorSecret(way: Way): boolean {
  return way.kind === 'Secret' && way.owner === 'Operator';
}

/** Whose reading counts together where there is too much to read: a tenant's, or a cluster's where the operator reads it. */
export function payerOf(way: Way, { key }: ClusterId): string {
  return way.kind === 'Secret' && !isOperatorSecret(way) ? way.namespace : key;
}

export function createTargetAccess(options: TargetAccessOptions): TargetAccess {
  const { management, now, open = (credentials: Credentials) => connect(credentials) } = options;
  const targets = new Map<string, Target>();

  function openerFor(cluster: ClusterId, way: Way): Opener {
    switch (way.kind) {
      case 'Secret':
        return createTargetFromSecret(management, way, (credentials) => open(credentials, payerOf(way, cluster)));
      case 'Azure':
        return createTargetFromAzure({ ...options, open }, cluster);
      case 'InCluster':
        return ownCluster(management);
    }
  }

  function targetFor(cluster: ClusterId, way: Way): Target {
    const name = `${cluster.key} ${idOf(way)}`;
    const known = targets.get(name);
    if (known) return known;
    const target: Target = { cluster: cluster.key, way: idOf(way), opener: openerFor(cluster, way), usedAt: now() };
    targets.set(name, target);
    return target;
  }

  async function forget(which: (target: Target) => boolean): Promise<void> {
    const forgotten = [...targets].filter(([, target]) => which(target));
    for (const [name] of forgotten) targets.delete(name);
    await Promise.all(forgotten.map(([, { opener }]) => opener.close()));
  }

  return {
    async connectionFor(cluster, way, pass, signal) {
      const target = targetFor(cluster, way);
      target.usedAt = now();
      await forget(({ usedAt }) => now() - usedAt > IDLE_MS);
      const { given } = target;
      if (given?.pass.deref() === pass && now() - given.at < PASS_MS) return given.connection;
      const at = now();
      const found = await target.opener.connect(signal);
      const connection: TargetConnection =
        typeof found !== 'string'
          ? { kind: 'Open', connection: found }
          : { kind: 'Unreadable', message: isOperatorSecret(way) ? OPERATOR_TROUBLE : found };
      target.given = { pass: new WeakRef(pass), at, connection };
      if (typeof found === 'string' && isOperatorSecret(way)) options.onOperatorTrouble?.(cluster, found);
      return connection;
    },
    async retain(cluster, { operator, namespaces }) {
      const kept = new Set([...operator, ...[...namespaces.values()].flat()].map(idOf));
      await forget((target) => target.cluster === cluster.key && !kept.has(target.way));
    },
    async close() {
      await forget(() => true);
    },
  };
}

/** Our own connection, which others use as well: it is not ours to close. */
function ownCluster(management: Connection): Opener {
  const Forbidden = "bind the ClusterRole of deploy/target-cluster to the controller's ServiceAccount";
  const connection = mending(management, { Forbidden });
  return { connect: () => Promise.resolve(connection), close: () => Promise.resolve() };
}
