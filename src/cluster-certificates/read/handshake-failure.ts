import { escapeForDisplay } from '../../api/display.ts';
import { listAt } from '../../kubernetes/untrusted/untyped.ts';
import type { Finding } from '../evidence.ts';
import { HANDSHAKE_MS, HANDSHAKE_TIMEOUT, NO_CERTIFICATE } from './handshake.ts';
import type { ServerAddress } from './source.ts';

const DIRECT = 'The certificate is read over a direct connection, not through a proxy.';
const REACH = `Allow this network to reach the API server: check authorized IP ranges, firewalls, and the private endpoint of a private cluster. ${DIRECT}`;
const RESOLVE = `If the cluster is private, link its private DNS zone to this network. ${DIRECT}`;

/** Why there was no certificate, and what would give it. */
export function describeFailure({ server }: ServerAddress, error: unknown): Finding<never> {
  const { hostname, port } = new URL(server);
  const host = escapeForDisplay(hostname, 253);
  const where = `${host}:${port === '' ? '443' : port}`;
  const code = codeOf(error);
  switch (code) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'EAI_AGAIN':
      return unknown(`The name of the API server, ${host}, does not resolve here.`, RESOLVE);
    case 'AddressRefused':
      return unknown(
        `The address of the API server, ${host}, is one of the machine or the link from which it would be read, and such addresses are not connected to.`,
        'Check the DNS records of the API server.',
      );
    case HANDSHAKE_TIMEOUT:
    case 'ETIMEDOUT':
      return unknown(`The API server at ${where} did not answer within ${HANDSHAKE_MS / 1000} s.`, REACH);
    case 'ECONNREFUSED':
      return unknown(`${where} refuses connections, so the API server is not there, or is not running.`, REACH);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return unknown(`There is no route to the API server at ${where}.`, REACH);
    case 'ECONNRESET':
    case 'EPIPE':
      return unknown(
        `The connection to the API server at ${where} was ended during the TLS handshake, as a firewall does.`,
        REACH,
      );
    case NO_CERTIFICATE:
      return unknown(`The server at ${where} showed no certificate that can be read, so it is no API server.`, CHECK);
    default:
      return isTls(code)
        ? unknown(`The server at ${where} does not complete a TLS handshake (${code}), so it is no API server.`, CHECK)
        : unknown(`The connection to the API server at ${where} failed (${code}).`, REACH);
  }
}

const CHECK = 'Check the DNS records of the API server, and firewalls that inspect TLS on the way to it.';

function unknown(why: string, fix: string): Finding<never> {
  return { known: false, why, fix };
}

/** OpenSSL's and Node's codes of a server that does not speak TLS, or not as we do. */
function isTls(code: string): boolean {
  return code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_');
}

const CODE = /^[A-Za-z0-9_]{1,64}$/;

/** Of several addresses that failed, the first counts. */
function codeOf(error: unknown): string {
  const all = [error, ...listAt(error, 'errors')];
  const codes = all.map((one) => (typeof one === 'object' && one !== null && 'code' in one ? one.code : undefined));
  return codes.find((code): code is string => typeof code === 'string' && CODE.test(code)) ?? 'without a code';
}
