import type { Condition } from '../../api/conditions.ts';
import type { CustomCATrust, CustomCATrustStatus } from '../../api/generated/customcatrusts.ts';
import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import type { TargetCluster, TargetClusterStatus } from '../../api/generated/targetclusters.ts';
import { clusterKey, parseClusterId } from '../../api/resource-id.ts';
import { rotationReport, type RotationReport } from './rotation-report.ts';
import { standingReport, type StandingReport } from './standing-report.ts';
import { find, verdictOnRecord, worst, type Verdict } from './verdict.ts';

export type Pool = NonNullable<TargetClusterStatus['nodePools']>[number];
export type CertificateRow = NonNullable<CustomCATrustStatus['certificates']>[number];
export type Slot = NonNullable<TargetClusterStatus['slots']>[number];

/** One CustomCATrust object, reduced to what a view shows. */
export interface ObjectReport extends StandingReport {
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
  readonly rotations: readonly RotationReport[];
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

/** What was read of the objects, and the records of their clusters; none where they may not be read. */
export interface ReportInput {
  readonly trusts: readonly CustomCATrust[];
  readonly rotations?: readonly CertificateRotation[];
  readonly records: readonly TargetCluster[];
}

/** Joins objects and records to one report a cluster, sorted by name. */
export function reportOn({ trusts, rotations = [], records }: ReportInput): ClusterReport[] {
  const recordOf = new Map(records.map((record) => [clusterKey(record.spec.resourceId), record]));
  const trustsOf = Map.groupBy(trusts, ({ spec }) => clusterKey(spec.target.resourceId));
  const rotationsOf = Map.groupBy(rotations, ({ spec }) => clusterKey(spec.target.resourceId));
  const keys = new Set([...trustsOf.keys(), ...rotationsOf.keys(), ...recordOf.keys()]);
  return [...keys]
    .map((key) => clusterReport(key, trustsOf.get(key) ?? [], rotationsOf.get(key) ?? [], recordOf.get(key)))
    .sort((a, b) => order(a.name, b.name) || order(a.resourceId, b.resourceId));
}

function clusterReport(
  key: string,
  trusts: readonly CustomCATrust[],
  ofCertificates: readonly CertificateRotation[],
  record?: TargetCluster,
): ClusterReport {
  const objects = trusts.map(objectReport).sort(byName);
  const rotations = ofCertificates.map(rotationReport).sort(byName);
  const verdicts = [...objects, ...rotations].map(({ verdict }) => verdict);
  const resourceId = record?.spec.resourceId ?? [...trusts, ...ofCertificates][0]?.spec.target.resourceId ?? key;
  const status = record?.status;
  // All objects of a cluster report the same of it; an object that was not processed yet has no status.
  const counted = status?.nodes ? status : trusts.find((trust) => trust.status?.nodes)?.status;
  const certificateSlots =
    status?.certificateSlots ?? trusts.find((trust) => trust.status?.certificateSlots)?.status?.certificateSlots;
  return {
    name: status?.clusterName ?? parseClusterId(resourceId)?.name ?? resourceId,
    resourceId,
    verdict: verdicts.length > 0 || !record ? worst(verdicts) : verdictOnRecord(record),
    objects,
    rotations,
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
  const { status } = trust;
  return {
    ...standingReport(trust),
    certificates: status?.certificates ?? [],
    certificatesNotShown: status?.certificatesNotShown ?? 0,
    earliestNotAfter: status?.earliestNotAfter,
    lastAppliedTime: status?.lastAppliedTime,
    verification: status?.verification,
  };
}

/** By namespace and name. */
function byName(a: StandingReport, b: StandingReport): number {
  return order(a.namespace, b.namespace) || order(a.name, b.name);
}

/** Compares by code units, so that the order does not depend on the locale. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
