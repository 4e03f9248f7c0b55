import type { Connection } from '../../kubernetes/connection.ts';
import type { NodeView } from '../observation.ts';
import { listRows, type Row } from './table.ts';

/** Every node of the cluster. Throws KubernetesError when it may not be asked for, and Error when the answer is no table. */
export async function listNodes(connection: Connection, signal: AbortSignal): Promise<NodeView[]> {
  return listRows(connection, '/api/v1/nodes', ['Status'], {}, viewOf, signal);
}

/** `Status` is the column that says Ready and cordoned in one: `Ready,SchedulingDisabled`. */
function viewOf({ cells, metadata: { name, uid, creationTimestamp, labels = {} } }: Row): NodeView {
  const said = String(cells[0]).split(',');
  const virtual = labels['type'] === 'virtual-kubelet';
  const resourceGroup = labels['kubernetes.azure.com/cluster'];
  const osSku = labels['kubernetes.azure.com/os-sku'];
  return {
    name,
    uid,
    createdAt: Date.parse(creationTimestamp),
    pool: labels['kubernetes.azure.com/agentpool'] ?? labels['agentpool'] ?? '',
    ...(resourceGroup === undefined ? {} : { resourceGroup }),
    ...(osSku === undefined ? {} : { osSku }),
    ready: said.includes('Ready'),
    schedulable: !said.includes('SchedulingDisabled'),
    quarantined: labels['kubernetes.azure.com/upgrade-status'] === 'Quarantined',
    kind: virtual ? 'Virtual' : labels['karpenter.sh/nodepool'] !== undefined ? 'AutoProvisioned' : 'Pool',
  };
}
