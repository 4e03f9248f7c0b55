import { connect, type ConnectOptions, type Connection } from '../../kubernetes/connection.ts';
import type { Credentials } from '../../kubernetes/credentials.ts';
import { isLocalAddress } from '../../kubernetes/local-addresses.ts';

/**
 * Limits of one answer of a target's API server, which may be any server. A page of 500 nodes with their metadata has
 * some 150,000 values. An object has at most 1.5 MiB (etcd's limit on requests). Half a million values of the worst kind (members
 * of different names) take 70 MiB and 0.3 s of CPU to parse.
 */
const TARGET_LIMITS = {
  maxAnswerBytes: 16 * 2 ** 20,
  maxLineBytes: 2 * 2 ** 20,
  maxJson: { values: 500_000, depth: 100 },
} as const satisfies ConnectOptions;

export interface TargetConnectOptions extends Pick<ConnectOptions, 'failed' | 'outstanding'> {
  /** Also to the controller's own machine and link, where laboratories have their clusters. */
  readonly allowLocal?: boolean;
}

/** Connects to the API server of a target cluster, at an address that a tenant or ARM has given. */
export function connectToTarget(credentials: Credentials, options: TargetConnectOptions = {}): Connection {
  const { allowLocal = false, ...rest } = options;
  const fence = allowLocal ? {} : { mayDial: (address: string) => !isLocalAddress(address) };
  return connect(credentials, { ...TARGET_LIMITS, ...fence, ...rest });
}
