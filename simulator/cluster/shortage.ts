import type { Cluster } from './cluster.ts';
import { OperationFailure } from './operation.ts';

/** Why a cloud makes no machine (learn.microsoft.com/troubleshoot/azure/azure-kubernetes/error-codes). */
export type ShortageCode = 'QuotaExceeded' | 'SubnetIsFull' | 'AllocationFailed';

export interface Shortage {
  readonly code: ShortageCode;
  /** Default: as Azure words it. */
  readonly message?: string;
  /** Default: every pool. */
  readonly pool?: string;
}

const WORDING: Readonly<Record<ShortageCode, string>> = {
  QuotaExceeded:
    'Operation could not be completed as it results in exceeding approved standardDSv5Family Cores quota. ' +
    'Additional details - Deployment Model: Resource Manager, Current Limit: 16, Current Usage: 16, Additional Required: 4, (Minimum) New Limit Required: 20.',
  SubnetIsFull: 'Subnet aks-subnet with address prefix 10.224.0.0/28 does not have enough capacity for 1 IP addresses.',
  AllocationFailed: 'Allocation failed. We do not have sufficient capacity for the requested VM size in this region.',
};

/** From now on no machine can be had, until `endShortage`. */
export function beginShortage(cluster: Cluster, { code, message = WORDING[code], pool = '' }: Shortage): void {
  cluster.shortages.set(pool.toLowerCase(), { code, message });
}

/** Machines can be had again: of one pool, or of all. */
export function endShortage(cluster: Cluster, pool?: string): void {
  if (pool === undefined) cluster.shortages.clear();
  else cluster.shortages.delete(pool.toLowerCase());
}

/** To be called before machines are made. Throws OperationFailure when there are none to be had. */
export function refuseShortage(cluster: Cluster, pool: string): void {
  const shortage = cluster.shortages.get(pool.toLowerCase()) ?? cluster.shortages.get('');
  if (shortage !== undefined) throw new OperationFailure(shortage.code, shortage.message);
}
