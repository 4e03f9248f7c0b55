import { describe, expect, it } from '@jest/globals';
import { describeLostCall } from '../../src/azure/lost-call.ts';

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

const NO_ENTRA = 'Timestamp: Not Available - Description: Not Available - Correlation ID: Not Available';

describe('a call without an answer', () => {
  it.each([
    ['a refused connection', new Error('connect ECONNREFUSED 10.0.0.1:443'), 'connect ECONNREFUSED 10.0.0.1:443'],
    [
      'a name nobody knows',
      new Error('getaddrinfo ENOTFOUND management.azure.com'),
      'getaddrinfo ENOTFOUND management.azure.com',
    ],
    ['a connection that breaks', named('RestError', 'read ECONNRESET\n{"request": "secret"}'), 'read ECONNRESET'],
    [
      'a certificate nobody trusts',
      named('RestError', 'self-signed certificate in certificate chain'),
      'self-signed certificate in certificate chain',
    ],
    ['a deadline', new Error('no answer within 60 s'), 'no answer within 60 s'],
    ['what is no Error', 'odd', 'odd'],
  ])('because of %s is a matter of the network', (_what, error, message) => {
    expect(describeLostCall(error)).toEqual({ status: 0, code: 'NoAnswer', message });
  });

  it.each([
    [
      'CredentialUnavailableError',
      'endpoints_resolution_error: See https://aka.ms/msal.js.errors#endpoints_resolution_error for details',
    ],
    ['AuthenticationRequiredError', 'network_error: See https://aka.ms/msal.js.errors#network_error for details'],
    ['AuthenticationRequiredError', `[object Object]: Error(s): Not Available - ${NO_ENTRA}`],
    [
      'AuthenticationRequiredError',
      'client_error: Description: A client error occured.\nHttp status code: 403\nHttp status message: <html>',
    ],
  ])('because the authority gave none (%s: %s) is a matter of the network, and blames no credential', (name, text) => {
    const { code, message } = describeLostCall(named(name, text));
    expect(code).toBe('NoAnswer');
    expect(message).toMatch(/^signing in got no usable answer: .*tenant/);
  });

  it('because the way to the authority is cut is a matter of the network', () => {
    const error = named('AuthenticationError', 'request to the authority failed: connect ECONNREFUSED 10.0.0.1:443');
    expect(describeLostCall(error).code).toBe('NoAnswer');
  });

  it.each([
    [
      'invalid_client: Error(s): 7000215 - Timestamp: 2026-11-21 - Description: AADSTS7000215: Invalid client secret provided. - Correlation ID: 1 - Trace ID: 2',
      'AADSTS7000215: Invalid client secret provided.',
    ],
    [
      'invalid_request: AADSTS70021: No matching federated identity record found for presented assertion. Trace ID: 1 Correlation ID: 2 Timestamp: 3',
      'AADSTS70021: No matching federated identity record found for presented assertion.',
    ],
    ['AADSTS90002: Tenant not found.\nclient_secret=hush', 'AADSTS90002: Tenant not found.'],
  ])('because Entra refuses (%s) names its code and sentence only', (text, message) => {
    expect(describeLostCall(named('AuthenticationRequiredError', text))).toEqual({
      status: 0,
      code: 'NoToken',
      message,
    });
  });

  it.each([
    [
      named('AuthenticationRequiredError', "ENOENT: no such file or directory, open '/var/run/token'"),
      '/var/run/token',
    ],
    [new Error("EACCES: permission denied, open '/etc/cert.pem'"), '/etc/cert.pem'],
  ])('because a file of the credential cannot be read names the file', (error, path) => {
    const { code, message } = describeLostCall(error);
    expect(code).toBe('NoToken');
    expect(message).toContain(`a file of the credential cannot be read: `);
    expect(message).toContain(path);
  });

  it('because there is no credential says why', () => {
    const error = named('CredentialUnavailableError', 'Azure CLI could not be found.\nmore');
    expect(describeLostCall(error)).toEqual({ status: 0, code: 'NoToken', message: 'Azure CLI could not be found.' });
  });

  it('because signing in fails in an unknown way quotes nothing of it', () => {
    const error = named('AuthenticationRequiredError', 'odd: client_secret=hush&client_assertion=hush');
    expect(describeLostCall(error)).toEqual({ status: 0, code: 'NoToken', message: 'no token could be got' });
  });

  it('is described in bounded time and length', () => {
    for (const filler of ['AADSTS1: ', 'AADSTS', 'x', ' - Correlation', '\n', `AADSTS1:${' '.repeat(100)}`]) {
      const started = performance.now();
      const { message } = describeLostCall(named('AuthenticationError', filler.repeat(100_000)));
      expect(message.length).toBeLessThanOrEqual(250);
      expect(performance.now() - started).toBeLessThan(2000);
    }
  });
});
