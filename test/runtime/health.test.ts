import { connect, type Socket } from 'node:net';
import { request } from 'undici';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHealthServer, type HealthOptions, type HealthServer } from '../../src/runtime/health.ts';
import { parseAddress } from '../../src/runtime/listen.ts';
import { silentLogger } from '../../src/runtime/logging.ts';

describe('the health server', () => {
  let server: HealthServer | undefined;
  let served = 0;

  afterEach(() => server?.stop());

  async function serve(
    options: Partial<HealthOptions>,
  ): Promise<(path: string, method?: 'GET' | 'POST') => Promise<string>> {
    server = createHealthServer({ address: '127.0.0.1:0', logger: silentLogger, ...options });
    const { port } = await server.start();
    served = port;
    return async (path, method = 'GET') => {
      const { statusCode, body } = await request(`http://127.0.0.1:${port}${path}`, { method });
      return `${statusCode} ${(await body.text()).trim()}`;
    };
  }

  it('is ready when every check has nothing to say, and says what each has', async () => {
    let synced = false;
    const ask = await serve({
      ready: {
        trusts: () => (synced ? undefined : 'The objects are not listed yet.'),
        nodes: () => (synced ? undefined : 'The nodes are not listed yet.'),
      },
    });
    expect(await ask('/readyz')).toBe('503 The objects are not listed yet.\nThe nodes are not listed yet.');
    expect(await ask('/healthz')).toBe('200 ok');
    synced = true;
    expect(await ask('/readyz?verbose')).toBe('200 ok');
  });

  it('answers 500 when a check throws, and goes on', async () => {
    const ask = await serve({
      live: {
        broken: () => {
          throw new Error('secret detail');
        },
      },
    });
    expect(await ask('/healthz')).toBe('500 The check failed. The log of the controller has the cause.');
    expect(await ask('/readyz')).toBe('200 ok');
  });

  it('knows nothing else', async () => {
    const ask = await serve({});
    expect(await ask('/')).toBe('404 Only /healthz and /readyz are served here.');
    expect(await ask('/metrics')).toBe('404 Only /healthz and /readyz are served here.');
    expect(await ask('/healthz', 'POST')).toBe('405 Only GET and HEAD are allowed.');
  });

  it('answers a probe while any number of half requests are open, and holds few of them', async () => {
    const ask = await serve({});
    const open = await Promise.all(
      Array.from({ length: 1000 }, async () => {
        const socket = await openTcp(served);
        socket.write('GET /healthz HTTP/1.1\r\nX-Slow: ');
        return socket;
      }),
    );
    expect(await ask('/healthz')).toBe('200 ok');
    expect(open.filter((socket) => !socket.closed && !socket.readableEnded).length).toBeLessThanOrEqual(256);
    for (const socket of open) socket.destroy();
  }, 15_000);

  it('cuts a half request after seconds', async () => {
    await serve({});
    const socket = await openTcp(served);
    socket.write('GET /healthz HTTP/1.1\r\nX-Slow: ');
    const start = performance.now();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(performance.now() - start).toBeLessThan(9000);
  }, 15_000);

  it('cuts a request whose body drips after seconds, however it goes on', async () => {
    await serve({});
    const socket = await openTcp(served);
    socket.write('POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n');
    const drip = setInterval(() => socket.write('a'), 300);
    const start = performance.now();
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(drip);
    expect(performance.now() - start).toBeLessThan(9000);
  }, 15_000);

  it('refuses headers that no probe has', async () => {
    await serve({});
    const socket = await openTcp(served);
    let said = '';
    socket.on('data', (chunk: Buffer) => (said += chunk.toString()));
    socket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'a'.repeat(10_000)}\r\n\r\n`);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(said).toMatch(/^HTTP\/1\.1 431 /);
  });

  it('does not start on an address that is taken', async () => {
    server = createHealthServer({ address: '127.0.0.1:0', logger: silentLogger });
    const { port } = await server.start();
    const second = createHealthServer({ address: `127.0.0.1:${port}`, logger: silentLogger });
    await expect(second.start()).rejects.toThrow('EADDRINUSE');
  });
});

function openTcp(port: number): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => resolve(socket));
    socket.on('error', () => {}).resume();
  });
}

describe('an address', () => {
  it.each([
    [':8081', { port: 8081 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:8081', { host: '::1', port: 8081 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
  ])('%s is read', (address, parsed) => {
    expect(parseAddress(address)).toEqual(parsed);
  });

  it.each(['8081', '::1:8081', 'host:', 'host:99999', ''])('%j is refused', (address) => {
    expect(() => parseAddress(address)).toThrow('use host:port or :port');
  });
});
