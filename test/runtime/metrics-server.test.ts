import { X509Certificate } from 'node:crypto';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls, type SecureVersion } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/runtime/clock.ts';
import { silentLogger } from '../../src/runtime/logging.ts';
import {
  createMetricsServer,
  type MetricsAccess,
  type MetricsServer,
  type MetricsServerOptions,
} from '../../src/runtime/metrics-server.ts';
import type { Verdict } from '../../src/runtime/scrape-review.ts';
import { type CertificateSource, selfSignedCertificates } from '../../src/runtime/serving-certificate.ts';
import { ManualClock } from './manual-clock.ts';
import { bearer, dawdle, scrape, shakeHands } from './scraper.ts';

const TEXT = '# HELP up\nup 1\n';
const VERDICTS: Readonly<Record<string, Verdict>> = { good: 'Allowed', poor: 'Forbidden', odd: 'Unanswered' };
const REVIEWED: MetricsAccess & { kind: 'Reviewed' } = {
  kind: 'Reviewed',
  certificates: selfSignedCertificates('host', Date.now),
  review: (token) => Promise.resolve(VERDICTS[token] ?? 'Unauthenticated'),
};

let server: MetricsServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function serve(options: Partial<MetricsServerOptions> = {}): Promise<number> {
  server = createMetricsServer({
    address: '127.0.0.1:0',
    metrics: { contentType: 'text/plain; version=0.0.4', metrics: () => Promise.resolve(TEXT) },
    access: REVIEWED,
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });
  return (await server.start()).port;
}

describe('the metrics server', () => {
  it('answers who may, over TLS', async () => {
    const { status, headers, body } = await scrape(await serve(), bearer('good'));
    expect([status, headers['content-type'], body]).toEqual([200, 'text/plain; version=0.0.4', TEXT]);
  });

  it.each([
    ['no token', {}, 401, 'Bearer realm="aks-ca-trust"'],
    ['a bad token', bearer('bad'), 401, 'Bearer realm="aks-ca-trust"'],
    ['a password', { auth: 'admin:admin' }, 401, 'Bearer realm="aks-ca-trust"'],
    ['a token without the right', bearer('poor'), 403, undefined],
    ['a token that could not be reviewed', bearer('odd'), 503, undefined],
  ])('refuses who comes with %s, and says why', async (_what, options, expected, challenge) => {
    // One that would keep its connection.
    const agent = new Agent({ keepAlive: true });
    const { status, headers, body } = await scrape(await serve(), { ...options, agent });
    agent.destroy();
    expect([status, headers['www-authenticate'], headers['connection']]).toEqual([expected, challenge, 'close']);
    expect(body).not.toContain('up 1');
    expect(body.length).toBeGreaterThan(20);
  });

  it.each(['/', '/healthz', '/metrics/', '//metrics', '/debug/pprof'])('has nothing at %s', async (path) => {
    expect((await scrape(await serve(), { ...bearer('good'), path })).status).toBe(404);
  });

  it.each(['POST', 'HEAD', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    expect((await scrape(await serve(), { ...bearer('good'), method })).status).toBe(405);
  });

  it('answers 500 when the metrics throw or the review does, without a detail, and goes on', async () => {
    const broken = () => Promise.reject(new Error('secret detail'));
    const port = await serve({ metrics: { contentType: 'text/plain', metrics: broken } });
    const answer = await scrape(port, bearer('good'));
    expect([answer.status, answer.body]).toEqual([
      500,
      'The metrics could not be read. The log of the controller has the cause.\n',
    ]);
    expect((await scrape(port, bearer('bad'))).status).toBe(401);
    await server?.stop();
    const access = {
      kind: 'Reviewed',
      certificates: selfSignedCertificates('host', Date.now),
      review: broken,
    } as const;
    expect((await scrape(await serve({ access }), bearer('good'))).status).toBe(500);
  });

  it('asks for no token over plain HTTP, which an operator has to choose', async () => {
    const port = await serve({ access: { kind: 'Open' } });
    expect(await scrape(port, { plain: true })).toMatchObject({ status: 200, body: TEXT });
  });

  it('does not speak plain HTTP where TLS was chosen', async () => {
    expect(await dawdle(await serve(), 'tcp', 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')).not.toContain('200');
  });

  it('speaks no TLS older than 1.2', async () => {
    const port = await serve();
    const spoken = (version: SecureVersion) =>
      new Promise<string>((resolve) => {
        const range = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
        const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...range }, () => {
          resolve(String(socket.getProtocol()));
          socket.destroy();
        });
        socket.on('error', (error: Error) => resolve(error.message));
      });
    expect(await spoken('TLSv1')).toContain('alert protocol version');
    expect(await spoken('TLSv1.1')).toContain('alert protocol version');
    expect(await spoken('TLSv1.2')).toBe('TLSv1.2');
    expect(await spoken('TLSv1.3')).toBe('TLSv1.3');
  });

  it('shows a new certificate within ten seconds', async () => {
    const clock = new ManualClock();
    let made = selfSignedCertificates('one', Date.now);
    const certificates = () => made();
    const port = await serve({ clock, access: { ...REVIEWED, certificates } });
    const serialShown = async () => {
      const socket = await shakeHands(port);
      const serial = socket?.getPeerX509Certificate()?.serialNumber;
      socket?.destroy();
      return serial;
    };
    const first = await serialShown();
    expect(first).toBe(new X509Certificate((await certificates()).certPem).serialNumber);
    expect(await serialShown()).toBe(first);
    made = selfSignedCertificates('two', Date.now);
    await certificates();
    await clock.advance(10_000);
    const second = await serialShown();
    expect(second).toBe(new X509Certificate((await certificates()).certPem).serialNumber);
    expect(second).not.toBe(first);
  });

  it('keeps the certificate that it has while there is no other, and checks again', async () => {
    const clock = new ManualClock();
    let source: CertificateSource = selfSignedCertificates('one', Date.now);
    const port = await serve({ clock, access: { ...REVIEWED, certificates: () => source() } });
    source = () => Promise.reject(new Error('no file'));
    await clock.advance(10_000);
    expect((await scrape(port, bearer('good'))).status).toBe(200);
    expect(clock.timers).toEqual([10_000]);
  });

  it('leaves nothing running where its address is taken: the process has to end', async () => {
    const port = await serve();
    const clock = new ManualClock();
    const second = createMetricsServer({
      address: `127.0.0.1:${port}`,
      metrics: { contentType: 'text/plain', metrics: () => Promise.resolve(TEXT) },
      access: REVIEWED,
      clock,
      logger: silentLogger,
    });
    await expect(second.start()).rejects.toThrow('EADDRINUSE');
    expect(clock.timers).toEqual([]);
  });

  it('does not start without a certificate', async () => {
    const certificates = () => Promise.reject(new Error('/tls/tls.crt: no such file'));
    await expect(serve({ access: { ...REVIEWED, certificates } })).rejects.toThrow('/tls/tls.crt: no such file');
  });
});

