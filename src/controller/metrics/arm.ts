import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { TokenCredential } from '../../azure/credentials.ts';
import type { ArmCall } from '../../azure/failures.ts';
import type { ManagedClustersOptions } from '../../azure/managed-clusters.ts';

/** Seconds. */
const ARM_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

const CALLS: readonly ArmCall[] = [
  'GetManagedCluster',
  'PutManagedCluster',
  'RotateClusterCertificates',
  'ListManagedClusters',
  'ListManagedClustersByResourceGroup',
  'GetResourceGroup',
  'GetOperation',
  'GetMaintenanceConfiguration',
  'ListPermissions',
  'ListLocks',
  'ListKubernetesVersions',
  'ListClusterUserCredential',
];

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
    help: 'Duration of calls to ARM.',
    labelNames: ['operation'],
    buckets: ARM_BUCKETS,
    registers,
  });
  const throttled = new Counter({
    name: 'aks_ca_trust_arm_throttled_total',
    help: 'Calls to ARM answered with 429.',
    registers,
  });
  for (const operation of CALLS) {
    requests.inc({ operation, code: '200' }, 0);
    seconds.zero({ operation });
  }
  return (operation, code, durationMs) => {
    requests.inc({ operation, code });
    seconds.observe({ operation }, durationMs / 1000);
    if (code === '429') throttled.inc();
  };
}

/** Counts the requests of credentials for tokens of the Azure identity. The SDK keeps a token until shortly before its end, so one is requested about once an hour. */
export function countSignIns(registry: Registry): (credential: TokenCredential) => TokenCredential {
  const signIns = new Counter({
    name: 'aks_ca_trust_sign_ins_total',
    help: 'Requests for a token of the Azure identity, by result: succeeded, or failed.',
    labelNames: ['result'],
    registers: [registry],
  });
  for (const result of ['succeeded', 'failed']) signIns.inc({ result }, 0);
  return (credential) => ({
    async getToken(scopes, options) {
      try {
        const token = await credential.getToken(scopes, options);
        signIns.inc({ result: token === null ? 'failed' : 'succeeded' });
        return token;
      } catch (error) {
        if (options?.abortSignal?.aborted !== true) signIns.inc({ result: 'failed' });
        throw error;
      }
    },
  });
}

/** The counted results of one reconcile. */
export interface CountedReconcile {
  readonly sent?: 'Accepted' | 'Refused' | 'Lost' | undefined;
  /** The kind of the operation that was sent. */
  readonly sentKind?: string | undefined;
  /** A change that has ended: its kind, and the seconds since it was recorded. */
  readonly completed?: { readonly kind: string; readonly seconds: number } | undefined;
}

/** Seconds: a change replaces nodes, which takes minutes to hours. */
const CHANGE_BUCKETS = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400];

/** What is done to clusters, as a record names it. */
export const OPERATION_KINDS = ['UpdateTrust', 'RotateCertificates'] as const;

/** Counts writes to clusters, and times changes. */
export function countReconciles(registry: Registry): (reconcile: CountedReconcile) => void {
  const registers = [registry];
  const writes = new Counter({
    name: 'aks_ca_trust_cluster_writes_total',
    help: 'Writes sent to ARM, by their kind (UpdateTrust: the list of a cluster, RotateCertificates: a rotation) and result: accepted, refused, or lost (no answer came).',
    labelNames: ['kind', 'result'],
    registers,
  });
  const changes = new Histogram({
    name: 'aks_ca_trust_change_duration_seconds',
    help: 'Duration of changes of the list and of rotations, from their record until they have ended; failed attempts are part of it.',
    labelNames: ['kind'],
    buckets: CHANGE_BUCKETS,
    registers,
  });
  for (const kind of OPERATION_KINDS) {
    for (const result of ['accepted', 'refused', 'lost']) writes.inc({ kind, result }, 0);
    changes.zero({ kind });
  }
  return ({ sent, sentKind: kind, completed }) => {
    if (sent !== undefined && kind !== undefined) writes.inc({ kind, result: sent.toLowerCase() });
    if (completed !== undefined) changes.observe({ kind: completed.kind }, completed.seconds);
  };
}

/** Counts writes to objects that the API server refuses. */
export function countRefusedWrites(registry: Registry): (kind: string) => void {
  const refused = new Counter({
    name: 'aks_ca_trust_object_writes_refused_total',
    help: 'Writes to CustomCATrust objects that the API server refuses, by what was written: the finalizer, the status, or the release of a deleted object.',
    labelNames: ['kind'],
    registers: [registry],
  });
  for (const kind of ['finalizer', 'status', 'release']) refused.inc({ kind }, 0);
  return (kind) => refused.inc({ kind });
}

/** Shows which processes reconcile: totals of a standby, which has the same caches, are left out of sums by it. */
export function exposeActive(registry: Registry, isActive: () => boolean): void {
  new Gauge({
    name: 'aks_ca_trust_active',
    help: '1 in a process that reconciles: it leads, or there is no leader election. 0 in a standby, which exposes the same objects.',
    registers: [registry],
    collect() {
      this.set(isActive() ? 1 : 0);
    },
  });
}

/** Shows among how many processes the clusters are shared, so that a missing one is noticed. */
export function exposeShards(registry: Registry, count: number): void {
  new Gauge({
    name: 'aks_ca_trust_shards',
    help: 'Number of shards of --shard; 1 without sharding.',
    registers: [registry],
  }).set(count);
}

/** Shows how many clusters are changing, and how many wait for them. */
export function exposeBrake(
  registry: Registry,
  counts: () => { readonly changing: number; readonly waiting: number },
): void {
  new Gauge({
    name: 'aks_ca_trust_changing_clusters',
    help: 'Clusters that count as changing now, of at most --max-changing-clusters.',
    registers: [registry],
    collect() {
      this.set(counts().changing);
    },
  });
  new Gauge({
    name: 'aks_ca_trust_waiting_clusters',
    help: 'Clusters whose change waits until fewer clusters are changing.',
    registers: [registry],
    collect() {
      this.set(counts().waiting);
    },
  });
}
