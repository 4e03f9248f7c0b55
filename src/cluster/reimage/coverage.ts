import type { ConditionValue } from '../../api/conditions.ts';
import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';
import type { NodesObservation } from '../model/observation.ts';
import { timestamp, type RecordStatus } from '../model/record.ts';
import { isWindows } from './progress.ts';
import type { Baseline } from './baseline.ts';

/** Counts of the nodes outside of the counted node pools, as last read. */
export type Outside = NonNullable<RecordStatus['outside']>;

/**
 * Counts the nodes outside of the counted pools. Where the nodes could not be read, the earlier count stays. Karpenter replaces
 * auto-provisioned nodes later, by drift and under new names, so they are counted by when they were created.
 */
export function outsideOf(
  model: ClusterModel,
  nodes: NodesObservation,
  changedSince: Baseline | undefined,
  before: Outside | undefined,
): Outside | undefined {
  if (nodes.kind !== 'Read') return nodes.kind === 'NoAccess' ? undefined : before;
  const pools = new Set(model.pools.map(({ name }) => name));
  const provisioned = nodes.nodes.filter(({ kind }) => kind === 'AutoProvisioned');
  const baseline = changedSince?.newestNode ?? (before?.since === undefined ? undefined : Date.parse(before.since));
  const old = baseline === undefined ? 0 : provisioned.filter(({ createdAt }) => createdAt <= baseline).length;
  const outside: Outside = {
    virtualNodes: nodes.nodes.filter(({ kind }) => kind === 'Virtual').length,
    autoProvisionedNodes: provisioned.length,
    autoProvisionedLeft: old,
    otherNodes: nodes.nodes.filter(({ kind, pool }) => kind === 'Pool' && !pools.has(pool)).length,
    ...(old > 0 && baseline !== undefined ? { since: timestamp(baseline) } : {}),
  };
  return Object.values(outside).some((count) => typeof count === 'number' && count > 0) ? outside : undefined;
}

/** True while nodes must be read although no operation runs: Karpenter has yet to replace some. */
export function isDrifting(record: RecordStatus | undefined): boolean {
  return (record?.outside?.autoProvisionedLeft ?? 0) > 0;
}

/** The condition `FullyCovered`, which never affects Ready. The first gap is its reason, and its message names all gaps. */
export function coverageOf(model: ClusterModel, outside: Outside | undefined, seesNodes: boolean): ConditionValue {
  const gaps = [
    ...poolGap(model.pools.filter(isWindows), 'WindowsNodePools', 'Windows node pools do not get custom CAs'),
    ...autoProvisioned(model, outside, seesNodes),
    ...virtual(model, outside),
    ...managedSystem(model, outside),
    ...poolGap(
      model.pools.filter(({ legacyTrust }) => legacyTrust),
      'LegacyPoolSetting',
      'node pools with the setting of the retired preview, which may fail when certificates change; remove it (az aks nodepool update --disable-custom-ca-trust)',
    ),
  ];
  const [first] = gaps;
  if (!first)
    return {
      status: 'True',
      reason: 'AllNodePools',
      message: seesNodes
        ? 'Every node gets custom CAs'
        : 'Every node pool gets custom CAs. Nodes outside of node pools are counted only with spec.target.nodeAccess',
    };
  const message = gaps.map((gap) => gap.message).join('; ');
  return { status: 'False', reason: first.reason, message: message.charAt(0).toUpperCase() + message.slice(1) };
}

function autoProvisioned(model: ClusterModel, outside: Outside | undefined, seesNodes: boolean): Gap[] {
  if (outside && outside.autoProvisionedLeft > 0) {
    const message = `${outside.autoProvisionedLeft} of ${counted(outside.autoProvisionedNodes, 'auto-provisioned')} are older than the last change; Karpenter replaces them by drift, within the disruption budgets of its NodePools`;
    return [{ reason: 'AutoProvisionedNodes', message }];
  }
  if (!model.autoProvisions || seesNodes) return [];
  const message =
    'auto-provisioned nodes are replaced later, by drift, and are counted only with spec.target.nodeAccess';
  return [{ reason: 'AutoProvisionedNodes', message }];
}

function virtual(model: ClusterModel, outside: Outside | undefined): Gap[] {
  const count = outside?.virtualNodes ?? 0;
  if (count === 0 && !model.hasVirtualNodes) return [];
  const nodes = count > 0 ? `virtual nodes (${count})` : 'virtual nodes';
  return [{ reason: 'VirtualNodes', message: `${nodes} have no trust store that AKS could change` }];
}

/** Nodes of managed system pools. ARM reports that the cluster has some but lists no such pool, so they are the nodes of no listed pool. */
function managedSystem(model: ClusterModel, outside: Outside | undefined): Gap[] {
  const reason = 'ManagedSystemNodes';
  const count = outside?.otherNodes ?? 0;
  const unlisted = `${counted(count)} of no node pool that ARM lists`;
  const nodes = model.hasManagedSystemNodes
    ? `managed system nodes${count > 0 ? ` (${unlisted})` : ''}`
    : `${unlisted}, such as managed system nodes`;
  const pools = model.pools.filter((pool) => pool.managedSystem);
  return [
    ...(model.hasManagedSystemNodes || count > 0
      ? [{ reason, message: `${nodes}: AKS alone decides what they trust` }]
      : []),
    ...poolGap(pools, reason, 'node pools that AKS manages, for which AKS alone decides what they trust'),
  ];
}

interface Gap {
  readonly reason: string;
  readonly message: string;
}

/** Pools that a message spells out; a cluster may have a hundred. */
const SPELLED_OUT = 10;

function poolGap(pools: readonly PoolModel[], reason: string, message: string): Gap[] {
  if (pools.length === 0) return [];
  // ARM's order where all are spelled out, else the largest first.
  const ordered = pools.length > SPELLED_OUT ? pools.toSorted((a, b) => b.count - a.count) : pools;
  const shown = ordered.slice(0, SPELLED_OUT).map(({ name, count }) => `${name} (${counted(count)})`);
  const others = ordered.slice(SPELLED_OUT);
  const more = others.reduce((total, { count }) => total + count, 0);
  const rest = others.length > 0 ? ` and ${others.length} more (${counted(more)})` : '';
  return [{ reason: reason, message: `${message}: ${shown.join(', ')}${rest}` }];
}

function counted(count: number, kind = ''): string {
  return `${count} ${kind === '' ? '' : `${kind} `}${count === 1 ? 'node' : 'nodes'}`;
}
