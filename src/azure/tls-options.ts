import type { TlsSettings } from '@azure/core-rest-pipeline';
import { createSecureContext } from 'node:tls';

/**
 * Trust in these certificates, for the SDK's `tlsOptions`. As a list they would be part of the name under which Node looks for
 * an idle connection, half a megabyte several times a request, and be read again for each connection.
 *
 * @param ca PEM certificates, all that are to be trusted; absent: Node's own
 */
export function tlsOptionsFor(ca: readonly string[] | undefined): { tlsOptions?: TlsSettings } {
  if (!ca) return {};
  // The SDK hands them on to Node's agent as they are.
  const settings = { secureContext: createSecureContext({ ca: ca.join('\n') }) };
  return { tlsOptions: settings as TlsSettings };
}
