import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CustomCATrust } from '../api/generated/customcatrusts.ts';
import type { ManagedClustersOptions } from '../azure/managed-clusters.ts';

/** Seconds. */
const ARM_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts calls to ARM, by what was called and how it ended: an HTTP status, or `none` where no answer came. */
export function observeArm(registry: Registry): NonNullable<ManagedClustersOptions['observe']> {
  const registers = [registry];
  const requests = new Counter({
    name: 'aks_ca_trust_arm_requests_total',
    help: 'Calls to ARM.',
    labelNames: ['operation', 'code'],
    registers,
  });
  const seconds = new Histogram({
    name: 'aks_ca_trust_arm_request_duration_seconds',
    help: 'How long calls to ARM took.',
    labelNames: ['operation'],
    buckets: ARM_BUCKETS,
    registers,
  });
  const throttled = new Counter({
    name: 'aks_ca_trust_arm_throttled_total',
    help: 'Calls to ARM answered with 429.',
    registers,
  });
  for (const operation of ['GetManagedCluster', 'PutManagedCluster']) requests.inc({ operation, code: '200' }, 0);
  return (operation, code, durationMs) => {
    requests.inc({ operation, code });
    seconds.observe({ operation }, durationMs / 1000);
    if (code === '429') throttled.inc();
  };
}

/** What the objects' statuses say, read when somebody asks. */
export function exposeTrusts(registry: Registry, trusts: () => readonly CustomCATrust[]): void {
  const registers = [registry];
  new Gauge({
    name: 'aks_ca_trust_certificate_not_after_timestamp_seconds',
    help: 'When the first certificate of an object expires.',
    labelNames: ['namespace', 'name'],
    registers,
    collect() {
      this.reset();
      for (const { metadata, status } of trusts()) {
        if (status?.earliestNotAfter === undefined) continue;
        this.set(
          { namespace: metadata.namespace ?? '', name: metadata.name },
          Date.parse(status.earliestNotAfter) / 1000,
        );
      }
    },
  });
  new Gauge({
    name: 'aks_ca_trust_condition',
    help: 'Objects by what a condition of theirs says.',
    labelNames: ['type', 'status'],
    registers,
    collect() {
      this.reset();
      for (const type of ['Ready', 'Stalled'])
        for (const status of ['True', 'False', 'Unknown']) this.set({ type, status }, 0);
      for (const { status } of trusts()) {
        for (const condition of status?.conditions ?? []) {
          if (condition.type === 'Ready' || condition.type === 'Stalled')
            this.inc({ type: condition.type, status: condition.status });
        }
      }
    },
  });
}
