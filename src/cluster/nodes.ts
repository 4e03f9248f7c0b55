import { createHash } from 'node:crypto';
import type { CustomCATrust } from '../api/generated/customcatrusts.ts';
import { connect, type Connection, type KubernetesError } from '../kubernetes/connection.ts';
import type { Credentials } from '../kubernetes/credentials.ts';
import { readKubeconfigData } from '../kubernetes/kubeconfig-data.ts';
import type { Intent } from './intent.ts';
import type { NodesObservation, NodeView } from './observation.ts';

/** Reads the nodes of target clusters, each with the kubeconfig that an object of that cluster names. */
export interface NodeReader {
  /** Never rejects for what a cluster or a Secret is like: that is an observation. */
  read(
    key: string,
    intents: readonly Intent[],
    signal: AbortSignal,
  ): Promise<NodesObservation & { readonly serverTime?: number }>;
  close(): Promise<void>;
}

interface Node {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp: string;
    readonly labels?: Record<string, string>;
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

interface NodePage {
  readonly metadata?: { readonly continue?: string };
  readonly items?: readonly Node[];
}

interface Target {
  readonly hash: string;
  readonly connection: Connection;
}

/** `management` reads the Secrets: one by name at a time, never a list of them. `open` connects to a target cluster. */
export function createNodeReader(
  management: Connection,
  open: (credentials: Credentials) => Connection = connect,
): NodeReader {
  const targets = new Map<string, Target>();

  async function connectionFor(key: string, object: CustomCATrust, signal: AbortSignal): Promise<Connection | string> {
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
    async read(key, intents, signal) {
      const object = intents.find((intent) => intent.object.spec.target.nodeAccess)?.object;
      if (!object) return { kind: 'NoAccess' };
      const connection = await connectionFor(key, object, signal);
      if (typeof connection === 'string') return { kind: 'Unreadable', message: connection };
      try {
        const nodes = await listNodes(connection, signal);
        const { lastResponseDate } = connection;
        return { kind: 'Read', nodes, ...(lastResponseDate === undefined ? {} : { serverTime: lastResponseDate }) };
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'Unreadable', message: `the nodes cannot be listed: ${(error as KubernetesError).message}` };
      }
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

/** Nodes of a page: a thousand nodes with their statuses are some 20 MB in one piece. */
const PAGE = '250';

async function listNodes(connection: Connection, signal: AbortSignal): Promise<NodeView[]> {
  const nodes: NodeView[] = [];
  let next: string | undefined;
  do {
    const query = { limit: PAGE, ...(next ? { continue: next } : {}) };
    const page = (await connection.request({ path: '/api/v1/nodes', query, signal })) as NodePage;
    nodes.push(...(page.items ?? []).map(viewOf));
    next = page.metadata?.continue;
  } while (next);
  return nodes;
}

function viewOf({ metadata, status }: Node): NodeView {
  const labels = metadata.labels ?? {};
  const virtual = labels['type'] === 'virtual-kubelet';
  return {
    name: metadata.name,
    uid: metadata.uid,
    createdAt: Date.parse(metadata.creationTimestamp),
    pool: labels['kubernetes.azure.com/agentpool'] ?? labels['agentpool'] ?? '',
    ready: status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
    kind: virtual ? 'Virtual' : labels['karpenter.sh/nodepool'] !== undefined ? 'AutoProvisioned' : 'Pool',
  };
}
