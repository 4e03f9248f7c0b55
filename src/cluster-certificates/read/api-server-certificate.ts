import type { Finding } from '../evidence.ts';
import { describeFailure } from './handshake-failure.ts';
import type { EvidenceReader, Reading, ServerAddress } from './source.ts';

/** Most addresses that are tried. */
const MOST_SERVERS = 3;

/** The certificate that the API server shows. No credential is sent, and nothing is verified here: see judge.ts. */
export const apiServerCertificate: EvidenceReader = {
  members: ['apiServer'],
  noun: "The API server's certificate",
  ms: 20_000,
  async read(reading) {
    const { sources, signal } = reading;
    if (!sources.handshake) return {};
    const addresses = await addressesOf(reading);
    if (addresses === undefined) return {};
    let failure: Finding<never> | undefined;
    for (const address of addresses.slice(0, MOST_SERVERS)) {
      try {
        const value = await sources.handshake(address, signal);
        return { apiServer: { known: true, value, source: 'TLS handshake' } };
      } catch (error) {
        signal.throwIfAborted();
        failure ??= describeFailure(address, error);
      }
    }
    return { apiServer: failure ?? NO_ADDRESS };
  },
};

const NO_ADDRESS: Finding<never> = {
  known: false,
  why: 'The address of the API server is not known: neither a kubeconfig nor ARM names it.',
};

/** Where the API server is, in the order in which it is tried; undefined where no source has been given. */
async function addressesOf({ sources, kubeconfig }: Reading): Promise<readonly ServerAddress[] | undefined> {
  const found = await kubeconfig();
  if (found?.known && found.value.server !== undefined) {
    const { server, tlsServerName } = found.value;
    return [{ server, ...(tlsServerName === undefined ? {} : { tlsServerName }) }];
  }
  if (!found && !sources.servers) return undefined;
  return (sources.servers ?? []).map((server) => ({ server }));
}
