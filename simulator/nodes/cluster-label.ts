const LONGEST_LABEL = 63;

/**
 * The value of the label `kubernetes.azure.com/cluster`: the node resource group made fit for a label, as AgentBaker does
 * (Azure/AgentBaker, normalizeResourceGroupNameForLabel). Letters beyond ASCII, which it leaves and an API server refuses, are `x` here.
 */
export function clusterLabel(nodeResourceGroup: string): string {
  const cut = nodeResourceGroup
    .replace(/[()]/g, '-')
    .replace(/[^\w.-]/gu, 'x')
    .slice(0, LONGEST_LABEL);
  if (!/[-_.]$/.test(cut)) return cut;
  return `${cut.length === LONGEST_LABEL ? cut.slice(0, -1) : cut}z`;
}
