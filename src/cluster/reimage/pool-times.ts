import type { PoolModel } from '../../azure/cluster-model.ts';

/**
 * How long after its machine was made a node may register, in minutes: AKS gives the machine about that long to provision before
 * it calls it failed (github.com/Azure/AgentBaker, cse_main.sh, CSE timeout of 15 minutes).
 */
export const PROVISIONING_MINUTES = 15;

/** learn.microsoft.com/azure/aks/upgrade-aks-node-pools-rolling: drainTimeoutInMinutes, where a pool does not say. */
const DRAIN_TIMEOUT_MINUTES = 30;

export function drainMinutes({ drainTimeoutMinutes }: PoolModel): number {
  return drainTimeoutMinutes ?? DRAIN_TIMEOUT_MINUTES;
}

/** The longest time that AKS drains a node of the pool and then soaks, in minutes. */
export function drainAndSoakMinutes(pool: PoolModel): number {
  return drainMinutes(pool) + (pool.soakMinutes ?? 0);
}
