import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { KubernetesError } from './error.ts';

/** Whether a connection may be made to an IP address. */
export type MayDial = (address: string) => boolean;

/** Resolves names as Node does, and gives out only the addresses that may be dialled: what is connected to is what was judged. */
export function lookupWithin(mayDial: MayDial, resolve: typeof lookup = lookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const allowed = found.filter(({ address }) => mayDial(address));
      const [first] = allowed;
      if (first === undefined) return callback(refusal(hostname), []);
      return options.all === true ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
}

/**
 * For a server that is named by its address, which is never looked up.
 *
 * @throws KubernetesError `AddressRefused`
 */
export function assertMayDial(server: string, mayDial: MayDial): void {
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !mayDial(host)) throw refusal(host);
}

function refusal(host: string): KubernetesError & { code: string } {
  const error = new KubernetesError(0, 'AddressRefused', `${host} is an address that no connection is made to`);
  return Object.assign(error, { code: 'AddressRefused' });
}
