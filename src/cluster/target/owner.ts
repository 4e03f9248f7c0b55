import type { ClusterModel } from '../../azure/cluster-model.ts';
import type { NodesObservation } from '../observation.ts';

/**
 * Nodes of another cluster say nothing of this one, however its pools are called: AKS labels each node with the resource group
 * that its machines are in (learn.microsoft.com/azure/aks/use-labels). Machines of managed system nodes are AKS' own, and may be all
 * that there are.
 */
export function nodesOf(
  {
    name,
    nodeResourceGroup,
    hasManagedSystemNodes,
  }: Pick<ClusterModel, 'name' | 'nodeResourceGroup' | 'hasManagedSystemNodes'>,
  nodes: NodesObservation,
): NodesObservation {
  if (nodes.kind !== 'Read' || nodeResourceGroup === undefined || hasManagedSystemNodes) return nodes;
  const groups = new Set(nodes.nodes.flatMap(({ resourceGroup }) => resourceGroup ?? []));
  const own = nodeResourceGroup.toLowerCase();
  if (groups.size === 0 || [...groups].some((group) => group.toLowerCase() === own)) return nodes;
  const others = [...groups].sort().slice(0, 3).join(', ');
  return {
    kind: 'Unreadable',
    message: `the nodes that are seen are another cluster's (machines in ${others}), those of ${name} are in ${nodeResourceGroup}; mend spec.target.nodeAccess`,
  };
}
