import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect as dial, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { connect, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { loadOwnCredentials } from '../../../src/kubernetes/auth/credentials.ts';

type Fields = Record<string, unknown>;

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: Fields }[];
  readonly users: readonly { readonly user: Fields }[];
}

let admin: Kubeconfig;
let folder: string;
let connection: Connection | undefined;
beforeAll(async () => {
  admin = parse(await readFile(process.env['AKS_CA_TRUST_KUBECONFIG']!, 'utf8')) as Kubeconfig;
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-kubeconfig-'));
});
afterEach(async () => {
  await connection?.close();
  await rm(folder, { recursive: true });
});

const path = () => join(folder, 'config');

/** The administrator's kubeconfig with other fields, as a person would have it. */
async function write(cluster: Fields = {}, user: Fields = {}, without: readonly string[] = []): Promise<void> {
  const merged = { ...admin.clusters[0]?.cluster, ...cluster };
  for (const name of without) delete merged[name];
  const config = {
    clusters: [{ name: 'c', cluster: merged }],
    users: [{ name: 'u', user: { ...admin.users[0]?.user, ...user } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  };
  await writeFile(path(), JSON.stringify(config));
}

async function open(now?: () => number): Promise<Connection> {
  connection = connect(await loadOwnCredentials({ kubeconfig: path(), ...(now ? { now } : {}) }));
  return connection;
}

/** Who the API server takes us for. */
async function whoAmI(api: Connection): Promise<{ username: string; groups: string[]; extra?: Fields }> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await api.request({
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: review,
  });
  return (answer as { status: { userInfo: { username: string; groups: string[]; extra?: Fields } } }).status.userInfo;
}

describe('a kubeconfig of a person, at a real API server', () => {
  it('acts as the user, groups and extra fields that it names', async () => {
    await write(
      {},
      { as: 'jane', 'as-groups': ['platform', 'system:masters'], 'as-user-extra': { 'example.com/team': ['a'] } },
    );
    const { username, groups, extra } = await whoAmI(await open());
    expect(username).toBe('jane');
    expect(groups).toEqual(expect.arrayContaining(['platform', 'system:masters']));
    expect(extra).toEqual({ 'example.com/team': ['a'] });
  });

  it('does not verify the certificate where it says so, and only then', async () => {
    await write({ 'insecure-skip-tls-verify': true }, {}, ['certificate-authority-data']);
    expect((await whoAmI(await open())).groups).toContain('system:masters');
    await connection?.close();
    await write({}, {}, ['certificate-authority-data']);
    await expect(whoAmI(await open())).rejects.toThrow(/certificate/);
  });

  it('is read again when it has changed, and at once when the server does not believe us', async () => {
    let now = Date.now();
    await write();
    const api = await open(() => now);
    expect((await whoAmI(api)).groups).toContain('system:masters');
    await write({}, { as: 'jane' });
    expect((await whoAmI(api)).username).not.toBe('jane');
    now += 60_000;
    expect((await whoAmI(api)).username).toBe('jane');
  });

  it('stays what it was while its file cannot be read', async () => {
    let now = Date.now();
    await write();
    const api = await open(() => now);
    await writeFile(path(), '');
    now += 60_000;
    expect((await whoAmI(api)).groups).toContain('system:masters');
  });

  it('sends the id token of an OIDC provider', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const idToken = [part({ alg: 'none' }), part({ exp: Math.floor(Date.now() / 1000) + 3600 }), 'x'].join('.');
    await write({}, { 'auth-provider': { name: 'oidc', config: { 'id-token': idToken } } });
    const credentials = await loadOwnCredentials({ kubeconfig: path() });
    const { token } = credentials;
    expect(typeof token === 'function' ? await token() : token).toBe(idToken);
  });

  it('sends user name and password', async () => {
    await write({}, { username: 'a', password: 'b' });
    const { headers } = await loadOwnCredentials({ kubeconfig: path() });
    expect(await headers?.()).toEqual({ authorization: `Basic ${btoa('a:b')}` });
  });
});

describe('a kubeconfig that names a proxy', () => {
  let proxy: Server;
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    proxy = createServer((_request, response) => response.writeHead(405).end());
    proxy.on('connect', (request, client: Socket, head) => {
      asked.push(request.url ?? '');
      const [host = '', port] = (request.url ?? '').split(':');
      const server = dial(Number(port), host, () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        server.write(head);
        server.pipe(client).pipe(server);
      });
      for (const socket of [client, server]) {
        sockets.add(socket);
        socket.on('error', () => {});
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy.close(resolve));
  });

  it('reaches the API server through it, for requests and watches', async () => {
    const { port } = proxy.address() as AddressInfo;
    await write({ 'proxy-url': `http://127.0.0.1:${port}` });
    const api = await open();
    expect((await whoAmI(api)).groups).toContain('system:masters');
    const stop = new AbortController();
    const stream = await api
      .stream({
        path: '/api/v1/namespaces',
        query: { watch: '1', sendInitialEvents: 'false' },
        signal: stop.signal,
      })
      .catch((error: unknown) => error);
    stop.abort();
    expect(stream).toBeDefined();
    const { host } = new URL(String(admin.clusters[0]?.cluster['server']));
    expect(new Set(asked)).toEqual(new Set([host]));
  });

  it('says so where the proxy does not answer', async () => {
    await write({ 'proxy-url': 'http://127.0.0.1:9' });
    await expect(whoAmI(await open())).rejects.toThrow();
  });
});
