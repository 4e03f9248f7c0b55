import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bearerToken, loadOwnCredentials } from '../../src/kubernetes/credentials.ts';
import { fileToken } from '../../src/kubernetes/in-cluster.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'credentials-'));
});

afterEach(() => rm(directory, { recursive: true }));

describe('credentials inside a cluster', () => {
  const pod = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

  beforeEach(async () => {
    await writeFile(join(directory, 'token'), 'one\n');
    await writeFile(join(directory, 'ca.crt'), 'the CA');
    await writeFile(join(directory, 'namespace'), 'operators\n');
  });

  it('come from the service account of the pod', async () => {
    const credentials = await loadOwnCredentials({ environment: pod, serviceAccountDirectory: directory });
    expect(credentials).toMatchObject({ server: 'https://10.0.0.1:443', caPem: 'the CA', namespace: 'operators' });
    expect(await bearerToken(credentials)).toBe('one');
  });

  it('put an IPv6 address in brackets', async () => {
    const environment = { ...pod, KUBERNETES_SERVICE_HOST: 'fd00::1' };
    const credentials = await loadOwnCredentials({ environment, serviceAccountDirectory: directory });
    expect(credentials.server).toBe('https://[fd00::1]:443');
  });

  it('say so at start when there is no token', async () => {
    await rm(join(directory, 'token'));
    const loading = loadOwnCredentials({ environment: pod, serviceAccountDirectory: directory });
    await expect(loading).rejects.toThrow('ENOENT');
  });
});

describe('a token in a file', () => {
  let now: number;
  let token: () => Promise<string>;

  beforeEach(async () => {
    now = 1_000_000;
    await writeFile(join(directory, 'token'), 'one\n');
    token = fileToken(join(directory, 'token'), () => now);
    expect(await token()).toBe('one');
  });

  it('is read again when a minute has passed, and not before', async () => {
    await writeFile(join(directory, 'token'), 'two\n');
    now += 59_999;
    expect(await token()).toBe('one');
    now += 1;
    expect(await token()).toBe('two');
  });

  it('stays what it was when the file cannot be read for a moment', async () => {
    await writeFile(join(directory, 'token'), '');
    now += 60_000;
    expect(await token()).toBe('one');
  });
});

describe('credentials of a kubeconfig', () => {
  async function load(cluster: object, user: object) {
    const path = join(directory, 'config');
    await writeFile(
      path,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: 'https://example.test:6443/', ...cluster } }],
        users: [{ name: 'u', user }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'team' } }],
        'current-context': 'x',
      }),
    );
    return loadOwnCredentials({ kubeconfig: path });
  }

  const base64 = (text: string) => Buffer.from(text).toString('base64');

  it('are its inline certificates', async () => {
    const user = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') };
    const cluster = { 'certificate-authority-data': base64('ca'), 'tls-server-name': 'other' };
    expect(await load(cluster, user)).toEqual({
      server: 'https://example.test:6443',
      caPem: 'ca',
      certPem: 'cert',
      keyPem: 'key',
      tlsServerName: 'other',
      namespace: 'team',
    });
  });

  it('are its files, relative to it', async () => {
    await writeFile(join(directory, 'ca.pem'), 'ca');
    expect(await load({ 'certificate-authority': 'ca.pem' }, { token: 'abc' })).toMatchObject({
      caPem: 'ca',
      token: 'abc',
    });
  });

  it('come from its exec plugin', async () => {
    const answer = JSON.stringify({ status: { token: 'from-plugin' } });
    const credentials = await load({}, { exec: { command: 'printf', args: ['%s', answer] } });
    expect(await bearerToken(credentials)).toBe('from-plugin');
  });

  it.each([
    ['insecure-skip-tls-verify', { 'insecure-skip-tls-verify': true }, {}],
    ['proxy-url', { 'proxy-url': 'http://proxy:3128' }, {}],
    ['username and password', {}, { username: 'a', password: 'b' }],
    ['impersonation', {}, { token: 'a', as: 'admin' }],
  ])('are refused with %s', async (what, cluster, user) => {
    await expect(load(cluster, user)).rejects.toThrow(what);
  });
});
