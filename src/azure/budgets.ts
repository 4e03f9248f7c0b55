import type { ArmCall } from './failures.ts';

/** Who a call is counted for. Ids are compared in lower case by whoever makes them. */
export interface BudgetScope {
  readonly subscription: string;
  /** Key of a cluster, or of a resource group for a LIST of one; absent for what is counted by subscription only. */
  readonly resource?: string;
}

/** What calls to ARM may cost: token buckets, shared by everything in this process. */
export interface Budgets {
  /**
   * Takes what a call costs.
   *
   * @returns 0 when it may be made now; otherwise how long to wait before asking again, in ms, and nothing is taken
   */
  take(call: ArmCall, scope: BudgetScope, now: number): number;
  /** As {@link take} would answer, and takes nothing. */
  wait(call: ArmCall, scope: BudgetScope, now: number): number;
  /** Buckets that are remembered; full ones need not be. */
  readonly buckets: number;
}

interface Bucket {
  /** Tokens of a full bucket. */
  readonly size: number;
  /** Tokens that come back in a second. */
  readonly refill: number;
  readonly per: 'subscription' | 'resource';
}

/**
 * AKS' own buckets (learn.microsoft.com/azure/aks/quotas-skus-regions, "Throttling limits on AKS resource provider APIs") …
 */
const AKS = {
  GetManagedCluster: { size: 60, refill: 1, per: 'resource' },
  PutManagedCluster: { size: 20, refill: 1 / 60, per: 'resource' },
  ListManagedClusters: { size: 500, refill: 1, per: 'subscription' },
  ListManagedClustersByResourceGroup: { size: 60, refill: 1, per: 'resource' },
  GetOperation: { size: 200, refill: 2, per: 'subscription' },
  GetMaintenanceConfiguration: { size: 60, refill: 1, per: 'subscription' },
  ListClusterUserCredential: { size: 60, refill: 1, per: 'subscription' },
  GetResourceGroup: undefined,
} as const satisfies Record<ArmCall, Bucket | undefined>;

/** … and ARM's before them (learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling). */
const READS: Bucket = { size: 250, refill: 25, per: 'subscription' };
const WRITES: Bucket = { size: 200, refill: 10, per: 'subscription' };

/** ARM counts what is not a GET or DELETE as a write, whatever it does. */
const WRITING: ReadonlySet<ArmCall> = new Set(['PutManagedCluster', 'ListClusterUserCredential']);

/** What is left in a bucket at a time, and until when tokens to come are promised to those who were told to wait. */
interface Level {
  tokens: number;
  at: number;
  promised: number;
}

/** Full buckets are forgotten when there are more than this. */
const SWEEP_AT = 1000;

/** The documented budgets, full at the start: another process may have drawn from them, and then ARM says so (429). */
export function createBudgets(): Budgets {
  const levels = new Map<string, { readonly bucket: Bucket; readonly level: Level }>();
  let sweepAt = SWEEP_AT;

  function find(call: ArmCall, scope: BudgetScope, now: number) {
    const ofARM: [string, Bucket] = WRITING.has(call) ? ['writes', WRITES] : ['reads', READS];
    const ofAKS: Bucket | undefined = AKS[call];
    const all: [string, Bucket][] = ofAKS ? [[call, ofAKS], ofARM] : [ofARM];
    return all.map(([name, bucket]) => {
      const owner = bucket.per === 'resource' ? (scope.resource ?? scope.subscription) : scope.subscription;
      const key = `${name} ${owner}`;
      const found = levels.get(key) ?? { bucket, level: { tokens: bucket.size, at: now, promised: 0 } };
      levels.set(key, found);
      refill(found.level, bucket, now);
      return found;
    });
  }

  function sweep(now: number): void {
    if (levels.size < sweepAt) return;
    for (const [key, { bucket, level }] of levels) {
      refill(level, bucket, now);
      if (level.tokens >= bucket.size) levels.delete(key);
    }
    sweepAt = Math.max(SWEEP_AT, levels.size * 2);
  }

  return {
    take(call, scope, now) {
      sweep(now);
      const needed = find(call, scope, now);
      const empty = needed.filter(({ level }) => level.tokens < 1);
      if (empty.length === 0) {
        for (const { level } of needed) level.tokens -= 1;
        return 0;
      }
      return Math.max(...empty.map(({ bucket, level }) => promise(level, bucket, now)));
    },
    wait(call, scope, now) {
      const waits = find(call, scope, now).map(({ bucket, level }) => comesIn(level, bucket));
      return Math.max(0, ...waits);
    },
    get buckets() {
      return levels.size;
    },
  };
}

function refill(level: Level, { size, refill }: Bucket, now: number): void {
  // A clock that was set back gives nothing, and takes nothing.
  const passed = Math.max(0, now - level.at);
  level.tokens = Math.min(size, level.tokens + (passed / 1000) * refill);
  level.at = now;
}

/** How long until a whole token is there, in ms. */
function comesIn({ tokens }: Level, { refill }: Bucket): number {
  return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / refill) * 1000);
}

/** Those who wait are told different times, a token apart: they would all come back for the same one otherwise. */
function promise(level: Level, bucket: Bucket, now: number): number {
  const apart = 1000 / bucket.refill;
  const first = now + comesIn(level, bucket);
  level.promised = Math.max(first, level.promised + apart);
  return Math.ceil(level.promised - now);
}
