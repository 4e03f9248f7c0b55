import { isTerminal } from '../cluster/cluster.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Provider } from '../cluster/provider.ts';
import { anotherOperation, spokenError } from './errors.ts';
import type { Activity, ArmError } from './errors.ts';

/** Throws the answer of AKS to a change while something is going on, or while the cluster is stopped. */
export function refuseWhileBusy(cluster: Cluster, provider: Provider): void {
  refuseWhileAtWork(cluster, provider);
  if (cluster.state.powerState === 'Stopped') throw wrongPowerState(cluster, 'updating');
}

/** Throws the answer of AKS to any operation while another one is going on. */
export function refuseWhileAtWork(cluster: Cluster, provider: Provider): void {
  const activity = activityOf(cluster, provider);
  if (activity !== undefined) throw anotherOperation(activity, provider.words);
}

function activityOf({ state, pools, operation, deletion }: Cluster, { clock, random }: Provider): Activity | undefined {
  const { provisioningState } = state;
  const [pool, poolState] = [...pools].find(([, one]) => !isTerminal(one.provisioningState)) ?? [];
  if (isTerminal(provisioningState) && (pool === undefined || poolState === undefined)) return undefined;
  const running = deletion ?? operation;
  const started = {
    // A state that a test has set has no operation.
    operationId: running?.id ?? random.guid(),
    startedAt: running?.startTime ?? new Date(clock.now()).toISOString(),
  };
  if (!isTerminal(provisioningState) || pool === undefined || poolState === undefined)
    return { provisioningState, ...started };
  return { provisioningState: poolState.provisioningState, pool, ...started };
}

/** The refusal of an operation that the cluster's power state does not allow. */
export function wrongPowerState(
  { state }: Cluster,
  doing: 'updating' | 'starting' | 'stopping' | 'rotating certificates',
): ArmError {
  return spokenError('stopped', {
    'State(Succeeded)': `State(${state.provisioningState})`,
    'State(Stopped)': `State(${state.powerState})`,
    'updating cannot': `${doing} cannot`,
  });
}
