import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bearerToken, currentTls, loadOwnCredentials } from '../../../src/kubernetes/auth/credentials.ts';
import { readOwnKubeconfig } from '../../../src/kubernetes/auth/own-kubeconfig.ts';

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

  it('are read again when the files were replaced and a minute has passed, or the server did not believe us', async () => {
    let now = 1_000_000;
    const options = { environment: pod, serviceAccountDirectory: directory, now: () => now };
    const credentials = await loadOwnCredentials(options);
    await writeFile(join(directory, 'token'), 'two\n');
    await writeFile(join(directory, 'ca.crt'), 'another CA');
    now += 59_999;
    expect([await bearerToken(credentials), await currentTls(credentials)]).toEqual(['one', { caPem: 'the CA' }]);
    now += 1;
    expect([await bearerToken(credentials), await currentTls(credentials)]).toEqual(['two', { caPem: 'another CA' }]);
    await writeFile(join(directory, 'token'), 'three\n');
    credentials.distrust?.();
    expect(await bearerToken(credentials)).toBe('three');
  });

  it('say so at start when there is no token', async () => {
    await rm(join(directory, 'token'));
    const loading = loadOwnCredentials({ environment: pod, serviceAccountDirectory: directory });
    await expect(loading).rejects.toThrow('ENOENT');
  });
});

