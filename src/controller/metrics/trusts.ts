import { Counter, Gauge, type Registry } from 'prom-client';
import { CONDITION_TYPES } from '../../api/conditions.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';

/** Two bits a condition; 0 stands for a missing condition. */
const STATUSES = [undefined, 'True', 'False', 'Unknown'] as const;

/**
 * Exposes counts of conditions, and the earliest expiry of all certificates. They follow the changes of objects, so a scrape reads no
 * object; two small numbers are kept for each.
 *
 * @returns takes each object in its present state, by `namespace/name`, and undefined once it is deleted
 */
export function exposeTrusts(registry: Registry): (key: string, object: CustomCATrust | undefined) => void {
  const registers = [registry];
  new Gauge({
    name: 'aks_ca_trust_earliest_certificate_not_after_timestamp_seconds',
    help: 'When the first certificate of all objects expires; +Inf without a certificate.',
    registers,
    collect() {
      let earliest = Infinity;
      for (const one of expiries.values()) earliest = Math.min(earliest, one);
      this.set(earliest);
    },
  });
  const conditions = new Gauge({
    name: 'aks_ca_trust_objects',
    help: 'Number of CustomCATrust objects by condition type and status.',
    labelNames: ['condition', 'status'],
    registers,
  });
  const sourceErrors = new Counter({
    name: 'aks_ca_trust_source_errors_total',
    help: 'Times that the certificates of an object became unusable.',
    registers,
  });
  for (const type of CONDITION_TYPES)
    for (const status of STATUSES) if (status) conditions.set({ condition: type, status }, 0);
  const known = new Map<string, number>();
  const expiries = new Map<string, number>();

  function count(bits: number, by: 1 | -1): void {
    CONDITION_TYPES.forEach((type, index) => {
      const status = STATUSES[(bits >> (2 * index)) & 3];
      if (status !== undefined) conditions.inc({ condition: type, status }, by);
    });
  }

  return (key, object) => {
    const before = known.get(key);
    const now = object === undefined ? undefined : bitsOf(object);
    const expiry = Date.parse(object?.status?.earliestNotAfter ?? '') / 1000;
    if (Number.isNaN(expiry)) expiries.delete(key);
    else expiries.set(key, expiry);
    if (now === undefined) known.delete(key);
    else known.set(key, now);
    if (now === before) return;
    if (before !== undefined) count(before, -1);
    if (now !== undefined) count(now, 1);
    // Objects that were unusable before this process started are not counted again.
    if (before !== undefined && now !== undefined && isUnusable(now) && !isUnusable(before)) sourceErrors.inc();
  };
}

function bitsOf({ status }: CustomCATrust): number {
  let bits = 0;
  for (const condition of status?.conditions ?? []) {
    const index = CONDITION_TYPES.findIndex((type) => type === condition.type);
    if (index >= 0) bits |= STATUSES.indexOf(condition.status) << (2 * index);
  }
  return bits;
}

/** CertificatesValid is False. */
function isUnusable(bits: number): boolean {
  return STATUSES[(bits >> (2 * CONDITION_TYPES.indexOf('CertificatesValid'))) & 3] === 'False';
}
