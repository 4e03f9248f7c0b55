import { connect, type ConnectOptions, type Connection } from '../../kubernetes/client/connection.ts';
import type { Credentials } from '../../kubernetes/auth/types.ts';
import { createReadBudget, type ReadBudget } from '../../kubernetes/client/read-budget.ts';
import { targetFence } from '../../kubernetes/client/target-fence.ts';

/**
 * Limits of one response of a target's API server, which may be any server. A page of 500 nodes with their metadata has
 * some 150,000 values. An object has at most 1.5 MiB (etcd's limit on requests). Half a million values of the worst kind (members
 * of different names) take 70 MiB and 0.3 s of CPU to parse.
 */
const TARGET_LIMITS = {
  maxAnswerBytes: 16 * 2 ** 20,
  maxLineBytes: 2 * 2 ** 20,
  maxJson: { values: 500_000, depth: 100 },
} as const satisfies ConnectOptions;

/**
 * Memory that all responses of targets together may hold while they are read: 64 MiB of the 512 that the process has. A page of 250 nodes
 * with many labels has about a megabyte.
 */
export const TARGET_READS = {
  largest: TARGET_LIMITS.maxAnswerBytes,
  large: 3,
  small: 2 ** 19,
  allSmall: 16 * 2 ** 20,
} as const;
const READS = createReadBudget(TARGET_READS);

export interface TargetConnectOptions extends Pick<ConnectOptions, 'failed' | 'outstanding' | 'resolve'> {
  /** Allows connections to the controller's own machine and link, where test clusters run. */
  readonly allowLocal?: boolean;
  /** The owner whose responses count together for the limits on memory; default: the server. */
  readonly payer?: string;
  /** Default: the budget of the process. */
  readonly budget?: ReadBudget;
}

/** Connects to the API server of a target cluster, at an address from a tenant or ARM. */
export function connectToTarget(credentials: Credentials, options: TargetConnectOptions = {}): Connection {
  const { allowLocal = false, payer = credentials.server, budget = READS, ...rest } = options;
  return connect(credentials, { ...TARGET_LIMITS, ...targetFence(allowLocal), reads: { budget, payer }, ...rest });
}
