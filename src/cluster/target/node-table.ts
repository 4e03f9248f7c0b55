import type { Connection } from '../../kubernetes/connection.ts';
import type { NodeView } from '../observation.ts';
import { listCollection, type Collection } from './collection.ts';
import { createTableReader, TABLE, type Row, type Table } from './table.ts';

/** Every node of the cluster, as `kubectl get nodes` has them. */
export const NODES: Collection<NodeView> = {
  path: '/api/v1/nodes',
  ...TABLE,
  reader() {
    const rowsOf = createTableReader(['Status']);
    return (body) => Array.from(rowsOf(body as Table), (row) => ({ name: row.metadata.name, value: viewOf(row) }));
  },
};

/** As they are now. Throws as {@link listCollection}. */
export async function listNodes(connection: Connection, signal: AbortSignal): Promise<NodeView[]> {
  const { objects } = await listCollection(connection, NODES, signal);
  return [...objects.values()];
}

/** `Status` is the column that says Ready and cordoned in one: `Ready,SchedulingDisabled`. */
function viewOf({ cells, metadata: { name, uid, creationTimestamp, labels = {} } }: Row): NodeView {
  const said = String(cells[0]).split(',');
  const virtual = labels['type'] === 'virtual-kubelet';
  const resourceGroup = labels['kubernetes.azure.com/cluster'];
  const osSku = labels['kubernetes.azure.com/os-sku'];
  const nodePool = labels['karpenter.sh/nodepool'];
  return {
    name,
    uid,
    createdAt: Date.parse(creationTimestamp),
    pool: labels['kubernetes.azure.com/agentpool'] ?? labels['agentpool'] ?? '',
    ...(resourceGroup === undefined ? {} : { resourceGroup }),
    ...(osSku === undefined ? {} : { osSku }),
    ...(nodePool === undefined ? {} : { nodePool }),
    ready: said.includes('Ready'),
    schedulable: !said.includes('SchedulingDisabled'),
    quarantined: labels['kubernetes.azure.com/upgrade-status'] === 'Quarantined',
    kind: virtual ? 'Virtual' : nodePool !== undefined ? 'AutoProvisioned' : 'Pool',
  };
}
