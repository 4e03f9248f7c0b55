import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';

/** The only states, of a cluster or a pool, in which AKS accepts a PUT. Compared without case. */
const TERMINAL = new Set(['succeeded', 'failed', 'canceled']);

export function isTerminal(provisioningState: string): boolean {
  return TERMINAL.has(provisioningState.toLowerCase());
}

export function isState(provisioningState: string, state: 'Succeeded' | 'Failed' | 'Canceled'): boolean {
  return provisioningState.toLowerCase() === state.toLowerCase();
}

/** Description of a running operation, for messages. Undefined when no operation runs on the cluster or its pools. */
export function runningOperation(model: ClusterModel): string | undefined {
  if (!isTerminal(model.provisioningState)) return model.provisioningState;
  const pool = model.pools.find(({ provisioningState }) => !isTerminal(provisioningState));
  return pool && `${pool.provisioningState} of node pool ${pool.name}`;
}

/** True for a stopped cluster or pool. */
export function isStopped({ powerState }: Pick<PoolModel, 'powerState'>): boolean {
  return powerState.toLowerCase() === 'stopped';
}

/**
 * Description of a control plane or pool that does not run its target version. A PUT would resume that upgrade. An unknown version
 * counts as off target. A target may be a minor version, such as 1.35, which every 1.35.x meets.
 */
export function offTarget(model: ClusterModel): string | undefined {
  const { version, pools } = model;
  if (!version) return 'the control plane runs an unknown version';
  if (!meets(version.current, version.target))
    return `the control plane runs ${version.current} and is meant to run ${version.target}`;
  const pool = pools.find(
    ({ currentVersion, targetVersion }) => !currentVersion || !targetVersion || !meets(currentVersion, targetVersion),
  );
  return pool && describePool(pool);
}

function meets(current: string, target: string): boolean {
  return current === target || current.startsWith(`${target}.`);
}

function describePool({ name, currentVersion, targetVersion }: PoolModel): string {
  return `node pool ${name} runs ${currentVersion ?? 'an unknown version'} and is meant to run ${targetVersion ?? 'an unknown version'}`;
}
