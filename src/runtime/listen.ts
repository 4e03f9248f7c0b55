import type { AddressInfo, Server } from 'node:net';

/**
 * @param address as {@link parseAddress} takes it; port 0 takes a free one
 * @throws Error when the address cannot be listened on
 */
export function listen(server: Server, address: string): Promise<{ readonly port: number }> {
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.off('error', reject);
      resolve({ port: (server.address() as AddressInfo).port });
    });
  });
}

/**
 * Reads `host:port`, `:port` for all addresses, or `[::1]:port`.
 *
 * @throws Error that names the accepted forms
 */
export function parseAddress(address: string): { readonly host?: string; readonly port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(address) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) throw new Error(`${address}: not an address: use host:port or :port`);
  const host = bracketed ?? plain;
  return host === undefined || host === '' ? { port } : { host, port };
}
