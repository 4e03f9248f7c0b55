import type { TlsSettings } from '@azure/core-rest-pipeline';
import { createSecureContext } from 'node:tls';

/**
 * Trust in these certificates, for the SDK's `tlsOptions`. A list of certificates would be part of the key under which Node keeps
 * idle connections, half a megabyte several times a request, and would be parsed again for each connection.
 *
 * @param ca PEM certificates, all that are to be trusted; absent: Node's own
 */
export function tlsOptionsFor(ca: readonly string[] | undefined): { tlsOptions?: TlsSettings } {
  if (!ca) return {};
  // The SDK passes them on to Node's agent unchanged.
  const settings = { secureContext: createSecureContext({ ca: ca.join('\n') }) };
  return { tlsOptions: settings as TlsSettings };
}
