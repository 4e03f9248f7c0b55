import { describe, expect, it } from '@jest/globals';
import { ArmError } from '../../simulator/arm/errors.ts';
import { makeThrottling } from '../../simulator/arm/throttling.ts';
import type { ThrottledRequest } from '../../simulator/arm/throttling.ts';
import { steppedClock } from '../../simulator/index.ts';

const CALL: ThrottledRequest = {
  operation: 'GetManagedCluster',
  method: 'GET',
  clientId: 'client',
  subscriptionId: 'subscription',
  resourceGroup: 'group',
  cluster: 'cluster',
};

function throttling() {
  let now = 0;
  const made = makeThrottling({ ...steppedClock(0), now: () => now }, true);
  return {
    /** Seconds that AKS, or ARM, tells the caller to wait; undefined when it lets the call through. */
    aks: (call: Partial<ThrottledRequest>) => waitOf(() => made.passProvider({ ...CALL, ...call })),
    arm: (call: Partial<ThrottledRequest>) => waitOf(() => made.passArm({ ...CALL, ...call })),
    later: (ms: number) => void (now += ms),
  };
}

function waitOf(call: () => unknown): number | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (!(error instanceof ArmError) || error.status !== 429) throw error;
    return Number(error.details.headers?.['retry-after']);
  }
}

/** How many calls in a row are let through at one moment. */
function drain(call: () => number | undefined): number {
  for (let calls = 0; calls < 5000; calls++) if (call() !== undefined) return calls;
  throw new Error('It is never empty');
}

interface Documented {
  readonly what: string;
  readonly operation: ThrottledRequest['operation'];
  readonly size: number;
  /** Milliseconds after which a bucket that was empty holds one call. */
  readonly oneAfter: number;
  /** Retry-After for a caller that finds it empty, in seconds. */
  readonly retryAfter: number;
  readonly scope: 'cluster' | 'group' | 'subscription';
}

// learn.microsoft.com/azure/aks/quotas-skus-regions
const AKS: readonly Documented[] = [
  {
    what: 'PUT of a cluster',
    operation: 'PutManagedCluster',
    size: 20,
    oneAfter: 60_000,
    retryAfter: 60,
    scope: 'cluster',
  },
  {
    what: 'GET of a cluster',
    operation: 'GetManagedCluster',
    size: 60,
    oneAfter: 1000,
    retryAfter: 1,
    scope: 'cluster',
  },
  {
    what: 'LIST of a subscription',
    operation: 'ListManagedClusters',
    size: 500,
    oneAfter: 1000,
    retryAfter: 1,
    scope: 'subscription',
  },
  {
    what: 'LIST of a group',
    operation: 'ListManagedClustersByResourceGroup',
    size: 60,
    oneAfter: 1000,
    retryAfter: 1,
    scope: 'group',
  },
  {
    what: 'GET of an operation',
    operation: 'GetOperationStatus',
    size: 200,
    oneAfter: 500,
    retryAfter: 1,
    scope: 'subscription',
  },
  {
    what: 'anything else',
    operation: 'ListAgentPools',
    size: 60,
    oneAfter: 1000,
    retryAfter: 1,
    scope: 'subscription',
  },
];

describe.each(AKS)('AKS, for a $what', ({ operation, size, oneAfter, retryAfter, scope }) => {
  it(`lets ${size} through at once, then one every ${oneAfter} ms`, () => {
    const { aks, later } = throttling();
    const call = () => aks({ operation });
    expect(drain(call)).toBe(size);
    expect(call()).toBe(retryAfter);
    later(oneAfter - 1);
    expect(call()).toBe(1);
    later(2);
    expect(drain(call)).toBe(1);
  });

  it('gathers no more than it holds, however long no call comes', () => {
    const { aks, later } = throttling();
    later(100 * size * oneAfter);
    expect(drain(() => aks({ operation }))).toBe(size);
  });

  it(`counts for each ${scope} by itself, whichever client calls and however it is spelled`, () => {
    const { aks } = throttling();
    drain(() => aks({ operation }));
    const passes = (call: Partial<ThrottledRequest>) => aks({ operation, ...call }) === undefined;
    expect(passes({ clientId: 'another' })).toBe(false);
    expect(passes({ subscriptionId: 'SUBSCRIPTION', resourceGroup: 'GROUP', cluster: 'CLUSTER' })).toBe(false);
    expect(passes({ cluster: 'another' })).toBe(scope === 'cluster');
    expect(passes({ resourceGroup: 'another' })).toBe(scope !== 'subscription');
    expect(passes({ subscriptionId: 'another' })).toBe(true);
  });
});

describe('AKS', () => {
  it('counts each documented kind of call by itself', () => {
    const { aks } = throttling();
    for (const { operation, size } of AKS) expect(drain(() => aks({ operation }))).toBe(size);
  });

  it('counts both ways to wait for an operation together, and all that is not documented', () => {
    const { aks } = throttling();
    drain(() => aks({ operation: 'GetOperationStatus' }));
    expect(aks({ operation: 'GetOperationResult' })).toBe(1);
    drain(() => aks({ operation: 'ListAgentPools' }));
    expect(aks({ operation: 'PutMaintenanceConfiguration', method: 'PUT' })).toBe(1);
  });
});

// learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
describe.each([
  { kind: 'reads', method: 'GET', size: 250, perSecond: 25 },
  { kind: 'writes', method: 'PUT', size: 200, perSecond: 10 },
  { kind: 'deletes', method: 'DELETE', size: 200, perSecond: 10 },
])('ARM, for $kind', ({ method, size, perSecond }) => {
  it(`lets ${size} through at once, then ${perSecond} a second`, () => {
    const { arm, later } = throttling();
    const call = () => arm({ method });
    expect(drain(call)).toBe(size);
    expect(call()).toBe(1);
    later(1000);
    expect(drain(call)).toBe(perSecond);
    later(3_600_000);
    expect(drain(call)).toBe(size);
  });

  it('counts for each subscription and principal by itself, whatever is asked for', () => {
    const { arm } = throttling();
    drain(() => arm({ method }));
    expect(arm({ method, operation: 'ListAgentPools', resourceGroup: 'another', cluster: 'another' })).toBe(1);
    expect(arm({ method, subscriptionId: 'another' })).toBeUndefined();
    expect(arm({ method, clientId: 'another' })).toBeUndefined();
  });
});

describe('ARM', () => {
  it('counts reads, writes and deletes by themselves, and says how many are left', () => {
    const made = makeThrottling(steppedClock(0), true);
    const headers = ['GET', 'PUT', 'DELETE', 'GET'].map((method) => made.passArm({ ...CALL, method }));
    expect(headers).toEqual([
      { 'x-ms-ratelimit-remaining-subscription-reads': '249' },
      { 'x-ms-ratelimit-remaining-subscription-writes': '199' },
      { 'x-ms-ratelimit-remaining-subscription-deletes': '199' },
      { 'x-ms-ratelimit-remaining-subscription-reads': '248' },
    ]);
  });
});
