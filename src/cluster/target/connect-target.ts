import { connect, type ConnectOptions, type Connection } from '../../kubernetes/connection.ts';
import type { Credentials } from '../../kubernetes/credentials.ts';
import { isLocalAddress } from '../../kubernetes/local-addresses.ts';

/**
 * What one answer of a target's API server may hold; such a server may be anybody's. A page of 500 whole pods has some 5 MiB and
 * 200,000 values. An object has at most 1.5 MiB (etcd's limit on requests). A million values take about 100 MiB once parsed.
 */
export const TARGET_LIMITS = {
  maxAnswerBytes: 16 * 2 ** 20,
  maxLineBytes: 2 * 2 ** 20,
  maxJson: { values: 1_000_000, depth: 100 },
} as const satisfies ConnectOptions;

export interface TargetConnectOptions extends Pick<ConnectOptions, 'failed' | 'outstanding'> {
  /** Also to the controller's own machine and link, where laboratories have their clusters. */
  readonly allowLocal?: boolean;
}

/** Connects to the API server of a target cluster, at an address that a tenant or ARM has given. */
export function connectToTarget(credentials: Credentials, options: TargetConnectOptions = {}): Connection {
  const { allowLocal = false, ...told } = options;
  const fence = allowLocal ? {} : { mayDial: (address: string) => !isLocalAddress(address) };
  return connect(credentials, { ...TARGET_LIMITS, ...fence, ...told });
}
