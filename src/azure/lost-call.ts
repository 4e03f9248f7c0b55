import { types } from 'node:util';
import { armText } from './arm-text.ts';

/** A call without an answer. `NoToken`: signing in was refused, so nothing was sent. */
export interface LostCall {
  readonly status: 0;
  readonly code: 'NoToken' | 'NoAnswer';
  readonly message: string;
}

/** Words of MSAL and @azure/identity for an authority without an answer, or one that is not Microsoft Entra's. */
const AUTHORITY_SILENT =
  /endpoints_resolution_error|network_error|openid_config_error|Http status code: \d+|Not Available - Timestamp/;
const NETWORK = /\b(?:ECONN[A-Z]*|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)\b/;

/** Characters of an error that are read. */
const LONGEST = 4096;

const AUTHORITY_MESSAGE =
  'signing in got no usable answer: the authority cannot be reached, its certificate is not trusted, or it does not know the tenant';

/** Distinguishes a credential that gets no token from a network failure. No message quotes a request. */
export function describeLostCall(error: unknown): LostCall {
  const { name, message: whole } = types.isNativeError(error) ? error : new Error(String(error));
  // The authority, or a proxy in its place, may have written most of this text.
  const message = whole.slice(0, LONGEST);
  const lost = (code: LostCall['code'], text: string): LostCall => ({ status: 0, code, message: armText(text) });
  const line = (/^[^\r\n]*/.exec(message)?.[0] ?? '').slice(0, 200);
  const entra = /AADSTS\d+:.*?(?=\s*(?:- Correlation ID|Trace ID|[\r\n]|$))/.exec(message)?.[0];
  if (entra !== undefined) return lost('NoToken', entra.slice(0, 250));
  if (/^(?:ENOENT|EACCES|EISDIR|EPERM)\b/.test(message))
    return lost('NoToken', `a file of the credential cannot be read: ${line}`);
  if (!/Credential|Authentication/i.test(name) || NETWORK.test(message)) return lost('NoAnswer', line);
  if (AUTHORITY_SILENT.test(message)) return lost('NoAnswer', AUTHORITY_MESSAGE);
  return lost('NoToken', name === 'CredentialUnavailableError' ? line : 'no token could be got');
}
