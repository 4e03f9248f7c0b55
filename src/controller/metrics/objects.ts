import { Gauge, type Registry } from 'prom-client';
import type { ClusterObject } from '../../api/cluster-object.ts';
import type { Condition } from '../../api/conditions.ts';
import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import { exposeRotations, rotationSeriesOf, type RotationSeries } from './rotations.ts';
import { blockedPools, nodesByState, NODE_STATES, slotsByState, SLOT_STATES } from './records.ts';

/** When series that name objects and clusters are exposed. `auto`: while there are at most {@link AUTO_LIMIT} of them. */
export type PerObject = 'auto' | 'always' | 'never';

/** Most objects, and most clusters, for which `auto` exposes series. */
const AUTO_LIMIT = 2000;

/** The series of one object of any kind, without the object: a cache keeps that at a fraction of its size. */
interface ReadySeries {
  readonly object: Readonly<Record<'namespace' | 'name' | 'target_cluster', string>>;
  readonly kind: string;
  readonly reason: string;
  readonly isReady: 0 | 1;
  readonly isStalled: 0 | 1;
}

interface TrustSeries extends ReadySeries {
  readonly expiries: readonly Expiry[];
}

/** When one certificate expires, or the first one of an object, in seconds since the epoch. */
interface Expiry {
  readonly fingerprint?: string;
  readonly at: number;
}

/** The series of one record. */
interface RecordSeries {
  readonly labels: Readonly<Record<'target_cluster' | 'record', string>>;
  readonly slots: readonly number[];
  readonly nodes: readonly number[];
  readonly blockedPools: number;
  /** When the change that is under way was recorded, in seconds since the epoch. */
  readonly changeSince: number | undefined;
}

export interface ObjectMetrics {
  /** Takes an object in its present state, by `namespace/name`; undefined once it is deleted. */
  readonly trust: (key: string, object: CustomCATrust | undefined) => void;
  readonly rotation: (key: string, object: CertificateRotation | undefined) => void;
  /** Takes a record in its present state, by name; undefined once it is deleted. */
  readonly record: (name: string, record: TargetCluster | undefined) => void;
}

export interface ObjectMetricsOptions {
  readonly perObject: PerObject;
  /** One series per certificate, with its fingerprint, instead of one per object: up to 64 times as many. */
  readonly perCertificate?: boolean;
}

/** Exposes series that name objects and clusters, so that an alert can name them. */
export function exposeObjects(registry: Registry, options: ObjectMetricsOptions): ObjectMetrics {
  const { perObject, perCertificate = false } = options;
  const registers = [registry];
  const objectLabels = ['namespace', 'name', 'target_cluster'];
  const labels = [...objectLabels, 'kind', 'reason'];
  const clusterLabels = ['target_cluster', 'record'];
  const ready = new Gauge({
    name: 'aks_ca_trust_object_ready',
    help: '1 for an object that is Ready, else 0, with its kind and the reason of its Ready condition; the reason NotReported stands for an object without a status.',
    labelNames: labels,
    registers,
  });
  const stalled = new Gauge({
    name: 'aks_ca_trust_object_stalled',
    help: '1 for an object that is Stalled (a person has to act), else 0.',
    labelNames: labels,
    registers,
  });
  const expiry = new Gauge({
    name: 'aks_ca_trust_certificate_not_after_timestamp_seconds',
    help: perCertificate
      ? 'When a certificate of a CustomCATrust object expires.'
      : 'When the first certificate of a CustomCATrust object expires.',
    labelNames: [...objectLabels, ...(perCertificate ? ['fingerprint_sha256'] : [])],
    registers,
  });
  const slots = new Gauge({
    name: 'aks_ca_trust_cluster_certificate_slots',
    help: 'Slots of the certificate list of one cluster, by state.',
    labelNames: [...clusterLabels, 'state'],
    registers,
  });
  const nodes = new Gauge({
    name: 'aks_ca_trust_cluster_nodes',
    help: 'Nodes of one cluster, as last counted, by state.',
    labelNames: [...clusterLabels, 'state'],
    registers,
  });

  const blocked = new Gauge({
    name: 'aks_ca_trust_cluster_node_pools_blocked',
    help: 'Node pools of one cluster in which the replacement of a node is blocked.',
    labelNames: clusterLabels,
    registers,
  });
  const changeSince = new Gauge({
    name: 'aks_ca_trust_cluster_change_started_timestamp_seconds',
    help: 'When the change of one cluster that is under way was recorded; no series without one.',
    labelNames: clusterLabels,
    registers,
  });

  const certificateLabels = ({ object }: TrustSeries, { fingerprint }: Expiry) =>
    fingerprint === undefined ? object : { ...object, fingerprint_sha256: fingerprint };
  const showReady = ({ object, kind, reason, isReady, isStalled }: ReadySeries) => {
    const values = { ...object, kind, reason };
    ready.set(values, isReady);
    stalled.set(values, isStalled);
  };
  const hideReady = ({ object, kind, reason }: ReadySeries) => {
    const values = { ...object, kind, reason };
    ready.remove(values);
    stalled.remove(values);
  };
  const trusts = exposeUpTo<TrustSeries>(perObject, {
    show(series) {
      showReady(series);
      for (const one of series.expiries) expiry.set(certificateLabels(series, one), one.at);
    },
    hide(series) {
      hideReady(series);
      for (const one of series.expiries) expiry.remove(certificateLabels(series, one));
    },
  });
  const ofRotations = exposeRotations(registry);
  const rotations = exposeUpTo<ReadySeries & RotationSeries>(perObject, {
    show(series) {
      showReady(series);
      ofRotations.show(series);
    },
    hide(series) {
      hideReady(series);
      ofRotations.hide(series);
    },
  });
  const records = exposeUpTo<RecordSeries>(perObject, {
    show({ labels: values, ...counts }) {
      counts.slots.forEach((count, index) => slots.set({ ...values, state: SLOT_STATES[index]! }, count));
      counts.nodes.forEach((count, index) => nodes.set({ ...values, state: NODE_STATES[index]! }, count));
      blocked.set(values, counts.blockedPools);
      if (counts.changeSince !== undefined) changeSince.set(values, counts.changeSince);
    },
    hide({ labels: values }) {
      for (const state of SLOT_STATES) slots.remove({ ...values, state });
      for (const state of NODE_STATES) nodes.remove({ ...values, state });
      blocked.remove(values);
      changeSince.remove(values);
    },
  });
  return {
    trust: (key, object) => trusts(key, object && seriesOf(object, perCertificate)),
    rotation: (key, object) => rotations(key, object && seriesOfRotation(object)),
    record: (name, record) => records(name, record && recordSeriesOf(record)),
  };
}

