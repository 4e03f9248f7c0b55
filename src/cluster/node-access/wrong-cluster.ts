import { escapeForDisplay } from '../../api/display.ts';
import { foldCase } from '../../api/fold-case.ts';
import { spelledOut } from '../../api/spelled-out.ts';
import type { ClusterModel } from '../../azure/cluster-model.ts';
import type { NodesObservation, NodeView } from '../model/observation.ts';

/** The cluster whose nodes are expected, as ARM reports it. */
export interface Owner extends Pick<ClusterModel, 'name' | 'nodeResourceGroup' | 'hasManagedSystemNodes'> {
  readonly subscriptionId: string;
  readonly pools?: ClusterModel['pools'];
}

/** The location of a node's machine, from its `spec.providerID`. `None`: the providerID is empty. */
export type Machine =
  | { readonly kind: 'Azure'; readonly subscriptionId: string; readonly resourceGroup: string }
  | { readonly kind: 'Other'; readonly providerId: string }
  | { readonly kind: 'None' };

type ReadNodes = Extract<NodesObservation, { kind: 'Read' }>;

/**
 * The nodes whose `spec.providerID` decides which cluster the nodes belong to: one for each resource group that labels name, a few at
 * most. None where a label shows that they are this cluster's, and none where the cluster's resource group is unknown.
 *
 * AKS labels each node with the resource group that its machines are in (learn.microsoft.com/azure/aks/use-labels). The label is
 * not the name of the group, and pools of two clusters may be called the same.
 */
export function witnessesOf(owner: Owner, { nodes }: Pick<ReadNodes, 'nodes'>): NodeView[] {
  const { nodeResourceGroup } = owner;
  if (nodeResourceGroup === undefined) return [];
  const labels = labelsOf(nodeResourceGroup);
  const machines = nodes.filter(({ kind }) => kind !== 'Virtual');
  if (machines.some(({ resourceGroup }) => resourceGroup !== undefined && labels.has(folded(resourceGroup)))) return [];
  return [...Map.groupBy(machines, ({ resourceGroup = '' }) => resourceGroup).values()]
    .flatMap(([first]) => first ?? [])
    .slice(0, WITNESSES);
}

const WITNESSES = 3;

/**
 * The nodes, or Unreadable where they belong to another cluster.
 *
 * @param machines of the witnesses, in the same order
 */
export function nodesOf(
  owner: Owner,
  nodes: ReadNodes,
  witnesses: readonly NodeView[],
  machines: readonly Machine[],
): NodesObservation {
  const { name, nodeResourceGroup, subscriptionId } = owner;
  if (nodeResourceGroup === undefined || witnesses.length === 0) return nodes;
  const isOwn = (machine: Machine) =>
    machine.kind === 'Azure' &&
    folded(machine.resourceGroup) === folded(nodeResourceGroup) &&
    folded(machine.subscriptionId) === folded(subscriptionId);
  if (machines.some(isOwn)) return nodes;
  const others = new Set(witnesses.flatMap((node, index) => whereShown(machines[index], node, subscriptionId)));
  // Nodes without such a label and without a machine of Azure may be the cluster's.
  if (others.size === 0 || runsForeignMachinesOnly(owner)) return nodes;
  const own = `resource group ${escapeForDisplay(nodeResourceGroup, GROUP_SHOWN)}`;
  return {
    kind: 'Unreadable',
    message: `The nodes that were read belong to another cluster: their machines are in ${spelledOut([...others], WITNESSES)}, and the machines of ${escapeForDisplay(name)} are in ${own}. Correct spec.target.nodeAccess`,
  };
}

/** Names of resource groups have 90 characters at most. */
const GROUP_SHOWN = 100;

/** True for a cluster with only managed system nodes. AKS keeps their machines in resource groups of its own, and none is counted. */
function runsForeignMachinesOnly({ hasManagedSystemNodes, pools = [] }: Owner): boolean {
  return (
    hasManagedSystemNodes === true && !pools.some(({ managedSystem, count }) => managedSystem !== true && count > 0)
  );
}

/** The location of a machine for a message, from its providerID, else from the label of its node; empty where neither has it. */
function whereShown(machine: Machine | undefined, { resourceGroup }: NodeView, ownSubscription: string): string[] {
  if (machine?.kind === 'Other') return [`"${escapeForDisplay(machine.providerId, GROUP_SHOWN)}"`];
  const group = machine?.kind === 'Azure' ? machine.resourceGroup : resourceGroup;
  if (group === undefined) return [];
  const where = `resource group ${escapeForDisplay(group, GROUP_SHOWN)}`;
  if (machine?.kind !== 'Azure' || folded(machine.subscriptionId) === folded(ownSubscription)) return [where];
  return [`${where} of subscription ${escapeForDisplay(machine.subscriptionId, GROUP_SHOWN)}`];
}

/** Folds case as ARM does, in one form of Unicode. */
function folded(name: string): string {
  return foldCase(name.normalize('NFC'));
}

/** Characters of a label's value. */
const LABEL_LENGTH = 63;

/**
 * The values that AKS may derive from the name of a node resource group for the label `kubernetes.azure.com/cluster`, in lower case:
 * parentheses become hyphens, it is cut at 63, and a value must not end in `-`, `_` or `.`. AgentBaker cuts bytes
 * (Azure/AgentBaker, normalizeResourceGroupNameForLabel; Azure/karpenter-provider-azure has the same), the ARM template before it
 * characters.
 */
export function labelsOf(nodeResourceGroup: string): ReadonlySet<string> {
  const plain = nodeResourceGroup.replaceAll(/[()]/g, '-');
  const bytes = Buffer.from(plain).subarray(0, LABEL_LENGTH).toString();
  return new Set([plain.slice(0, LABEL_LENGTH), bytes].map((text) => folded(ended(text))));
}

function ended(label: string): string {
  if (!/[-_.]$/.test(label)) return label;
  return label.length >= LABEL_LENGTH ? `${label.slice(0, -1)}z` : `${label}z`;
}
