import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import type { ApiServerToken } from '../../azure/api-server-token.ts';
import type { ManagedClusters } from '../../azure/managed-clusters.ts';
import { connect, type Connection } from '../../kubernetes/connection.ts';
import type { Credentials } from '../../kubernetes/credentials.ts';
import type { Intent } from '../intent.ts';
import { mending } from './access-errors.ts';
import { createTargetFromAzure } from './from-azure.ts';
import { createTargetFromSecret } from './from-secret.ts';

/** Ways to the API servers of target clusters, each as an object of that cluster says. */
export interface TargetAccess {
  /**
   * The first object by name that says how decides, anew for each pass: the same array of `intents` is the same pass, in which
   * nothing is read twice. Never rejects for what a cluster or a Secret is like. The connection is kept by us: it is not to be
   * closed, and is asked for anew for every pass.
   */
  connectionFor(key: string, intents: readonly Intent[], signal: AbortSignal): Promise<TargetConnection>;
  close(): Promise<void>;
}

export type TargetConnection =
  /** No object says how. */
  | { readonly kind: 'NoAccess' }
  /** Why there is none, for people; quotes nothing secret. */
  | { readonly kind: 'Unreadable'; readonly message: string }
  | { readonly kind: 'Open'; readonly connection: Connection };

/** One of the ways, for one cluster. */
export interface TargetWay {
  /** A connection by what the object says now, or why there is none. Rejects only when the signal aborts. */
  connect(object: CustomCATrust, signal: AbortSignal): Promise<Connection | string>;
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
   * verification are made over it.
   */
  readonly open?: (credentials: Credentials) => Connection;
}

/** What nobody has asked for in this time is closed and forgotten, credentials included. */
const IDLE_MS = 30 * 60_000;
/** A pass is over sooner; whoever keeps its objects for longer is told anew. */
const PASS_MS = 15_000;

type WayName = 'kubeconfigSecretRef' | 'azure' | 'inCluster';

interface Target {
  readonly name: WayName;
  readonly way: TargetWay;
  usedAt: number;
  /** What the pass that asked last was told. */
  told?: { readonly pass: WeakRef<readonly Intent[]>; readonly at: number; readonly connection: TargetConnection };
}

export function createTargetAccess(options: TargetAccessOptions): TargetAccess {
  const { management, now, open = connect } = options;
  const targets = new Map<string, Target>();

  function makeWay(name: WayName): TargetWay {
    switch (name) {
      case 'kubeconfigSecretRef':
        return createTargetFromSecret(management, open);
      case 'azure':
        return createTargetFromAzure({ ...options, open });
      case 'inCluster':
        return ownCluster(management);
    }
  }

  async function targetOf(key: string, name: WayName): Promise<Target> {
    const known = targets.get(key);
    if (known?.name === name) return known;
    const target: Target = { name, way: makeWay(name), usedAt: now() };
    targets.set(key, target);
    await known?.way.close();
    return target;
  }

  async function forget(keys: readonly string[]): Promise<void> {
    const forgotten = keys.flatMap((key) => targets.get(key) ?? []);
    for (const key of keys) targets.delete(key);
    await Promise.all(forgotten.map(({ way }) => way.close()));
  }

  const idle = () => [...targets.keys()].filter((key) => now() - (targets.get(key)?.usedAt ?? 0) > IDLE_MS);

  return {
    async connectionFor(key, intents, signal) {
      const object = intents.find((intent) => intent.object.spec.target.nodeAccess)?.object;
      const name = object && wayNameOf(object);
      if (!name) {
        await forget([key]);
        return { kind: 'NoAccess' };
      }
      const target = await targetOf(key, name);
      target.usedAt = now();
      await forget(idle());
      const { told } = target;
      if (told?.pass.deref() === intents && now() - told.at < PASS_MS) return told.connection;
      const at = now();
      const found = await target.way.connect(object, signal);
      const connection: TargetConnection =
        typeof found === 'string' ? { kind: 'Unreadable', message: found } : { kind: 'Open', connection: found };
      target.told = { pass: new WeakRef(intents), at, connection };
      return connection;
    },
    async close() {
      await forget([...targets.keys()]);
    },
  };
}

/** The schema lets exactly one be said. */
function wayNameOf({ spec }: CustomCATrust): WayName | undefined {
  const { kubeconfigSecretRef, azure, inCluster } = spec.target.nodeAccess ?? {};
  if (kubeconfigSecretRef) return 'kubeconfigSecretRef';
  if (azure) return 'azure';
  return inCluster ? 'inCluster' : undefined;
}

/** Our own connection, which others use as well: it is not ours to close. */
function ownCluster(management: Connection): TargetWay {
  const Forbidden = "bind the ClusterRole of deploy/target-cluster to the controller's ServiceAccount";
  const connection = mending(management, { Forbidden });
  return { connect: () => Promise.resolve(connection), close: () => Promise.resolve() };
}
