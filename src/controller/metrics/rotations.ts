import { Gauge, type Registry } from 'prom-client';
import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';

const OBJECT_LABELS = ['namespace', 'name', 'target_cluster'] as const;
type ObjectLabels = Readonly<Record<(typeof OBJECT_LABELS)[number], string>>;

/** The series of one CertificateRotation object, without the object. */
export interface RotationSeries {
  readonly rows: readonly RowSeries[];
  readonly pools: readonly { readonly labels: ObjectLabels & { readonly pool: string; readonly state: string } }[];
  /** Undefined where no rotation is planned. */
  readonly next: NextSeries | undefined;
}

interface NextSeries {
  readonly labels: ObjectLabels & { readonly reason: string };
  /** In seconds since the epoch. */
  readonly at: number;
}

interface RowSeries {
  readonly labels: ObjectLabels & { readonly certificate: string; readonly pool: string };
  readonly health: string;
  /** In seconds since the epoch. */
  readonly notAfter: number | undefined;
  /** From 0 to 1. */
  readonly lifeUsed: number | undefined;
}

/** Exposes one series for each row of an object: one a certificate, for kubelets one a node pool, never one a node. */
export function exposeRotations(registry: Registry): {
  readonly show: (series: RotationSeries) => void;
  readonly hide: (series: RotationSeries) => void;
} {
  const registers = [registry];
  const rowLabels = [...OBJECT_LABELS, 'certificate', 'pool'];
  const expiry = new Gauge({
    name: 'aks_ca_trust_cluster_certificate_not_after_timestamp_seconds',
    help: "When a certificate of the cluster's own expires; of the certificates of kubelets, the first one of the node pool. One that another authority signed has no series.",
    labelNames: rowLabels,
    registers,
  });
  const lifeUsed = new Gauge({
    name: 'aks_ca_trust_cluster_certificate_life_used_ratio',
    help: 'The part of its validity that was over when its status was written last, from 0 to 1.',
    labelNames: rowLabels,
    registers,
  });
  const health = new Gauge({
    name: 'aks_ca_trust_cluster_certificate_health',
    help: '1 for the present health of a certificate of the cluster: Healthy, Expiring, Expired, Late, Intercepted or Unknown.',
    labelNames: [...rowLabels, 'health'],
    registers,
  });
  const autoRotation = new Gauge({
    name: 'aks_ca_trust_cluster_auto_rotation',
    help: '1 for what is known of the renewal of kubelet certificates in a node pool: Enabled, Disabled, Late or Unknown.',
    labelNames: [...OBJECT_LABELS, 'pool', 'state'],
    registers,
  });
  const next = new Gauge({
    name: 'aks_ca_trust_next_rotation_timestamp_seconds',
    help: 'The earliest time at which the rotation that spec.every or spec.beforeExpiry of a CertificateRotation object asks for may begin, announced or not; no series without one.',
    labelNames: [...OBJECT_LABELS, 'reason'],
    registers,
  });
  return {
    show({ rows, pools, next: planned }) {
      for (const { labels, ...row } of rows) {
        health.set({ ...labels, health: row.health }, 1);
        if (row.notAfter !== undefined) expiry.set(labels, row.notAfter);
        if (row.lifeUsed !== undefined) lifeUsed.set(labels, row.lifeUsed);
      }
      for (const { labels } of pools) autoRotation.set(labels, 1);
      if (planned) next.set(planned.labels, planned.at);
    },
    hide({ rows, pools, next: planned }) {
      for (const { labels, ...row } of rows) {
        health.remove({ ...labels, health: row.health });
        expiry.remove(labels);
        lifeUsed.remove(labels);
      }
      for (const { labels } of pools) autoRotation.remove(labels);
      if (planned) next.remove(planned.labels);
    },
  };
}

/** The series of an object in its present state; `object` are the labels that name it. */
export function rotationSeriesOf({ status }: CertificateRotation, object: ObjectLabels): RotationSeries {
  const next = status?.nextRotation;
  return {
    rows: (status?.certificates ?? []).map(({ name, pool = '', health, notAfter, lifeUsedPercent }) => ({
      labels: { ...object, certificate: name, pool },
      health,
      // The dates of a foreign certificate say nothing of the cluster.
      notAfter: notAfter === undefined || health === 'Intercepted' ? undefined : Date.parse(notAfter) / 1000,
      lifeUsed: lifeUsedPercent === undefined || health === 'Intercepted' ? undefined : lifeUsedPercent / 100,
    })),
    pools: (status?.autoRotation ?? []).map(({ pool, state }) => ({ labels: { ...object, pool, state } })),
    next: next && { labels: { ...object, reason: next.reason }, at: Date.parse(next.at) / 1000 },
  };
}
