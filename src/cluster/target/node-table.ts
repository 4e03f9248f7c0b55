import type { Connection } from '../../kubernetes/connection.ts';
import type { NodeView } from '../observation.ts';

/**
 * Nodes as `kubectl get nodes` asks for them: the server prints Ready and cordoned into one column, and of the object comes its
 * metadata only. A thousand whole nodes, with their images and addresses, are ten times as much.
 * kubernetes.io/docs/reference/using-api/api-concepts, Receiving resources as Tables
 */
const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1';
/** Nodes of a page. */
const PAGE = '500';

interface Table {
  readonly metadata?: { readonly continue?: string };
  readonly columnDefinitions?: readonly { readonly name: string }[];
  readonly rows?: readonly { readonly cells: readonly unknown[]; readonly object?: { readonly metadata?: Metadata } }[];
}

interface Metadata {
  readonly name: string;
  readonly uid: string;
  readonly creationTimestamp: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Every node of the cluster. Throws KubernetesError when it may not be asked for, and Error when the answer is no table. */
export async function listNodes(connection: Connection, signal: AbortSignal): Promise<NodeView[]> {
  const nodes: NodeView[] = [];
  let next: string | undefined;
  do {
    const query = { includeObject: 'Metadata', limit: PAGE, ...(next ? { continue: next } : {}) };
    const page = (await connection.request({ path: '/api/v1/nodes', query, accept: TABLE, signal })) as Table;
    nodes.push(...viewsOf(page));
    next = page.metadata?.continue;
  } while (next);
  return nodes;
}

/** Throws where the table is not one of nodes. */
export function viewsOf({ columnDefinitions = [], rows = [] }: Table): NodeView[] {
  if (rows.length === 0) return [];
  const status = columnDefinitions.findIndex(({ name }) => name === 'Status');
  return rows.map(({ cells, object }) => {
    const said = cells[status];
    if (typeof said !== 'string' || !object?.metadata) throw new Error('the answer is no table of nodes');
    return viewOf(object.metadata, said.split(','));
  });
}

function viewOf({ name, uid, creationTimestamp, labels = {} }: Metadata, said: readonly string[]): NodeView {
  const virtual = labels['type'] === 'virtual-kubelet';
  return {
    name,
    uid,
    createdAt: Date.parse(creationTimestamp),
    pool: labels['kubernetes.azure.com/agentpool'] ?? labels['agentpool'] ?? '',
    ready: said.includes('Ready'),
    schedulable: !said.includes('SchedulingDisabled'),
    quarantined: labels['kubernetes.azure.com/upgrade-status'] === 'Quarantined',
    kind: virtual ? 'Virtual' : labels['karpenter.sh/nodepool'] !== undefined ? 'AutoProvisioned' : 'Pool',
  };
}
