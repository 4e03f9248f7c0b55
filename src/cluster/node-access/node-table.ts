import type { Connection } from '../../kubernetes/client/connection.ts';
import type { NodeView } from '../model/observation.ts';
import { listCollection, type Collection } from '../../kubernetes/untrusted/collection.ts';
import { readMetadata } from '../../kubernetes/untrusted/metadata.ts';
import { createTableReader, TABLE, type Row } from '../../kubernetes/untrusted/table.ts';

/** AKS allows 5,000 nodes to a cluster (learn.microsoft.com/azure/aks/quotas-skus-regions). */
const NODE_LIMIT = 10_000;

/** Every node of the cluster, as `kubectl get nodes` has them. */
export const NODES: Collection<NodeView> = {
  path: '/api/v1/nodes',
  ...TABLE,
  noun: 'nodes',
  limit: NODE_LIMIT,
  reader() {
    const rowsOf = createTableReader(['Status']);
    return function* (body) {
      for (const row of rowsOf(body)) {
        const value = viewOf(row);
        yield { name: value.name, value };
      }
    };
  },
};

/** Lists the nodes now. Throws as {@link listCollection}. */
export async function listNodes(connection: Connection, signal: AbortSignal): Promise<NodeView[]> {
  const { objects } = await listCollection(connection, NODES, signal);
  return [...objects.values()];
}

/** The column `Status` combines Ready and cordoned: `Ready,SchedulingDisabled`. */
function viewOf({ cells: [status], metadata }: Row): NodeView {
  const { name, uid, createdAt, label } = readMetadata(metadata);
  if (typeof status !== 'string') throw new Error(`node ${name} has no text in the column Status`);
  const states = status.slice(0, 1024).split(',');
  const resourceGroup = label('kubernetes.azure.com/cluster');
  const osSku = label('kubernetes.azure.com/os-sku');
  const nodePool = label('karpenter.sh/nodepool');
  const virtual = label('type') === 'virtual-kubelet';
  return {
    name,
    uid,
    createdAt,
    pool: label('kubernetes.azure.com/agentpool') ?? label('agentpool') ?? '',
    ...(resourceGroup === undefined ? {} : { resourceGroup }),
    ...(osSku === undefined ? {} : { osSku }),
    ...(nodePool === undefined ? {} : { nodePool }),
    ready: states.includes('Ready'),
    schedulable: !states.includes('SchedulingDisabled'),
    quarantined: label('kubernetes.azure.com/upgrade-status') === 'Quarantined',
    kind: virtual ? 'Virtual' : nodePool !== undefined ? 'AutoProvisioned' : 'Pool',
  };
}
