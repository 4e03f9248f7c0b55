import { createHash } from 'node:crypto';
import type { CustomCATrust } from '../api/generated/customcatrusts.ts';
import { connect, type Connection, type KubernetesError } from '../kubernetes/connection.ts';
import type { Credentials } from '../kubernetes/credentials.ts';
import { readKubeconfigData } from '../kubernetes/kubeconfig-data.ts';
import type { Intent } from './intent.ts';

/** Ways to the API servers of target clusters, each as an object of that cluster says. */
export interface TargetAccess {
  /**
   * The first object by name that says how decides. Never rejects for what a cluster or a Secret is like. The connection
   * is kept by us: it is not to be closed, and is asked for anew for every pass.
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

export interface TargetAccessOptions {
  /** Reads the Secrets: one by name at a time, never a list of them. */
  readonly management: Connection;
  /** Connects to a target cluster; default: over the network. */
  readonly open?: (credentials: Credentials) => Connection;
}

interface Target {
  readonly hash: string;
  readonly connection: Connection;
}

export function createTargetAccess({ management, open = connect }: TargetAccessOptions): TargetAccess {
  const targets = new Map<string, Target>();

  async function fromSecret(key: string, object: CustomCATrust, signal: AbortSignal): Promise<Connection | string> {
    const { namespace } = object.metadata;
    const { name, key: field = 'value' } = object.spec.target.nodeAccess!.kubeconfigSecretRef;
    const where = `the kubeconfig in Secret ${namespace}/${name}`;
    const secret = await readSecret(management, `/api/v1/namespaces/${namespace}/secrets/${name}`, signal);
    if (typeof secret === 'string') return `${where} cannot be read: ${secret}`;
    const value = secret.data?.[field];
    if (value === undefined)
      return `${where} has no key "${field}"; it has ${Object.keys(secret.data ?? {}).join(', ') || 'none'}`;
    const hash = createHash('sha256').update(value).digest('hex');
    const known = targets.get(key);
    if (known?.hash === hash) return known.connection;
    const reading = readKubeconfigData(Buffer.from(value, 'base64').toString('utf8'));
    if (!reading.ok) return `${where} cannot be used: ${reading.message}`;
    await known?.connection.close();
    const connection = open(reading.credentials);
    targets.set(key, { hash, connection });
    return connection;
  }

  return {
    async connectionFor(key, intents, signal) {
      const object = intents.find((intent) => intent.object.spec.target.nodeAccess)?.object;
      if (!object) return { kind: 'NoAccess' };
      const connection = await fromSecret(key, object, signal);
      return typeof connection === 'string'
        ? { kind: 'Unreadable', message: connection }
        : { kind: 'Open', connection };
    },
    async close() {
      await Promise.all([...targets.values()].map(({ connection }) => connection.close()));
      targets.clear();
    },
  };
}

async function readSecret(
  management: Connection,
  path: string,
  signal: AbortSignal,
): Promise<{ data?: Record<string, string> } | string> {
  try {
    return (await management.request({ path, signal })) as { data?: Record<string, string> };
  } catch (error) {
    signal.throwIfAborted();
    return (error as KubernetesError).message;
  }
}
