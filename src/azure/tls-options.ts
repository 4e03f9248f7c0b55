import type { TlsSettings } from '@azure/core-rest-pipeline';
import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates } from 'node:tls';

/**
 * The certificates to trust where a file has some besides Node's own; nothing without a file.
 *
 * @throws Error when the file cannot be read
 */
export function trustedBesides(file: string | undefined): { ca?: readonly string[] } {
  return file === undefined ? {} : { ca: [...getCACertificates('default'), readFileSync(file, 'utf8')] };
}

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
