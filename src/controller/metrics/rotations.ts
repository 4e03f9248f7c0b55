import { Gauge, type Registry } from 'prom-client';
import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import { phaseOf } from './rotation-phase.ts';

const OBJECT_LABELS = ['namespace', 'name', 'target_cluster'] as const;
type ObjectLabels = Readonly<Record<(typeof OBJECT_LABELS)[number], string>>;

/** The series of one CertificateRotation object, without the object. */
export interface RotationSeries {
  readonly rows: readonly RowSeries[];
  readonly pools: readonly { readonly labels: ObjectLabels & { readonly pool: string; readonly state: string } }[];
  /** Those of {@link SHOWN_CONDITIONS} that it has. */
  readonly conditions: readonly {
    readonly labels: ObjectLabels & { readonly condition: string; readonly status: string };
  }[];
  /** What the object says of rotations; undefined where it asks for none, and while it is suspended. */
  readonly rotation: RotationState | undefined;
  /** Undefined where no rotation is planned. */
  readonly next: NextSeries | undefined;
}

interface NextSeries {
  readonly labels: ObjectLabels & { readonly reason: string };
  /** In seconds since the epoch. */
  readonly at: number;
}

interface RotationState {
  readonly labels: ObjectLabels;
  readonly phase: string;
  /** When the rotation that is under way was recorded, in seconds since the epoch. */
  readonly startedAt: number | undefined;
  /** When the last rotation of this controller was complete, in seconds since the epoch. */
  readonly completedAt: number | undefined;
  /** How often that one was sent, also while it is under way. */
  readonly attempts: number | undefined;
}

/** The conditions that say how a rotation that is wanted, and what follows it, stand. */
const SHOWN_CONDITIONS: ReadonlySet<string> = new Set([
  'PreflightPassed',
  'RotationSucceeded',
  'OldCertificatesRejected',
  'KubeconfigWritten',
]);

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
  const condition = new Gauge({
    name: 'aks_ca_trust_rotation_condition',
    help: '1 for the present status of a condition of a CertificateRotation object: PreflightPassed, RotationSucceeded, OldCertificatesRejected or KubeconfigWritten. A suspended object has none.',
    labelNames: [...OBJECT_LABELS, 'condition', 'status'],
    registers,
  });
  const rotation = exposeStates(registry);
  return {
    show({ rows, pools, conditions, rotation: state, next: planned }) {
      for (const { labels } of conditions) condition.set(labels, 1);
      if (state) rotation.show(state);
      for (const { labels, ...row } of rows) {
        health.set({ ...labels, health: row.health }, 1);
        if (row.notAfter !== undefined) expiry.set(labels, row.notAfter);
        if (row.lifeUsed !== undefined) lifeUsed.set(labels, row.lifeUsed);
      }
      for (const { labels } of pools) autoRotation.set(labels, 1);
      if (planned) next.set(planned.labels, planned.at);
    },
    hide({ rows, pools, conditions, rotation: state, next: planned }) {
      for (const { labels } of conditions) condition.remove(labels);
      if (state) rotation.hide(state);
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

/** Exposes how far the rotation of an object is. */
function exposeStates(registry: Registry): Record<'show' | 'hide', (state: RotationState) => void> {
  const registers = [registry];
  const gauge = (name: string, help: string, ...more: string[]) =>
    new Gauge({ name, help, labelNames: [...OBJECT_LABELS, ...more], registers });
  const phases = gauge(
    'aks_ca_trust_rotation_phase',
    '1 for the present phase of a CertificateRotation object with mode Rotate; a suspended one has none.',
    'phase',
  );
  const started = gauge(
    'aks_ca_trust_rotation_started_timestamp_seconds',
    'When the rotation that is under way for an object was recorded; no series without one.',
  );
  const completed = gauge(
    'aks_ca_trust_rotation_completed_timestamp_seconds',
    "When the controller's last rotation of the cluster was complete; no series without one.",
  );
  const attempts = gauge(
    'aks_ca_trust_rotation_attempts',
    "How often the controller's last rotation of the cluster was sent to ARM, also while it is under way.",
  );
  return {
    show({ labels, phase, startedAt, completedAt, attempts: sent }) {
      phases.set({ ...labels, phase }, 1);
      if (startedAt !== undefined) started.set(labels, startedAt);
      if (completedAt !== undefined) completed.set(labels, completedAt);
      if (sent !== undefined) attempts.set(labels, sent);
    },
    hide({ labels, phase }) {
      phases.remove({ ...labels, phase });
      for (const one of [started, completed, attempts]) one.remove(labels);
    },
  };
}

/** What an object says of rotations, while it is not suspended. */
function stateOf(object: CertificateRotation, labels: ObjectLabels): RotationState | undefined {
  const phase = phaseOf(object);
  if (phase === undefined) return undefined;
  const last = object.status?.lastRotation;
  const own = last?.startedBy === 'ThisController' ? last : undefined;
  const isUnderWay = phase === 'Rotating' && own?.completedAt === undefined;
  return {
    labels,
    phase,
    startedAt: isUnderWay ? secondsOf(own?.startedAt) : undefined,
    completedAt: secondsOf(own?.completedAt),
    attempts: own?.attempts,
  };
}

/** Seconds since the epoch; undefined for a text that is no time. */
function secondsOf(time: string | undefined): number | undefined {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

/** The series of an object in its present state; `object` are the labels that name it. */
export function rotationSeriesOf(rotation: CertificateRotation, object: ObjectLabels): RotationSeries {
  const { spec, status } = rotation;
  const next = status?.nextRotation;
  const conditions = spec.suspend === true ? [] : (status?.conditions ?? []);
  return {
    conditions: conditions
      .filter(({ type }) => SHOWN_CONDITIONS.has(type))
      .map(({ type: condition, status: value }) => ({ labels: { ...object, condition, status: value } })),
    rotation: stateOf(rotation, object),
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