function seriesOf(object: CustomCATrust, perCertificate: boolean): TrustSeries {
  const { status } = object;
  return { ...readySeriesOf(object, status), expiries: perCertificate ? expiriesOf(status) : firstExpiryOf(status) };
}

function seriesOfRotation(object: CertificateRotation): ReadySeries & RotationSeries {
  const ofObject = readySeriesOf(object, object.status);
  return { ...ofObject, ...rotationSeriesOf(object, ofObject.object) };
}

function readySeriesOf(
  { kind, metadata, spec }: ClusterObject,
  status: { readonly cluster?: { readonly name: string }; readonly conditions?: readonly Condition[] } | undefined,
): ReadySeries {
  const condition = (type: string) => status?.conditions?.find((one) => one.type === type);
  return {
    object: {
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      target_cluster: status?.cluster?.name ?? spec.target.resourceId.split('/').at(-1) ?? '',
    },
    kind,
    reason: condition('Ready')?.reason ?? 'NotReported',
    isReady: condition('Ready')?.status === 'True' ? 1 : 0,
    isStalled: condition('Stalled')?.status === 'True' ? 1 : 0,
  };
}

function firstExpiryOf(status: CustomCATrust['status']): Expiry[] {
  const earliest = status?.earliestNotAfter;
  return earliest === undefined ? [] : [{ at: Date.parse(earliest) / 1000 }];
}

function expiriesOf(status: CustomCATrust['status']): Expiry[] {
  return (status?.certificates ?? []).flatMap(({ fingerprintSHA256: fingerprint, notAfter }) =>
    fingerprint === undefined || notAfter === undefined ? [] : [{ fingerprint, at: Date.parse(notAfter) / 1000 }],
  );
}

function recordSeriesOf(record: TargetCluster): RecordSeries {
  const { metadata, status, spec } = record;
  const startedAt = status?.operation?.startedAt;
  return {
    labels: {
      target_cluster: status?.clusterName ?? spec.resourceId.split('/').at(-1) ?? '',
      record: metadata.name,
    },
    slots: slotsByState(record),
    nodes: nodesByState(record),
    blockedPools: blockedPools(record),
    changeSince: startedAt === undefined ? undefined : Date.parse(startedAt) / 1000,
  };
}

interface Exposure<T> {
  readonly show: (item: T) => void;
  readonly hide: (item: T) => void;
}

/** Shows each item in its present state; with `auto`, no item while there are too many. */
function exposeUpTo<T>(perObject: PerObject, { show, hide }: Exposure<T>): (key: string, item: T | undefined) => void {
  if (perObject === 'never') return () => {};
  const known = new Map<string, T>();
  const limit = perObject === 'always' ? Infinity : AUTO_LIMIT;
  return (key, item) => {
    const before = known.get(key);
    const shown = known.size <= limit;
    if (item === undefined) known.delete(key);
    else known.set(key, item);
    const shows = known.size <= limit;
    if (before !== undefined && shown) hide(before);
    if (shown && !shows) for (const [other, one] of known) if (other !== key) hide(one);
    if (!shown && shows) for (const one of known.values()) show(one);
    else if (shows && item !== undefined) show(item);
  };
}
