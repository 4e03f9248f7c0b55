import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createLogger } from '../../src/runtime/logging.ts';
import { scrub } from '../../src/runtime/scrub.ts';
import { KubernetesError } from '../../src/kubernetes/error.ts';
import { fastest } from '../fastest.ts';

const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lb25lIn0.c2lnbmF0dXJl';
const KEY = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1\n-----END EC PRIVATE KEY-----\n';

function logged(
  write: (logger: ReturnType<typeof createLogger>) => void,
  format: 'json' | 'pretty' = 'json',
): string[] {
  const lines: string[] = [];
  write(createLogger({ level: 'debug', format, destination: { write: (line) => void lines.push(line) } }));
  return lines;
}

function only(write: (logger: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  const lines = logged(write);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

describe('a logger', () => {
  it('writes one JSON object a line, with level, time and the fields of its parents', () => {
    const line = only((logger) =>
      logger.child({ cluster: 'prod' }).child({ reconcileId: '7' }).warn({ nodes: 3 }, 'checked'),
    );
    expect(line).toMatchObject({ level: 'warn', cluster: 'prod', reconcileId: '7', nodes: 3, msg: 'checked' });
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('writes for people', () => {
    const text = logged((logger) => logger.info({ nodes: 3 }, 'checked'), 'pretty').join('');
    expect(text).toMatch(/^\[\d\d:\d\d:\d\d\] INFO: checked \{"nodes":3\}\n$/);
  });

  it('leaves out what is below its level', () => {
    const lines: string[] = [];
    const logger = createLogger({
      level: 'warn',
      format: 'json',
      destination: { write: (line) => void lines.push(line) },
    });
    logger.info({}, 'not this');
    logger.error({}, 'this');
    expect(lines).toHaveLength(1);
  });

  it('says of an error what went wrong, and nothing of the request it carries', () => {
    const error = Object.assign(new Error('refused', { cause: new Error('reset') }), {
      code: 'ECONNRESET',
      statusCode: 409,
      request: { headers: { authorization: 'abc' } },
    });
    const line = only((logger) => logger.error({ err: error }, 'failed'));
    expect(line['err']).toMatchObject({
      type: 'Error',
      message: 'refused',
      code: 'ECONNRESET',
      status: 409,
      cause: { message: 'reset' },
    });
    expect(line['err']).not.toHaveProperty('request');
  });

  it('says of an error that is its own cause what went wrong, a few times', () => {
    const error = new Error('round and round');
    error.cause = error;
    const line = only((logger) => logger.error({ err: error }, 'failed'));
    expect(JSON.stringify(line).match(/round and round/g)?.length).toBeLessThan(20);
  });

  it('says where an error came from at level debug; else only of a fault of ours, in one line', () => {
    const refused = new KubernetesError(0, 'ECONNREFUSED', 'GET /x: connect ECONNREFUSED 10.0.0.1:443');
    const fault = new Error('a pass failed', { cause: new TypeError('x is not a function') });
    const of = (level: 'debug' | 'warn', error: Error) => {
      const lines: string[] = [];
      createLogger({ level, format: 'json', destination: { write: (line) => void lines.push(line) } }).warn(
        { err: error },
        'failed',
      );
      return (JSON.parse(lines[0] ?? '') as { err: { stack?: string; at?: string; cause?: object } }).err;
    };
    expect(of('debug', refused).stack).toMatch(/KubernetesError.*\n +at /);
    expect(of('warn', refused)).toEqual({
      type: 'KubernetesError',
      message: refused.message,
      status: 0,
      reason: 'ECONNREFUSED',
    });
    expect(of('warn', fault)).toEqual({
      type: 'Error',
      message: 'a pass failed',
      cause: { type: 'TypeError', message: 'x is not a function', at: expect.stringMatching(/logging\.test\.ts:\d+/) },
    });
  });

  it('cuts the message of an error when it is too long to read', () => {
    const line = only((logger) => logger.error({ err: new Error('x'.repeat(1_000_000)) }, 'failed'));
    expect(JSON.stringify(line).length).toBeLessThan(20_000);
  });

  it.each(['json', 'pretty'] as const)('writes no control or format character, at any position (%s)', (format) => {
    const odd = '\u0000\u001b[31m\u007f\u009b31m\u200e\u202e\u2066\u2028\ufeff\u{e0041}';
    const text = logged((logger) => logger.warn({ err: new Error(odd), [odd]: odd }, `said ${odd}`), format).join('');
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    if (format === 'json') expect(JSON.parse(text)).toMatchObject({ msg: `said ${odd}` });
  });

  it.each([
    ['at the top', (value: string) => ({ token: value })],
    ['one level down', (value: string) => ({ request: { Authorization: value } })],
    ['two levels down', (value: string) => ({ request: { headers: { authorization: value } } })],
    ['with a dash', (value: string) => ({ user: { 'client-key-data': value } })],
  ])('replaces a field named like a secret %s', (_where, fields) => {
    const [text] = logged((logger) => logger.info(fields('plain-looking'), 'x'));
    expect(text).not.toContain('plain-looking');
  });

  it.each(['json', 'pretty'] as const)('writes no token, key or signed URL that is part of a text (%s)', (format) => {
    const url = 'https://management.azure.com/operations/1?api-version=2025&s=signature';
    const text = logged((logger) => {
      logger.info({ deep: { in: { a: { text: `used ${JWT}` } } } }, `sent:\nBearer abcdefgh12345678 at ${url}`);
      logger.error({ err: new Error(`cannot read ${KEY}`) }, 'failed');
    }, format).join('');
    for (const secret of [JWT, 'abcdefgh12345678', 'signature', 'MHcCAQEEIIrYSSNQFaA2Hwf1']) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('https://management.azure.com/operations/1?');
  });
});

describe('scrubbing', () => {
  it.each([0, 1, 2])('finds a private key in base64, %d bytes into its group', (offset) => {
    const type = ['', 'E ', 'EC '][offset] ?? '';
    const encoded = Buffer.from(KEY.replaceAll('EC ', type)).toString('base64');
    expect(scrub(`{"data":"${encoded}"}`)).toBe('{"data":"[redacted] private key"}');
  });

  it('leaves certificates and plain URLs as they are', () => {
    const line = JSON.stringify({
      pem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
      encoded: Buffer.from('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n').toString('base64'),
      url: 'https://learn.microsoft.com/azure/aks/use-etags',
    });
    expect(scrub(line)).toBe(line);
  });

  it.each([
    ['a bearer in capitals', 'AUTHORIZATION: BEARER abcdefgh12345678', 'AUTHORIZATION: BEARER [redacted]'],
    ['a bearer over an escaped line end', 'Bearer\\nabcdefgh12345678', 'Bearer [redacted]'],
    ['a form', 'grant_type=x&client_secret=s3cr~et&scope=y', 'grant_type=x&client_secret=[redacted]&scope=y'],
    ['an assertion', 'Client_Assertion=abc.def', 'Client_Assertion=[redacted]'],
    ['JSON in a text', '{\\"client_secret\\":\\"abc\\",', '{\\"client_secret\\":\\"[redacted]\\",'],
    ['JSON', '{"access_token": "abc"}', '{"access_token": "[redacted]"}'],
    ['a WebSocket', 'wss://a.example/x?token=abc', 'wss://a.example/x?[redacted]'],
    ['a fragment', 'https://a.example/#access=abc', 'https://a.example/#[redacted]'],
    ['capitals', 'HTTPS://a.example/x?sig=abc', 'HTTPS://a.example/x?[redacted]'],
    ['two addresses', 'http://a/?b=http://c/?d', 'http://a/?[redacted]'],
    ['a token between others', `x.y.${JWT}.z`, 'x.y.[redacted].z'],
    ['two tokens', `${JWT} ${JWT}`, '[redacted] [redacted]'],
    ['a token without a signature', JWT.replace(/[^.]*$/, ''), '[redacted]'],
  ])('finds %s', (_what, text, scrubbed) => {
    expect(scrub(text)).toBe(scrubbed);
  });

  it.each([
    'LS0tLS1CRUdJTi',
    'LS0tLS1CRUdJTiBQUklWQVRFIEtFW',
    'eyJ',
    'eyJhbGciOiJ.',
    'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lb25lIn0',
    'a',
    'a.',
    'https://',
    'https://a?',
    'bearer ',
    'Bearer\\n',
    'bearer a',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY-----',
    '-----BEGIN PRIVATE KEY----- ',
    '-----END ',
    'client_secret',
    'client_secret=',
    'client_secret" ',
    'password\\"',
    '\u202e',
    '\\',
    ' ',
  ])('takes a time that grows with the length of the line, for any content: %j', (piece) => {
    const once = piece.repeat(Math.ceil(200_000 / piece.length));
    const [short, long] = [fastest(() => scrub(once), 3), fastest(() => scrub(once + once), 3)];
    expect(long).toBeLessThan(3 * short + 30);
    expect(long).toBeLessThan(1000);
  });

  it('survives a line of many megabytes', () => {
    expect(scrub(`-----BEGIN PRIVATE KEY-----${'A'.repeat(2 ** 24)}`)).toBe('[redacted] private key');
  });

  it('leaves JSON what it was: JSON', () => {
    const piece = fc.constantFrom(
      JWT,
      KEY,
      'https://a.b/c?d=e',
      'Bearer abcdefghij',
      '"',
      '\\',
      '{',
      '-----BEGIN PRIVATE KEY-----',
      'x',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
        const text = scrub(JSON.stringify({ a: pieces.join(''), b: pieces }));
        expect(() => JSON.parse(text) as unknown).not.toThrow();
        expect(text).not.toContain(JWT);
      }),
    );
  });
});
