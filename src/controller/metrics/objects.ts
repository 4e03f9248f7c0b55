import { Gauge, type Registry } from 'prom-client';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../api/generated/targetclusters.ts';
import { nodesByState, NODE_STATES, slotsByState, SLOT_STATES } from './records.ts';

/** When series that name objects and clusters are exposed. `auto`: while there are at most {@link AUTO_LIMIT} of them. */
export type PerObject = 'auto' | 'always' | 'never';

/** Most objects, and most clusters, for which `auto` exposes series. */
const AUTO_LIMIT = 2000;

/** The series of one object, without the object: a cache keeps that at a fraction of its size. */
interface TrustSeries {
  readonly labels: Readonly<Record<'namespace' | 'name' | 'cluster' | 'reason', string>>;
  readonly isReady: 0 | 1;
  readonly isStalled: 0 | 1;
}

/** The series of one record. */
interface RecordSeries {
  readonly labels: Readonly<Record<'cluster' | 'record', string>>;
  readonly slots: readonly number[];
  readonly nodes: readonly number[];
}

export interface ObjectMetrics {
  /** Takes an object in its present state, by `namespace/name`; undefined once it is deleted. */
  readonly trust: (key: string, object: CustomCATrust | undefined) => void;
  /** Takes a record in its present state, by name; undefined once it is deleted. */
  readonly record: (name: string, record: TargetCluster | undefined) => void;
}

/** Exposes series that name objects and clusters, so that an alert can name them. */
export function exposeObjects(registry: Registry, perObject: PerObject): ObjectMetrics {
  const registers = [registry];
  const labels = ['namespace', 'name', 'cluster', 'reason'];
  const ready = new Gauge({
    name: 'aks_ca_trust_object_ready',
    help: '1 for a CustomCATrust object that is Ready, else 0, with the reason of its Ready condition.',
    labelNames: labels,
    registers,
  });
  const stalled = new Gauge({
    name: 'aks_ca_trust_object_stalled',
    help: '1 for a CustomCATrust object that is Stalled (a person has to act), else 0.',
    labelNames: labels,
    registers,
  });
  const slots = new Gauge({
    name: 'aks_ca_trust_cluster_certificate_slots',
    help: 'Slots of the certificate list of one cluster, by state.',
    labelNames: ['cluster', 'record', 'state'],
    registers,
  });
  const nodes = new Gauge({
    name: 'aks_ca_trust_cluster_nodes',
    help: 'Nodes of one cluster, as last counted, by state.',
    labelNames: ['cluster', 'record', 'state'],
    registers,
  });

  const trusts = exposeUpTo<TrustSeries>(perObject, {
    show({ labels: values, isReady, isStalled }) {
      ready.set(values, isReady);
      stalled.set(values, isStalled);
    },
    hide({ labels: values }) {
      ready.remove(values);
      stalled.remove(values);
    },
  });
  const records = exposeUpTo<RecordSeries>(perObject, {
    show({ labels: values, ...counts }) {
      counts.slots.forEach((count, index) => slots.set({ ...values, state: SLOT_STATES[index]! }, count));
      counts.nodes.forEach((count, index) => nodes.set({ ...values, state: NODE_STATES[index]! }, count));
    },
    hide({ labels: values }) {
      for (const state of SLOT_STATES) slots.remove({ ...values, state });
      for (const state of NODE_STATES) nodes.remove({ ...values, state });
    },
  });
  return {
    trust: (key, object) => trusts(key, object && seriesOf(object)),
    record: (name, record) => records(name, record && recordSeriesOf(record)),
  };
}

function seriesOf({ metadata, spec, status }: CustomCATrust): TrustSeries {
  const condition = (type: string) => status?.conditions?.find((one) => one.type === type);
  return {
    labels: {
      namespace: metadata.namespace ?? '',
      name: metadata.name,
      cluster: status?.cluster?.name ?? spec.target.resourceId.split('/').at(-1) ?? '',
      reason: condition('Ready')?.reason ?? 'NotReported',
    },
    isReady: condition('Ready')?.status === 'True' ? 1 : 0,
    isStalled: condition('Stalled')?.status === 'True' ? 1 : 0,
  };
}

function recordSeriesOf(record: TargetCluster): RecordSeries {
  const labels = { cluster: record.status?.clusterName ?? '', record: record.metadata.name };
  return { labels, slots: slotsByState(record), nodes: nodesByState(record) };
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
