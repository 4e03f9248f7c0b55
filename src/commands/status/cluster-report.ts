import type { Condition } from '../../api/conditions.ts';
import type { CustomCATrust, CustomCATrustStatus } from '../../api/generated/customcatrusts.ts';
import type { TargetCluster, TargetClusterStatus } from '../../api/generated/targetclusters.ts';
import { clusterKey, parseClusterId } from '../../api/resource-id.ts';
import { awaitsReconcile, find, isJudged, verdictOnRecord, verdictOnTrust, worst, type Verdict } from './verdict.ts';

export type Pool = NonNullable<TargetClusterStatus['nodePools']>[number];
export type CertificateRow = NonNullable<CustomCATrustStatus['certificates']>[number];
export type Slot = NonNullable<TargetClusterStatus['slots']>[number];

/** One object, reduced to what a view shows. */
export interface ObjectReport {
  readonly namespace: string;
  readonly name: string;
  readonly generation: number | undefined;
  /** False until the controller has processed this generation and reconcile request: its conditions may be older. */
  readonly judged: boolean;
  /** True where only the reconcile request is not handled yet. */
  readonly awaitsReconcile: boolean;
  readonly deleting: boolean;
  readonly verdict: Verdict;
  readonly conditions: readonly Condition[];
  readonly certificates: readonly CertificateRow[];
  readonly certificatesNotShown: number;
  readonly earliestNotAfter: string | undefined;
  readonly lastAppliedTime: string | undefined;
  readonly verification: CustomCATrustStatus['verification'];
}

/** One cluster, with those of its objects that are in the scope of the request. */
export interface ClusterReport {
  readonly name: string;
  readonly resourceId: string;
  readonly verdict: Verdict;
  readonly objects: readonly ObjectReport[];
  readonly certificateSlots: TargetClusterStatus['certificateSlots'];
  readonly nodes: TargetClusterStatus['nodes'];
  readonly nodePools: readonly Pool[];
  readonly estimate: TargetClusterStatus['estimate'];
  readonly coverage: Condition | undefined;
  /** This and the following come from the record alone; undefined where it was not read, or lacks them. */
  readonly state: TargetClusterStatus['state'];
  readonly conditions: readonly Condition[];
  readonly operation: TargetClusterStatus['operation'];
  readonly pending: TargetClusterStatus['pending'];
  readonly outside: TargetClusterStatus['outside'];
  readonly lastAppliedTime: string | undefined;
  /** Every slot of the list, in order. */
  readonly slots: readonly Slot[] | undefined;
}

/**
 * Joins objects and records to one report a cluster, sorted by name.
 *
 * @param records of the clusters that the objects name; none where they may not be read
 */
export function reportOn(trusts: readonly CustomCATrust[], records: readonly TargetCluster[]): ClusterReport[] {
  const recordOf = new Map(records.map((record) => [clusterKey(record.spec.resourceId), record]));
  const trustsOf = Map.groupBy(trusts, ({ spec }) => clusterKey(spec.target.resourceId));
  const keys = new Set([...trustsOf.keys(), ...recordOf.keys()]);
  return [...keys]
    .map((key) => clusterReport(key, trustsOf.get(key) ?? [], recordOf.get(key)))
    .sort((a, b) => order(a.name, b.name) || order(a.resourceId, b.resourceId));
}

function clusterReport(key: string, trusts: readonly CustomCATrust[], record?: TargetCluster): ClusterReport {
  const objects = trusts.map(objectReport).sort((a, b) => order(a.namespace, b.namespace) || order(a.name, b.name));
  const resourceId = record?.spec.resourceId ?? trusts[0]?.spec.target.resourceId ?? key;
  const status = record?.status;
  // All objects of a cluster report the same of it; an object that was not processed yet has no status.
  const counted = status?.nodes ? status : trusts.find((trust) => trust.status?.nodes)?.status;
  const certificateSlots =
    status?.certificateSlots ?? trusts.find((trust) => trust.status?.certificateSlots)?.status?.certificateSlots;
  return {
    name: status?.clusterName ?? parseClusterId(resourceId)?.name ?? resourceId,
    resourceId,
    verdict: objects.length > 0 || !record ? worst(objects.map(({ verdict }) => verdict)) : verdictOnRecord(record),
    objects,
    certificateSlots,
    nodes: counted?.nodes,
    nodePools: counted?.nodePools ?? [],
    estimate: counted?.estimate,
    coverage: objects.map(({ conditions }) => find(conditions, 'FullyCovered')).find((one) => one !== undefined),
    state: status?.state,
    conditions: status?.conditions ?? [],
    operation: status?.operation,
    pending: status?.pending,
    outside: status?.outside,
    lastAppliedTime: status?.lastApplied?.at,
    slots: status?.slots,
  };
}

function objectReport(trust: CustomCATrust): ObjectReport {
  const { metadata, status } = trust;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    generation: metadata.generation,
    judged: isJudged(trust) && !awaitsReconcile(trust),
    awaitsReconcile: isJudged(trust) && awaitsReconcile(trust),
    deleting: metadata.deletionTimestamp !== undefined,
    verdict: verdictOnTrust(trust),
    conditions: status?.conditions ?? [],
    certificates: status?.certificates ?? [],
    certificatesNotShown: status?.certificatesNotShown ?? 0,
    earliestNotAfter: status?.earliestNotAfter,
    lastAppliedTime: status?.lastAppliedTime,
    verification: status?.verification,
  };
}

/** Compares by code units, so that the order does not depend on the locale. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
