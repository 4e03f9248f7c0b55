import { createServer, type AddressInfo } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { X509Certificate } from 'node:crypto';
import { makeServingCertificate } from '../../../simulator/http/certificates.ts';
import { describeFailure } from '../../../src/cluster-certificates/read/handshake-failure.ts';
import { createHandshake } from '../../../src/cluster-certificates/read/handshake.ts';
import { eventually } from '../../eventually.ts';
import { startHandshakes, type Handshake, type HandshakeServer } from '../../kubernetes/client/handshakes.ts';

const SIGNAL = new AbortController().signal;
const shake = createHandshake({ allowLocal: true });
const shakeBriefly = createHandshake({ allowLocal: true, ms: 300 });

/** The finding for a server without a certificate. */
async function failureAt(server: string, by = shake) {
  const error: unknown = await by({ server }, SIGNAL).then(
    () => new Error('there was a certificate'),
    (thrown: unknown) => thrown,
  );
  return describeFailure({ server }, error);
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a handshake with a server', () => {
  let server: HandshakeServer;
  beforeAll(async () => {
    server = await startHandshakes('{}');
  });
  afterAll(() => server.stop());

  it('shows its certificate, and leaves no connection', async () => {
    server.does = 'Good';
    const leaf = await shake({ server: server.url }, SIGNAL);
    expect(leaf.verify(new X509Certificate(server.caPem).publicKey)).toBe(true);
    await eventually(async () => server.open.now === 0);
  });

  it.each<[Handshake, string, string]>([
    ['Silent', 'did not answer within 10 s', 'authorized IP ranges'],
    ['Drips', 'did not answer within 10 s', 'not through a proxy'],
    ['Garbage', 'does not complete a TLS handshake (ERR_SSL_', 'inspect TLS'],
    ['Ends', 'was ended during the TLS handshake', 'firewalls'],
  ])('that is %s is a finding with a fix', async (does, why, fix) => {
    server.does = does;
    const finding = await failureAt(server.url, shakeBriefly);
    expect(finding).toEqual({
      known: false,
      why: expect.stringContaining(why),
      fix: expect.stringContaining(fix),
    });
    await eventually(async () => server.open.now === 0);
  });

  it('ends with the reason of the signal', async () => {
    server.does = 'Silent';
    const caller = new AbortController();
    const shaking = shake({ server: server.url }, caller.signal);
    caller.abort(new Error('over'));
    await expect(shaking).rejects.toThrow('over');
  });
});

describe('a server that cannot be reached', () => {
  it('says that its port is closed', async () => {
    const port = await closedPort();
    expect(await failureAt(`https://127.0.0.1:${port}`)).toMatchObject({
      why: `127.0.0.1:${port} refuses connections, so the API server is not there, or is not running.`,
    });
  });

  it('says that its name does not resolve', async () => {
    expect(await failureAt('https://prod-weu.private.invalid')).toMatchObject({
      why: 'The name of the API server, prod-weu.private.invalid, does not resolve here.',
      fix: expect.stringContaining('private DNS zone'),
    });
  }, 20_000);

  it.each([
    ['https://169.254.169.254', '169.254.169.254'],
    ['https://[::1]:443', '[::1]'],
    ['https://localhost:443', 'localhost'],
  ])('is not connected to at %s, without leave for the own machine', async (url, host) => {
    expect(await failureAt(url, createHandshake())).toMatchObject({
      why: expect.stringContaining(`The address of the API server, ${host}, is one of the machine or the link`),
    });
  });

  it('quotes no code that is not one', () => {
    const error = Object.assign(new Error('SECRET'), { code: 'SECRET\n' });
    expect(JSON.stringify(describeFailure({ server: 'https://a.example' }, error))).not.toContain('SECRET');
  });
});

describe('what a server sees of a handshake', () => {
  const seen: { name: string | false | null; certificate: boolean; bytes: number }[] = [];
  let port: number;
  let stop: () => void;
  beforeAll(async () => {
    const { certPem, keyPem } = await makeServingCertificate([], Date.now());
    const server = createTlsServer({ cert: certPem, key: keyPem, requestCert: true, rejectUnauthorized: false });
    server.on('secureConnection', (socket: TLSSocket) => {
      const one = { name: socket.servername, certificate: socket.getPeerX509Certificate() !== undefined, bytes: 0 };
      seen.push(one);
      socket.on('data', (data: Buffer) => (one.bytes += data.length)).on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    stop = () => server.close();
  });
  afterAll(() => stop());

  it.each<[string, string | undefined, string | false]>([
    ['localhost', undefined, 'localhost'],
    ['127.0.0.1', undefined, false],
    ['127.0.0.1', 'prod-weu.example', 'prod-weu.example'],
    ['localhost', '10.0.0.1', false],
  ])('is the name that kubectl sends for %s with tls-server-name %s, and no credential', async (host, name, sent) => {
    const count = seen.length;
    await shake({ server: `https://${host}:${port}`, ...(name === undefined ? {} : { tlsServerName: name }) }, SIGNAL);
    await eventually(async () => seen.length > count);
    expect(seen.at(-1)).toEqual({ name: sent, certificate: false, bytes: 0 });
  });
});
