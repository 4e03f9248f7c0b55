import { Counter, Gauge, type Registry } from 'prom-client';
import { CONDITION_TYPES } from '../../api/conditions.ts';
import type { CustomCATrust } from '../../api/generated/customcatrusts.ts';

export interface TrustMetricsOptions {
  readonly registry: Registry;
  /** One series per certificate, with its fingerprint, instead of one per object: up to 64 times as many. */
  readonly perCertificate?: boolean;
}

/** Two bits a condition; 0 stands for a missing condition. */
const STATUSES = [undefined, 'True', 'False', 'Unknown'] as const;

/**
 * Exposes counts of conditions and the expiry of certificates. They follow the changes of objects, so a scrape reads no object; one
 * small number is kept for each, and with `perCertificate` its fingerprints.
 *
 * @returns takes each object in its present state, by `namespace/name`, and undefined once it is deleted
 */
export function exposeTrusts(options: TrustMetricsOptions): (key: string, object: CustomCATrust | undefined) => void {
  const { registry, perCertificate = false } = options;
  const registers = [registry];
  const expiry = new Gauge({
    name: 'aks_ca_trust_certificate_not_after_timestamp_seconds',
    help: perCertificate ? 'When a certificate expires.' : 'When the first certificate of an object expires.',
    labelNames: ['namespace', 'name', ...(perCertificate ? ['fingerprint_sha256'] : [])],
    registers,
  });
  const conditions = new Gauge({
    name: 'aks_ca_trust_condition',
    help: 'Number of CustomCATrust objects by condition type and status.',
    labelNames: ['type', 'status'],
    registers,
  });
  const sourceErrors = new Counter({
    name: 'aks_ca_trust_source_errors_total',
    help: 'Times that the certificates of an object became unusable.',
    registers,
  });
  for (const type of CONDITION_TYPES) for (const status of STATUSES) if (status) conditions.set({ type, status }, 0);
  const known = new Map<string, number>();
  const fingerprints = new Map<string, readonly string[]>();

  function count(bits: number, by: 1 | -1): void {
    CONDITION_TYPES.forEach((type, index) => {
      const status = STATUSES[(bits >> (2 * index)) & 3];
      if (status !== undefined) conditions.inc({ type, status }, by);
    });
  }

  function expire(key: string, object: CustomCATrust | undefined): void {
    const slash = key.indexOf('/');
    const labels = { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
    if (!perCertificate) {
      const earliest = object?.status?.earliestNotAfter;
      if (earliest === undefined) expiry.remove(labels);
      else expiry.set(labels, Date.parse(earliest) / 1000);
      return;
    }
    for (const fingerprint of fingerprints.get(key) ?? [])
      expiry.remove({ ...labels, fingerprint_sha256: fingerprint });
    const rows = object?.status?.certificates ?? [];
    const dated = rows.flatMap(({ fingerprintSHA256, notAfter }) =>
      fingerprintSHA256 === undefined || notAfter === undefined ? [] : [[fingerprintSHA256, notAfter] as const],
    );
    for (const [fingerprint, notAfter] of dated)
      expiry.set({ ...labels, fingerprint_sha256: fingerprint }, Date.parse(notAfter) / 1000);
    if (dated.length === 0) fingerprints.delete(key);
    else
      fingerprints.set(
        key,
        dated.map(([fingerprint]) => fingerprint),
      );
  }

  return (key, object) => {
    const before = known.get(key);
    const now = object === undefined ? undefined : bitsOf(object);
    expire(key, object);
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
