import { types } from 'node:util';

/** What is said of a call that brought no answer. `NoToken`: signing in was refused, so nothing was sent. */
export interface LostCall {
  readonly status: 0;
  readonly code: 'NoToken' | 'NoAnswer';
  readonly message: string;
}

/** Words of MSAL and @azure/identity for an authority that gave no answer, or one that is not Microsoft Entra's. */
const AUTHORITY_SILENT =
  /endpoints_resolution_error|network_error|openid_config_error|Http status code: \d+|Not Available - Timestamp/;
const NETWORK = /\b(?:ECONN[A-Z]*|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE)\b/;

/** Tells a credential that gets no token from a network that carries nothing. No message quotes a request. */
export function describeLostCall(error: unknown): LostCall {
  const { name, message } = types.isNativeError(error) ? error : new Error(String(error));
  const line = (/^[^\r\n]*/.exec(message)?.[0] ?? '').slice(0, 200);
  const entra = /AADSTS\d+:.*?(?=\s*(?:- Correlation ID|Trace ID|[\r\n]|$))/.exec(message)?.[0];
  if (entra !== undefined) return { status: 0, code: 'NoToken', message: entra.slice(0, 250) };
  if (/^(?:ENOENT|EACCES|EISDIR|EPERM)\b/.test(message))
    return { status: 0, code: 'NoToken', message: `a file of the credential cannot be read: ${line}` };
  if (!/Credential|Authentication/i.test(name) || NETWORK.test(message))
    return { status: 0, code: 'NoAnswer', message: line };
  if (AUTHORITY_SILENT.test(message)) {
    const what =
      'signing in got no usable answer: the authority is out of reach, its certificate is not trusted, or it does not know the tenant';
    return { status: 0, code: 'NoAnswer', message: what };
  }
  return {
    status: 0,
    code: 'NoToken',
    message: name === 'CredentialUnavailableError' ? line : 'no token could be got',
  };
}
