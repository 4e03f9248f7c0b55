import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { promisify } from 'node:util';
import { KubernetesError } from '../error.ts';

/** Whether a connection may be made to an IP address. */
export type MayDial = (address: string) => boolean;

/** The addresses of a name: at least one, or it rejects with a DNS error. */
export type Resolve = (hostname: string, family: 0 | 4 | 6) => Promise<readonly LookupAddress[]>;

/** Node's `lookup`, or a function with the same effect. */
export type LookupAll = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void,
) => void;

const lookupAll = promisify(lookup);

/** Resolves with Node's own lookup, which occupies one of four threads that files and all other names need as well. */
export const resolveAsNode: Resolve = (hostname, family) => lookupAll(hostname, { all: true, family });

/** Resolves names, and returns only the addresses that may be connected to, so that exactly the checked address is used. */
export function lookupWithin(mayDial: MayDial, resolve: LookupAll = lookup): LookupFunction {
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

export function asLookup(resolve: Resolve): LookupAll {
  return (hostname, { family }, callback) => {
    resolve(hostname, familyOf(family)).then(
      (found) => callback(null, [...found]),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

function familyOf(family: string | number | undefined): 0 | 4 | 6 {
  if (family === 4 || family === 'IPv4') return 4;
  return family === 6 || family === 'IPv6' ? 6 : 0;
}

/**
 * Checks a server with an IP address in its URL, for which there is no DNS lookup.
 *
 * @throws KubernetesError `AddressRefused`
 */
export function assertMayDial(server: string, mayDial: MayDial): void {
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !mayDial(host)) throw refusal(host);
}

function refusal(host: string): KubernetesError & { code: string } {
  const error = new KubernetesError(
    0,
    'AddressRefused',
    `${host} is an address to which the controller does not connect`,
  );
  return Object.assign(error, { code: 'AddressRefused' });
}
