import { Counter, Gauge, type Registry } from 'prom-client';
import type { ClusterObject } from '../../api/cluster-object.ts';
import { CONDITION_TYPES, ROTATION_CONDITION_TYPES, type Condition } from '../../api/conditions.ts';
import type { CertificateRotation } from '../../api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';
import { phaseOf, ROTATION_PHASES } from './rotation-phase.ts';

/** Two bits a condition; 0 stands for a missing condition. */
const STATUSES = [undefined, 'True', 'False', 'Unknown'] as const;

/** Take each object in its present state, by `namespace/name`, and undefined once it is deleted. */
export interface ObjectCounts {
  readonly trust: (key: string, object: CustomCATrust | undefined) => void;
  readonly rotation: (key: string, object: CertificateRotation | undefined) => void;
}

/**
 * Exposes counts of conditions and phases, and the earliest expiry of all certificates, by kind of objects. They follow the changes of
 * objects, so a scrape reads no object; two small numbers are kept for each.
 */
export function exposeCounts(registry: Registry): ObjectCounts {
  const registers = [registry];
  const expiry = exposeEarliest(
    registry,
    'aks_ca_trust_earliest_certificate_not_after_timestamp_seconds',
    'When the first certificate of all CustomCATrust objects expires; +Inf without a certificate.',
  );
  const ownExpiry = exposeEarliest(
    registry,
    'aks_ca_trust_earliest_cluster_certificate_not_after_timestamp_seconds',
    'When the first certificate that a cluster has for itself expires, of all CertificateRotation objects; +Inf without a certificate.',
  );
  const phase = countPhases(registry);
  const objects = new Gauge({
    name: 'aks_ca_trust_objects',
    help: 'Number of objects by kind, condition type and status.',
    labelNames: ['kind', 'condition', 'status'],
    registers,
  });
  const sourceErrors = new Counter({
    name: 'aks_ca_trust_source_errors_total',
    help: 'Times that the certificates of an object became unusable.',
    registers,
  });
  const countTrust = countConditions(objects, 'CustomCATrust', CONDITION_TYPES);
  const countRotation = countConditions(objects, 'CertificateRotation', ROTATION_CONDITION_TYPES);
  return {
    trust(key, object) {
      const { before, now } = countTrust(key, object);
      expiry(key, object?.status?.earliestNotAfter);
      // Objects that were unusable before this process started are not counted again.
      if (before !== undefined && now !== undefined && isUnusable(now) && !isUnusable(before)) sourceErrors.inc();
    },
    rotation(key, object) {
      countRotation(key, object);
      ownExpiry(key, object?.status?.earliestNotAfter);
      phase(key, object);
    },
  };
}

/** @returns takes the first expiry of an object, undefined where it has none */
function exposeEarliest(registry: Registry, name: string, help: string) {
  const expiries = new Map<string, number>();
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      let earliest = Infinity;
      for (const one of expiries.values()) earliest = Math.min(earliest, one);
      this.set(earliest);
    },
  });
  return (key: string, time: string | undefined): void => {
    const expiry = Date.parse(time ?? '') / 1000;
    if (Number.isNaN(expiry)) expiries.delete(key);
    else expiries.set(key, expiry);
  };
}

/** Counts the objects that are in each phase of a rotation. A suspended object has the phase of before, so it is in none. */
function countPhases(registry: Registry): (key: string, object: CertificateRotation | undefined) => void {
  const phases = new Gauge({
    name: 'aks_ca_trust_rotations',
    help: 'Number of CertificateRotation objects with mode Rotate by phase; suspended ones do not count.',
    labelNames: ['phase'],
    registers: [registry],
  });
  for (const phase of ROTATION_PHASES) phases.set({ phase }, 0);
  const known = new Map<string, string>();
  return (key, object) => {
    const before = known.get(key);
    const now = object && phaseOf(object);
    if (now === before) return;
    if (before !== undefined) phases.dec({ phase: before });
    if (now === undefined) known.delete(key);
    else {
      known.set(key, now);
      phases.inc({ phase: now });
    }
  };
}

/** @returns counts an object of this kind; its conditions before and now, in bits */
function countConditions(
  gauge: Gauge<'kind' | 'condition' | 'status'>,
  kind: string,
  types: readonly string[],
): (key: string, object: ClusterObject | undefined) => Record<'before' | 'now', number | undefined> {
  const known = new Map<string, number>();
  for (const condition of types) for (const status of STATUSES) if (status) gauge.set({ kind, condition, status }, 0);

  function count(bits: number, by: 1 | -1): void {
    types.forEach((condition, index) => {
      const status = STATUSES[(bits >> (2 * index)) & 3];
      if (status !== undefined) gauge.inc({ kind, condition, status }, by);
    });
  }

  return (key, object) => {
    const before = known.get(key);
    const now = object === undefined ? undefined : bitsOf(object, types);
    if (now === undefined) known.delete(key);
    else known.set(key, now);
    if (now !== before) {
      if (before !== undefined) count(before, -1);
      if (now !== undefined) count(now, 1);
    }
    return { before, now };
  };
}

function bitsOf({ status }: ClusterObject, types: readonly string[]): number {
  const { conditions = [] } = (status ?? {}) as { conditions?: readonly Condition[] };
  let bits = 0;
  for (const condition of conditions) {
    const index = types.indexOf(condition.type);
    if (index >= 0) bits |= STATUSES.indexOf(condition.status) << (2 * index);
  }
  return bits;
}

/** CertificatesValid of a CustomCATrust is False. */
function isUnusable(bits: number): boolean {
  return STATUSES[(bits >> (2 * CONDITION_TYPES.indexOf('CertificatesValid'))) & 3] === 'False';
}