describe('the metrics server among hostile clients', () => {
  it.each([
    ['never shakes hands', 'tcp', ''],
    ['begins to shake hands', 'tcp', '\x16\x03\x01'],
    ['asks nothing', 'tls', ''],
    ['never ends its headers', 'tls', 'GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: '],
    [
      'never sends its body',
      'tls',
      'GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nAuthorization: Bearer bad\r\n\r\n',
    ],
  ] as const)(
    'cuts one that %s',
    async (_what, how, words) => {
      const port = await serve({ patienceMs: 200 });
      expect(await dawdle(port, how, words)).not.toContain('up 1');
    },
    15_000,
  );

  it('answers a good one while slow ones hold connections', async () => {
    const port = await serve();
    const slow = await Promise.all(Array.from({ length: 100 }, () => shakeHands(port)));
    for (const socket of slow) socket?.write('GET /metrics HTTP/1.1\r\nX-Slow: ');
    expect((await scrape(port, bearer('good'))).status).toBe(200);
    for (const socket of slow) socket?.destroy();
  });

  it('answers a good one while any number of silent ones hold connections, and cuts the oldest of those', async () => {
    const port = await serve({ patienceMs: 60_000 });
    const open = await Promise.all(Array.from({ length: 300 }, () => openTcp(port)));
    expect((await scrape(port, bearer('good'))).status).toBe(200);
    const cut = open.map((socket) => socket.closed || socket.readableEnded);
    expect(cut.filter(Boolean)).toHaveLength(300 + 1 - 256);
    expect(cut.lastIndexOf(true)).toBe(300 - 256);
    for (const socket of open) socket.destroy();
  }, 15_000);

  it('cuts no connection whose scrape is being answered, nor one that was answered before as long as others are silent', async () => {
    const begun = Promise.withResolvers<void>();
    const end = Promise.withResolvers<void>();
    let asked = 0;
    const metrics = async () => {
      if (++asked === 1) return TEXT;
      begun.resolve();
      await end.promise;
      return TEXT;
    };
    const port = await serve({ patienceMs: 60_000, metrics: { contentType: 'text/plain', metrics } });
    const agent = new Agent({ keepAlive: true });
    await scrape(port, { ...bearer('good'), agent });
    const [known] = Object.values(agent.freeSockets).flat();
    const answered = scrape(port, bearer('good'));
    await begun.promise;
    const open = await Promise.all(Array.from({ length: 600 }, () => openTcp(port)));
    end.resolve();
    expect((await answered).status).toBe(200);
    expect(known?.destroyed).toBe(false);
    agent.destroy();
    for (const socket of open) socket.destroy();
  }, 15_000);

  it('refuses headers that are longer than any token, and asks about none of them', async () => {
    const asked: string[] = [];
    const port = await serve({
      access: {
        kind: 'Reviewed',
        certificates: REVIEWED.certificates,
        review: (token) => {
          asked.push(token);
          return Promise.resolve('Allowed');
        },
      },
    });
    const words = `GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${'a'.repeat(64 * 1024)}\r\n\r\n`;
    expect(await dawdle(port, 'tls', words)).toMatch(/^(HTTP\/1\.1 431 .*|$)/s);
    expect(asked).toEqual([]);
  });

  it('stops at once while clients are connected', async () => {
    const port = await serve();
    const open = await Promise.all([shakeHands(port), shakeHands(port)]);
    const closed = Promise.all(open.map((socket) => new Promise((resolve) => socket?.once('close', resolve))));
    await server?.stop();
    await closed;
    await expect(scrape(port, bearer('good'))).rejects.toThrow('ECONNREFUSED');
  });
});

function openTcp(port: number) {
  return new Promise<ReturnType<typeof connect>>((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => resolve(socket));
    socket.on('error', () => {}).resume();
  });
}
