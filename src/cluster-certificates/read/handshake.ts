import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { assertMayDial, asLookup, lookupWithin } from '../../kubernetes/client/dial.ts';
import { targetFence } from '../../kubernetes/client/target-fence.ts';
import { startDeadline } from '../../waiting/deadline.ts';
import type { Handshake, ServerAddress } from './source.ts';

/** Longest time of one handshake, names and connection included, in ms. */
export const HANDSHAKE_MS = 10_000;
/** Longest time to end the connection, in ms. */
const ENDING_MS = 1000;

/** A code of a handshake without a result, besides those of Node and OpenSSL. */
export const NO_CERTIFICATE = 'NoCertificate';
export const HANDSHAKE_TIMEOUT = 'HandshakeTimeout';

/**
 * Reads the certificate that a server shows, as `openssl s_client` does. It sends no credential, and ends the connection right after the
 * handshake. It connects directly, never through a proxy.
 *
 * @param allowLocal allows connections to the own machine and link, where test clusters run
 */
export function createHandshake({ allowLocal = false, ms = HANDSHAKE_MS } = {}): Handshake {
  const { mayDial = () => true, resolve } = targetFence(allowLocal);
  return async (address, caller) => {
    assertMayDial(address.server, mayDial);
    const deadline = startDeadline(ms, caller);
    try {
      return await shake(address, lookupWithin(mayDial, asLookup(resolve)), deadline.signal);
    } catch (error) {
      caller.throwIfAborted();
      if (deadline.expired()) throw coded('no answer in time', HANDSHAKE_TIMEOUT);
      throw error;
    } finally {
      deadline.release();
    }
  };
}

function shake(
  { server, tlsServerName }: ServerAddress,
  lookup: ReturnType<typeof lookupWithin>,
  signal: AbortSignal,
): Promise<X509Certificate> {
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  // Go sends no server name for an address.
  const name = tlsServerName ?? host;
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port === '' ? 443 : port),
      lookup,
      servername: isIP(name) === 0 ? name : '',
      // The certificate is evidence, with any signature. Nothing is sent to this server.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    const fail = (error: Error) => {
      signal.removeEventListener('abort', abort);
      reject(error);
      socket.destroy();
    };
    const abort = () => fail(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
    socket.on('error', fail);
    socket.on('close', () => fail(coded('the server closed the connection', 'ECONNRESET')));
    socket.once('secureConnect', () => {
      try {
        // A copy, so that nothing of the connection is kept.
        resolve(new X509Certificate(socket.getPeerX509Certificate()?.raw ?? ''));
      } catch {
        fail(coded('the server showed no certificate that can be read', NO_CERTIFICATE));
      }
      signal.removeEventListener('abort', abort);
      // Ended before the last message of the handshake has left, the server would log an error.
      socket.setTimeout(ENDING_MS, () => socket.destroy()).end(() => socket.destroy());
    });
  });
}

function coded(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
