import { refill, untilTokens, type Level, type Rate } from '../waiting/token-bucket.ts';
import type { ArmCall } from './failures.ts';

/** The subscription, resource and namespaces that a call is counted for. The caller passes ids in lower case. */
export interface BudgetScope {
  readonly subscription: string;
  /** Key of a cluster, or of a resource group for a LIST of one; absent for calls that are counted by subscription only. */
  readonly resource?: string;
  /**
   * Namespaces whose objects cause the call. They share the limits of a subscription: a namespace that uses more than its share
   * gets the tokens that the others leave.
   */
  readonly payers?: readonly string[];
}

/** Client-side limits of calls to ARM: token buckets, shared by everything in this process. */
export interface Budgets {
  /**
   * Takes one token from each bucket of a call.
   *
   * @returns 0 when it may be made now; otherwise how long to wait before asking again, in ms, and nothing is taken
   */
  take(call: ArmCall, scope: BudgetScope, now: number): number;
  /** Like {@link take}, but takes nothing. */
  wait(call: ArmCall, scope: BudgetScope, now: number): number;
  /** Number of buckets in memory; full ones may be forgotten. */
  readonly buckets: number;
}

interface Bucket extends Rate {
  readonly per: 'subscription' | 'resource';
}

/**
 * AKS' own buckets (learn.microsoft.com/azure/aks/quotas-skus-regions, "Throttling limits on AKS resource provider APIs") …
 */
const AKS = {
  GetManagedCluster: { burst: 60, perSecond: 1, per: 'resource' },
  PutManagedCluster: { burst: 20, perSecond: 1 / 60, per: 'resource' },
  // Not documented by itself: counted as strictly as a PUT, in a bucket of its own.
  RotateClusterCertificates: { burst: 20, perSecond: 1 / 60, per: 'resource' },
  ListManagedClusters: { burst: 500, perSecond: 1, per: 'subscription' },
  ListManagedClustersByResourceGroup: { burst: 60, perSecond: 1, per: 'resource' },
  GetOperation: { burst: 200, perSecond: 2, per: 'subscription' },
  GetMaintenanceConfiguration: { burst: 60, perSecond: 1, per: 'subscription' },
  ListClusterUserCredential: { burst: 60, perSecond: 1, per: 'subscription' },
  GetResourceGroup: undefined,
  ListPermissions: undefined,
  ListLocks: undefined,
  ListKubernetesVersions: undefined,
} as const satisfies Record<ArmCall, Bucket | undefined>;

/** … and ARM's before them (learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling). */
const READS: Bucket = { burst: 250, perSecond: 25, per: 'subscription' };
const WRITES: Bucket = { burst: 200, perSecond: 10, per: 'subscription' };

/** ARM counts every request other than GET and DELETE as a write. */
const WRITING: ReadonlySet<ArmCall> = new Set([
  'PutManagedCluster',
  'RotateClusterCertificates',
  'ListClusterUserCredential',
]);

interface Found {
  readonly bucket: Bucket;
  readonly level: SharedLevel;
}

/** A bucket that a call draws from, and the calling namespace's share of it. */
interface Needed extends Found {
  readonly share?: Found;
}

/** A level, and until when coming tokens are promised to waiting calls. */
interface SharedLevel extends Level {
  promised: number;
}

/** Part of a subscription's bucket that is reserved for namespaces within their share. */
const RESERVE = 1 / 2;
/** A namespace's share of a subscription's bucket, of its size and of its refill. */
const SHARE = 1 / 5;

/** Full buckets are forgotten when there are more than this. */
const SWEEP_AT = 1000;

/** The documented limits, full at the start. Where another process has used them, ARM answers 429. */
export function createBudgets(): Budgets {
  const levels = new Map<string, Found>();
  let sweepAt = SWEEP_AT;

  function levelOf(key: string, bucket: Bucket, now: number): Found {
    const found = levels.get(key) ?? { bucket, level: { tokens: bucket.burst, at: now, promised: 0 } };
    levels.set(key, found);
    refill(found.level, bucket, now);
    return found;
  }

  function find(call: ArmCall, scope: BudgetScope, now: number): Needed[] {
    const ofARM: [string, Bucket] = WRITING.has(call) ? ['writes', WRITES] : ['reads', READS];
    const ofAKS: Bucket | undefined = AKS[call];
    const all: [string, Bucket][] = ofAKS ? [[call, ofAKS], ofARM] : [ofARM];
    return all.map(([name, bucket]) => {
      const owner = bucket.per === 'resource' ? (scope.resource ?? scope.subscription) : scope.subscription;
      const key = `${name} ${owner}`;
      const payers = bucket.per === 'subscription' ? (scope.payers ?? []) : [];
      const part: Bucket = { ...bucket, burst: bucket.burst * SHARE, perSecond: bucket.perSecond * SHARE };
      const shares = payers.map((payer) => levelOf(`${key} ${payer}`, part, now));
      // Where several namespaces name a cluster, the one with most tokens pays.
      const [share] = shares.sort((one, other) => other.level.tokens - one.level.tokens);
      return { ...levelOf(key, bucket, now), ...(share ? { share } : {}) };
    });
  }

  function sweep(now: number): void {
    if (levels.size < sweepAt) return;
    for (const [key, { bucket, level }] of levels) {
      refill(level, bucket, now);
      if (level.tokens >= bucket.burst) levels.delete(key);
    }
    sweepAt = Math.max(SWEEP_AT, levels.size * 2);
  }

  return {
    take(call, scope, now) {
      sweep(now);
      const needed = find(call, scope, now);
      const lacking = needed.filter((one) => comesIn(one) > 0);
      if (lacking.length === 0) {
        for (const { level, share } of needed) {
          level.tokens -= 1;
          if (share) share.level.tokens = Math.max(0, share.level.tokens - 1);
        }
        return 0;
      }
      return Math.max(...lacking.map((one) => promise(one, now)));
    },
    wait(call, scope, now) {
      return Math.max(0, ...find(call, scope, now).map(comesIn));
    },
    get buckets() {
      return levels.size;
    },
  };
}

/** How long until the call may be made, in ms. */
function comesIn({ bucket, level, share }: Needed): number {
  const own = untilTokens(level, bucket, 1);
  if (!share) return own;
  const beyondReserve = untilTokens(level, bucket, bucket.burst * RESERVE + 1);
  return Math.max(own, Math.min(beyondReserve, untilTokens(share.level, share.bucket, 1)));
}

/** Spaces waiting calls one token apart: otherwise all of them would come back for the same token. */
function promise(needed: Needed, now: number): number {
  const apart = 1000 / needed.bucket.perSecond;
  const first = now + comesIn(needed);
  // A namespace over its share has a queue of its own, so that the others do not wait behind it.
  const { level } = needed.level.tokens >= 1 && needed.share ? needed.share : needed;
  level.promised = Math.max(first, level.promised + apart);
  return Math.ceil(level.promised - now);
}
