import type { Connection, KubernetesError } from '../kubernetes/connection.ts';
import type { Intent } from './intent.ts';
import type { NodesObservation, NodeView } from './observation.ts';
import type { TargetAccess } from './target-access.ts';

/** Reads the nodes of target clusters. */
export interface NodeReader {
  /** Never rejects for what a cluster or a Secret is like: that is an observation. */
  read(
    key: string,
    intents: readonly Intent[],
    signal: AbortSignal,
  ): Promise<NodesObservation & { readonly serverTime?: number }>;
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

/** Lists over what `access` opens; what an object says there is not looked at. */
export function createNodeReader(access: TargetAccess): NodeReader {
  return {
    async read(key, intents, signal) {
      const target = await access.connectionFor(key, intents, signal);
      if (target.kind !== 'Open') return target;
      const { connection } = target;
      try {
        const nodes = await listNodes(connection, signal);
        const { lastResponseDate } = connection;
        return { kind: 'Read', nodes, ...(lastResponseDate === undefined ? {} : { serverTime: lastResponseDate }) };
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'Unreadable', message: `the nodes cannot be listed: ${(error as KubernetesError).message}` };
      }
    },
  };
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
