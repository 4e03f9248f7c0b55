import type { ConnectOptions } from './connection.ts';
import { isLocalAddress } from './local-addresses.ts';
import { createResolve } from './resolve.ts';

/** One for the process: it bounds the threads that names of targets occupy. */
const RESOLVE = createResolve();

/**
 * The limits of connections to an address from a tenant or from ARM.
 *
 * @param allowLocal allows connections to the own machine and link, where test clusters run
 */
export function targetFence(
  allowLocal: boolean,
): Pick<ConnectOptions, 'mayDial'> & Required<Pick<ConnectOptions, 'resolve'>> {
  return { resolve: RESOLVE, ...(allowLocal ? {} : { mayDial: (address: string) => !isLocalAddress(address) }) };
}
