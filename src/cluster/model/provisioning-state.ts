import type { ClusterModel, PoolModel } from '../../azure/cluster-model.ts';

/** The only states in which AKS takes a PUT, of a cluster and of a pool alike; compared without case. */
const TERMINAL = new Set(['succeeded', 'failed', 'canceled']);

export function isTerminal(provisioningState: string): boolean {
  return TERMINAL.has(provisioningState.toLowerCase());
}

export function isState(provisioningState: string, state: 'Succeeded' | 'Failed' | 'Canceled'): boolean {
  return provisioningState.toLowerCase() === state.toLowerCase();
}

/** What still runs, for people; undefined when cluster and pools are all at rest. */
export function runningOperation(model: ClusterModel): string | undefined {
  if (!isTerminal(model.provisioningState)) return model.provisioningState;
  const pool = model.pools.find(({ provisioningState }) => !isTerminal(provisioningState));
  return pool && `${pool.provisioningState} of node pool ${pool.name}`;
}

/** Of a cluster or a pool. */
export function isStopped({ powerState }: Pick<PoolModel, 'powerState'>): boolean {
  return powerState.toLowerCase() === 'stopped';
}

/**
 * What does not run the version it is meant to run; a PUT would resume that upgrade. What ARM does not say counts as off.
 * A target may be a minor version, such as 1.35, which every 1.35.x meets.
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