describe('credentials of a kubeconfig', () => {
  async function load(cluster: object, user: object, now?: () => number) {
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
    return loadOwnCredentials({ kubeconfig: path, ...(now === undefined ? {} : { now }) });
  }

  const base64 = (text: string) => Buffer.from(text).toString('base64');

  it('are its inline certificates', async () => {
    const user = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') };
    const cluster = { 'certificate-authority-data': base64('ca'), 'tls-server-name': 'other' };
    expect(await load(cluster, user)).toMatchObject({
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
    const credentials = await load({ 'certificate-authority': 'ca.pem' }, { token: 'abc' });
    expect(await bearerToken(credentials)).toBe('abc');
    expect(credentials).toMatchObject({
      caPem: 'ca',
    });
  });

  it('are its files again when they have changed', async () => {
    for (const [name, text] of Object.entries({ ca: 'ca', cert: 'cert', key: 'key', token: 'token' }))
      await writeFile(join(directory, name), text);
    const user = { 'client-certificate': 'cert', 'client-key': 'key', tokenFile: 'token' };
    let now = 1_000_000;
    const credentials = await load({ 'certificate-authority': 'ca' }, user, () => now);
    expect(await currentTls(credentials)).toEqual({ caPem: 'ca', certPem: 'cert', keyPem: 'key' });
    for (const name of ['ca', 'cert', 'key', 'token']) await writeFile(join(directory, name), `new-${name}`);
    now += 60_000;
    expect(await currentTls(credentials)).toEqual({ caPem: 'new-ca', certPem: 'new-cert', keyPem: 'new-key' });
    expect(await bearerToken(credentials)).toBe('new-token');
  });

  it('come from its exec plugin', async () => {
    const answer = JSON.stringify({ status: { token: 'from-plugin' } });
    const credentials = await load({}, { exec: { command: 'printf', args: ['%s', answer] } });
    expect(await bearerToken(credentials)).toBe('from-plugin');
  });

  it('are certificates of its exec plugin', async () => {
    const status = { clientCertificateData: 'cert', clientKeyData: 'key' };
    const exec = { command: 'printf', args: ['%s', JSON.stringify({ status })] };
    const credentials = await load({}, { exec });
    expect(await currentTls(credentials)).toEqual({ certPem: 'cert', keyPem: 'key' });
    expect(await bearerToken(credentials)).toBeUndefined();
  });

  it('come from several files, of which the first to say something wins', async () => {
    const file = async (name: string, config: object) => {
      const path = join(directory, name);
      await writeFile(path, JSON.stringify(config));
      return path;
    };
    const cluster = (server: string) => ({ name: 'c', cluster: { server } });
    const first = await file('first', { 'current-context': 'x', clusters: [cluster('https://first.test')] });
    const second = await file('second', {
      'current-context': 'y',
      clusters: [cluster('https://second.test')],
      users: [{ name: 'u', user: { token: 'abc' } }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    });
    const before = process.env['KUBECONFIG'];
    process.env['KUBECONFIG'] = [first, join(directory, 'missing'), second].join(delimiter);
    try {
      const credentials = await loadOwnCredentials({ environment: {} });
      expect([credentials.server, await bearerToken(credentials)]).toEqual(['https://first.test', 'abc']);
    } finally {
      if (before === undefined) delete process.env['KUBECONFIG'];
      else process.env['KUBECONFIG'] = before;
    }
  });

  describe('of a context', () => {
    const server = (name: string) => ({ name, cluster: { server: `https://${name}.test` } });
    const config = {
      clusters: [server('weu'), server('neu')],
      users: [{ name: 'u', user: { token: 'abc' } }],
      contexts: [
        { name: 'weu', context: { cluster: 'weu', user: 'u' } },
        { name: 'neu', context: { cluster: 'neu', user: 'u', namespace: 'web' } },
        { name: 'no-cluster', context: { cluster: 'gone', user: 'u' } },
        { name: 'no-user', context: { cluster: 'weu', user: 'gone' } },
      ],
    };
    let path: string;
    const of = async (context?: string) => {
      const credentials = await readOwnKubeconfig(path, Date.now, context);
      return { ...credentials, token: await bearerToken(credentials) };
    };
    const write = async (text: object | string) => {
      path = join(directory, 'config');
      await writeFile(path, typeof text === 'string' ? text : JSON.stringify(text));
    };

    it('are those of the named one, whichever is the current one', async () => {
      await write({ ...config, 'current-context': 'weu' });
      expect(await of()).toMatchObject({ server: 'https://weu.test', token: 'abc' });
      expect(await of('neu')).toMatchObject({ server: 'https://neu.test', token: 'abc', namespace: 'web' });
    });

    it('need no current one, nor one that is there', async () => {
      await write(config);
      expect(await of('neu')).toMatchObject({ server: 'https://neu.test' });
      await write({ ...config, 'current-context': 'gone' });
      expect(await of('neu')).toMatchObject({ server: 'https://neu.test' });
    });

    it('that is not there are refused with the names of those that are', async () => {
      const known = 'its contexts are "weu", "neu", "no-cluster", "no-user"';
      await write(config);
      await expect(of('prod')).rejects.toThrow(`${path}: there is no context "prod"; ${known}`);
      await expect(of()).rejects.toThrow(`${path}: set current-context; ${known}`);
      await write({ ...config, 'current-context': 'gone' });
      await expect(of()).rejects.toThrow(`${path}: there is no context "gone"; ${known}`);
    });

    it('that names what is not there are refused', async () => {
      await write(config);
      await expect(of('no-cluster')).rejects.toThrow('context "no-cluster" names no cluster that exists');
      await expect(of('no-user')).rejects.toThrow('context "no-user" names no user that exists');
    });

    it('of a file that is no YAML are refused with its name, and nothing of what is in it', async () => {
      await write('users: [{ token: secret-of-mine');
      const refused = await of('neu').catch((error: unknown) => String(error));
      expect(refused).toMatch(new RegExp(`${path} is not valid YAML: .* at line 1, column \\d+$`));
      expect(refused).not.toContain('secret-of-mine');
    });
  });

  it('say what is missing', async () => {
    const path = join(directory, 'config');
    await writeFile(path, '{}');
    await expect(loadOwnCredentials({ kubeconfig: path })).rejects.toThrow('set current-context; it has no contexts');
    await writeFile(path, 'just text');
    await expect(loadOwnCredentials({ kubeconfig: path })).rejects.toThrow('is not a kubeconfig');
    const missing = `${path}.missing`;
    await expect(loadOwnCredentials({ kubeconfig: missing })).rejects.toThrow(`there is no kubeconfig ${missing}`);
    await expect(loadOwnCredentials({ kubeconfig: join(directory, 'none') })).rejects.toThrow('ENOENT');
  });
});
