import type { Clock } from '../clock.ts';
import { spokenError } from './errors.ts';
import type { ArmOperation } from './routes.ts';

/** A bucket holds `size` requests and gets `perSecond` back (simulated time). */
interface Allowance {
  readonly size: number;
  readonly perSecond: number;
  /** The scope of the bucket. */
  readonly scope: 'cluster' | 'group' | 'subscription';
  /** Operations of the same name take from the same bucket. */
  readonly name: string;
}

// learn.microsoft.com/azure/aks/quotas-skus-regions
// Its "operation status" is taken to mean both ways to wait.
const OTHER: Allowance = { size: 60, perSecond: 1, scope: 'subscription', name: 'other' };
const WAITING: Allowance = { size: 200, perSecond: 2, scope: 'subscription', name: 'operation' };
const ALLOWANCES: Partial<Record<ArmOperation, Allowance>> = {
  ListManagedClusters: { size: 500, perSecond: 1, scope: 'subscription', name: 'list' },
  ListManagedClustersByResourceGroup: { size: 60, perSecond: 1, scope: 'group', name: 'group list' },
  PutManagedCluster: { size: 20, perSecond: 1 / 60, scope: 'cluster', name: 'put' },
  GetManagedCluster: { size: 60, perSecond: 1, scope: 'cluster', name: 'get' },
  GetOperationStatus: WAITING,
  GetOperationResult: WAITING,
};

// learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
const ARM = {
  reads: { size: 250, perSecond: 25 },
  writes: { size: 200, perSecond: 10 },
  deletes: { size: 200, perSecond: 10 },
};

export interface ThrottledRequest {
  readonly operation: ArmOperation;
  readonly method: string;
  readonly clientId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string | undefined;
  readonly cluster: string | undefined;
}

export interface Throttling {
  /** Takes a token of ARM's bucket for the caller; the answer's headers say how many are left. Throws 429. */
  passArm(request: ThrottledRequest): Readonly<Record<string, string>>;
  /** Takes a token of the AKS resource provider's bucket. Throws 429 Throttled. */
  passProvider(request: ThrottledRequest): void;
}

interface Bucket {
  tokens: number;
  at: number;
}

export function makeThrottling(clock: Clock, enabled: boolean): Throttling {
  const buckets = new Map<string, Bucket>();

  /** Seconds to wait, 0 when a token was taken. */
  function take(
    key: string,
    { size, perSecond }: Pick<Allowance, 'size' | 'perSecond'>,
  ): { wait: number; left: number } {
    const now = clock.now();
    const bucket = buckets.get(key) ?? { tokens: size, at: now };
    buckets.set(key, bucket);
    bucket.tokens = Math.min(size, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    if (bucket.tokens < 1) return { wait: (1 - bucket.tokens) / perSecond, left: 0 };
    bucket.tokens -= 1;
    return { wait: 0, left: Math.floor(bucket.tokens) };
  }

  return {
    passArm({ method, subscriptionId, clientId }) {
      if (!enabled) return {};
      const kind = method === 'GET' ? 'reads' : method === 'DELETE' ? 'deletes' : 'writes';
      const { wait, left } = take(`arm ${kind} ${subscriptionId} ${clientId}`.toLowerCase(), ARM[kind]);
      if (wait > 0) {
        const seconds = clock.secondsForClients(wait);
        throw spokenError(
          'throttled-by-arm',
          {
            '8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8': subscriptionId,
            "operation 'GET/": `operation '${method}/`,
            "'6' seconds": `'${seconds}' seconds`,
          },
          { headers: { 'retry-after': String(seconds) } },
        );
      }
      return { [`x-ms-ratelimit-remaining-subscription-${kind}`]: String(left) };
    },
    passProvider({ operation, method, subscriptionId, resourceGroup, cluster }) {
      if (!enabled) return;
      const allowance = ALLOWANCES[operation] ?? OTHER;
      const scope = { subscription: [], group: [resourceGroup], cluster: [resourceGroup, cluster] }[allowance.scope];
      const { wait } = take([allowance.name, subscriptionId, ...scope].join(' ').toLowerCase(), allowance);
      if (wait === 0) return;
      const seconds = clock.secondsForClients(wait);
      throw spokenError(
        'throttled-by-aks',
        {
          'PutManagedClusterHandler.PUT': `${operation}Handler.${method}`,
          '8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8': subscriptionId,
          'in 60 seconds': `in ${seconds} seconds`,
        },
        { headers: { 'retry-after': String(seconds) } },
      );
    },
  };
}
