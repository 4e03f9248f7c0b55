import type { NodeIdentity } from './node-registry.ts';

type OfMachine = Pick<NodeIdentity, 'name' | 'kind' | 'osType' | 'nodeResourceGroup'>;

/** The id of a node's virtual machine: of a scale set's instance, or of a single one. */
export function machineIdOf({ name, kind, osType, nodeResourceGroup }: OfMachine, subscriptionId: string): string {
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${nodeResourceGroup}/providers/Microsoft.Compute`;
  if (kind !== 'pool') return `${group}/virtualMachines/${name}`;
  const scaleSet = osType === 'Windows' ? name.slice(0, -6) : name.slice(0, name.lastIndexOf('vmss') + 4);
  return `${group}/virtualMachineScaleSets/${scaleSet}/virtualMachines/${Number.parseInt(name.slice(-6), 36)}`;
}

/** `spec.providerID` as Azure's cloud provider sets it: with the group in lower case (kubernetes-sigs/cloud-provider-azure). */
export function providerIdOf(node: OfMachine, subscriptionId: string): string {
  return `azure://${machineIdOf({ ...node, nodeResourceGroup: node.nodeResourceGroup.toLowerCase() }, subscriptionId)}`;
}
