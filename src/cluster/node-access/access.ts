import type { ClusterId } from '../../api/resource-id.ts';
import { connect, type Connection } from '../../kubernetes/client/connection.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { idOf, type Way } from '../model/way.ts';
import { withHints } from './access-errors.ts';
import { createTargetFromAzure } from './from-azure.ts';
import { createTargetFromSecret } from './from-secret.ts';
import type { Opener, TargetAccess, TargetAccessOptions, TargetConnection } from './target-way.ts';

/** A connection that was not used for this time is closed and dropped, with its credentials. */
const IDLE_MS = 30 * 60_000;

/** A reconcile ends sooner. A caller that keeps its token for longer gets a new reading. */
const RECONCILE_MS = 15_000;

interface Target {
  readonly cluster: string;
  readonly way: string;
  readonly opener: Opener;
  usedAt: number;
  /** The connection that the last reconcile got. */
  lastGiven?: { readonly reconcile: WeakRef<object>; readonly at: number; readonly connection: TargetConnection };
}

/** The one message that objects show when a Secret of the policy file cannot be used; the log has the cause. */
export const OPERATOR_TROUBLE =
  'The nodes cannot be read over the access that the operator of the controller has set up for this cluster. The log of the controller has the cause.';

export function isOperatorSecret(way: Way): boolean {
  return way.kind === 'Secret' && way.owner === 'Operator';
}

/** The owner of a reading for the limits on memory: the tenant's namespace, or the cluster where the operator reads it. */
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
    async connectionFor(cluster, way, reconcile, signal) {
      const target = targetFor(cluster, way);
      target.usedAt = now();
      await forget(({ usedAt }) => now() - usedAt > IDLE_MS);
      const { lastGiven } = target;
      if (lastGiven?.reconcile.deref() === reconcile && now() - lastGiven.at < RECONCILE_MS)
        return lastGiven.connection;
      const at = now();
      const found = await target.opener.connect(signal);
      const connection: TargetConnection =
        typeof found !== 'string'
          ? { kind: 'Open', connection: found }
          : { kind: 'Unreadable', message: isOperatorSecret(way) ? OPERATOR_TROUBLE : found };
      target.lastGiven = { reconcile: new WeakRef(reconcile), at, connection };
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

/** The management connection, which other parts use too: it must not be closed here. */
function ownCluster(management: Connection): Opener {
  const Forbidden = "Bind the ClusterRole of deploy/target-cluster to the controller's ServiceAccount";
  const connection = withHints(management, { Forbidden });
  return { connect: () => Promise.resolve(connection), close: () => Promise.resolve() };
}
