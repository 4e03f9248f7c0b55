import type { Condition } from '../../api/conditions.ts';
import type { CustomCATrust, CustomCATrustStatus } from '../../api/generated/customcatrusts.ts';
import type { TargetCluster, TargetClusterStatus } from '../../api/generated/targetclusters.ts';
import { clusterKey, parseClusterId } from '../../api/resource-id.ts';
import { find, isJudged, verdictOnRecord, verdictOnTrust, worst, type Verdict } from './verdict.ts';

export type Pool = NonNullable<TargetClusterStatus['nodePools']>[number];
export type CertificateRow = NonNullable<CustomCATrustStatus['certificates']>[number];
export type Place = NonNullable<TargetClusterStatus['slots']>[number];

/** One object as it concerns a person. */
export interface ObjectReport {
  readonly namespace: string;
  readonly name: string;
  readonly generation: number | undefined;
  /** False until the controller has looked at this generation: what the conditions say is of an older one. */
  readonly judged: boolean;
  readonly deleting: boolean;
  readonly verdict: Verdict;
  readonly conditions: readonly Condition[];
  readonly certificates: readonly CertificateRow[];
  readonly certificatesNotShown: number;
  readonly earliestNotAfter: string | undefined;
  readonly lastAppliedTime: string | undefined;
  readonly verification: CustomCATrustStatus['verification'];
}

/** One cluster, and the objects that name it as far as they were asked for. */
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
  /** From here on what only the record says; undefined where it was not read, or has none. */
  readonly state: TargetClusterStatus['state'];
  readonly conditions: readonly Condition[];
  readonly operation: TargetClusterStatus['operation'];
  readonly pending: TargetClusterStatus['pending'];
  readonly outside: TargetClusterStatus['outside'];
  readonly lastAppliedTime: string | undefined;
  readonly places: readonly Place[] | undefined;
}

/**
 * Puts objects and records together, one report a cluster, by name.
 *
 * @param records those of the clusters that the objects name, as far as they may be read
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
  const said = record?.status;
  // Each of them says the same of the cluster; one that was not looked at yet says nothing.
  const counted = said?.nodes ? said : trusts.find(({ status }) => status?.nodes)?.status;
  const slots =
    said?.certificateSlots ?? trusts.find(({ status }) => status?.certificateSlots)?.status?.certificateSlots;
  return {
    name: said?.clusterName ?? parseClusterId(resourceId)?.name ?? resourceId,
    resourceId,
    verdict: objects.length > 0 || !record ? worst(objects.map(({ verdict }) => verdict)) : verdictOnRecord(record),
    objects,
    certificateSlots: slots,
    nodes: counted?.nodes,
    nodePools: counted?.nodePools ?? [],
    estimate: counted?.estimate,
    coverage: objects.map(({ conditions }) => find(conditions, 'FullyCovered')).find((one) => one !== undefined),
    state: said?.state,
    conditions: said?.conditions ?? [],
    operation: said?.operation,
    pending: said?.pending,
    outside: said?.outside,
    lastAppliedTime: said?.lastAppliedTime,
    places: said?.slots,
  };
}

function objectReport(trust: CustomCATrust): ObjectReport {
  const { metadata, status } = trust;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    generation: metadata.generation,
    judged: isJudged(trust),
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

/** By code units, so that the order is the same everywhere. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
