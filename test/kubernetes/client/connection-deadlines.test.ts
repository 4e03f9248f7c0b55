import { createServer as createTcpServer, type Server, type Socket, type AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  connect,
  type ConnectOptions,
  type Connection,
  KubernetesError,
} from '../../../src/kubernetes/client/connection.ts';
import type { Credentials } from '../../../src/kubernetes/auth/types.ts';
import { createOutstanding } from '../../../src/kubernetes/client/outstanding.ts';
import { json, startScriptedServer, type ScriptedServer, type Step } from '../scripted-server.ts';

const never = () => new Promise<never>(() => {});

/** A request may outlive its deadline by this. */
const GRACE_MS = 1000;

let server: ScriptedServer | undefined;
let silent: Server | undefined;
let connection: Connection | undefined;
const sockets = new Set<Socket>();

afterEach(async () => {
  await connection?.close();
  await server?.stop();
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => (silent ? silent.close(() => resolve()) : resolve()));
  [server, silent, connection] = [undefined, undefined, undefined];
});

/** A port that takes connections and never says a word. */
async function listenSilently(): Promise<number> {
  silent = createTcpServer((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => silent?.listen(0, '127.0.0.1', resolve));
  return (silent.address() as AddressInfo).port;
}

async function against(steps: Step[], options: ConnectOptions = {}, credentials: Partial<Credentials> = {}) {
  server = await startScriptedServer(...steps);
  connection = connect({ server: server.url, ...credentials }, options);
  return connection;
}

/** What became of it, and how long that took, in ms. */
async function outcome(work: Promise<unknown>): Promise<{ readonly is: unknown; readonly ms: number }> {
  const start = performance.now();
  const is = await work.then(
    () => 'answered',
    (error: unknown) => (error instanceof KubernetesError ? error.reason : (error as Error).message),
  );
  return { is, ms: performance.now() - start };
}

describe('a request', () => {
  it('is refused for its path before it takes a connection: nine bad ones, then a good one', async () => {
    const to = await against([json(200, {})]);
    for (const name of ['a b', 'p€', '', '..', 'a%2fb', '%2e%2e', 'a\nb', 'a?b', 'a#b']) {
      const path = `/api/v1/namespaces/t/secrets/${name}`;
      expect(await outcome(to.request({ path, timeoutMs: 500 }))).toMatchObject({ is: 'InvalidPath' });
      expect(await outcome(to.stream({ path, timeoutMs: 500 }))).toMatchObject({ is: 'InvalidPath' });
    }
    expect(await outcome(to.request({ path: '/ok', timeoutMs: 2000 }))).toMatchObject({ is: 'answered' });
    expect(server?.asked.map(({ pathname }) => pathname)).toEqual(['/ok']);
  });

  it('is refused for a token that cannot be in a header: nine times, then with a good one', async () => {
    let token = 'line\r\nbreak';
    const to = await against([json(200, {})], {}, { token: () => Promise.resolve(token) });
    for (let n = 0; n < 9; n++)
      expect(await outcome(to.request({ path: '/bad', timeoutMs: 500 }))).toMatchObject({ is: 'NoCredentials' });
    token = 'good';
    expect(await outcome(to.request({ path: '/ok', timeoutMs: 2000 }))).toMatchObject({ is: 'answered' });
  });

  const waits: readonly [string, () => Promise<Connection>][] = [
    ['a token that never comes', () => against([json(200, {})], {}, { token: never })],
    ['certificates that never come', () => against([json(200, {})], {}, { tls: never })],
    [
      'a server that takes the connection and says nothing',
      async () => connect({ server: `http://127.0.0.1:${await listenSilently()}` }),
    ],
    [
      'a TLS handshake that is not answered',
      async () => connect({ server: `https://127.0.0.1:${await listenSilently()}` }),
    ],
    ['an answer that does not begin', () => against([() => {}])],
    [
      'an answer that does not end',
      () =>
        against([
          (_request, response) => {
            response.writeHead(200, { 'content-type': 'application/json' });
            response.write('{');
          },
        ]),
    ],
    [
      'a refusal that does not end',
      () =>
        against([
          (_request, response) => {
            response.writeHead(500, { 'content-type': 'application/json' });
            response.write('{');
          },
        ]),
    ],
    [
      'a 401 that does not end',
      () =>
        against(
          [
            (_request, response) => {
              response.writeHead(401, { 'content-type': 'application/json' });
              response.write('{');
            },
          ],
          {},
          { token: () => Promise.resolve('t'), distrust: () => {} },
        ),
    ],
    [
      'headers that do not end',
      async () => {
        const to = connect({ server: `http://127.0.0.1:${await listenSilently()}` });
        silent?.on('connection', (socket: Socket) => {
          const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 50);
          socket.on('close', () => clearInterval(drip));
        });
        return to;
      },
    ],
  ];

  it.each(waits)('does not outlive its deadline: %s', async (_what, make) => {
    connection = await make();
    // More than there are connections, so that some of them wait for their turn.
    const all = Array.from({ length: 12 }, () => outcome(connection!.request({ path: '/x', timeoutMs: 200 })));
    for (const { is, ms } of await Promise.all(all)) {
      expect(is).toBe('Timeout');
      expect(ms).toBeLessThan(200 + GRACE_MS);
    }
  });

  it.each(waits)('ends when the caller aborts: %s', async (_what, make) => {
    connection = await make();
    const caller = new AbortController();
    const all = Array.from({ length: 12 }, () => outcome(connection!.request({ path: '/x', signal: caller.signal })));
    setTimeout(() => caller.abort(new Error('enough')), 100);
    for (const { is, ms } of await Promise.all(all)) {
      expect(is).toBe('enough');
      expect(ms).toBeLessThan(100 + GRACE_MS);
    }
  });

  it('gives its turn to the next one at its deadline, also while it waits for a token', async () => {
    let token: () => Promise<string> = never;
    const to = await against([json(200, {})], { maxRequests: 1 }, { token: () => token() });
    const first = outcome(to.request({ path: '/first', timeoutMs: 100 }));
    await Promise.resolve();
    token = () => Promise.resolve('t');
    const second = outcome(to.request({ path: '/second', timeoutMs: 3000 }));
    expect((await first).is).toBe('Timeout');
    expect((await second).is).toBe('answered');
  });

  it('leaves nothing behind of an answer that comes too late', async () => {
    const outstanding = createOutstanding(() => Infinity);
    const late = Promise.withResolvers<void>();
    const to = await against(
      [
        (request, response) => {
          late.promise.then(
            () => json(200, { late: true })(request, response),
            () => {},
          );
        },
        json(200, {}),
      ],
      { maxRequests: 1, outstanding },
    );
    const begun = to.request({ path: '/late', timeoutMs: 100 });
    expect(outstanding.overdue(0)).toBe('GET /late');
    expect((await outcome(begun)).is).toBe('Timeout');
    late.resolve();
    expect((await outcome(to.request({ path: '/next', timeoutMs: 2000 }))).is).toBe('answered');
    expect(outstanding.overdue(0)).toBeUndefined();
  });
});

describe('an answer', () => {
  const raw =
    (body: string | Buffer, headers: Record<string, string> = {}): Step =>
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      response.end(body);
    };
  const limits = { maxAnswerBytes: 10_000, maxJson: { values: 100, depth: 10 } };

  it.each([
    ['more bytes than it may have', raw(`"${'x'.repeat(20_000)}"`), 'TooLarge', /exceeds 10000 bytes/],
    ['more values than it may have', raw(`[${'[],'.repeat(200)}1]`), 'TooLarge', /more than 100 values/],
    ['arrays too deep in each other', raw('['.repeat(50)), 'TooLarge', /nested more than 10 deep/],
    [
      'a content encoding that was not asked for',
      raw(gzipSync('{}'), { 'content-encoding': 'gzip' }),
      'UnexpectedAnswer',
      /compressed/,
    ],
    ['a content type that moves the cursor', raw('x', { 'content-type': 'a\x9b31m' }), 'UnexpectedAnswer', /u\{9b\}/],
  ])('is refused when it has %s', async (_what, step, reason, message) => {
    const to = await against([step], limits);
    const failure: unknown = await to.request({ path: '/x' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason, hasStatus: false });
    expect((failure as Error).message).toMatch(message);
  });

  const refusal =
    (body: string): Step =>
    (_request, response) => {
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end(body);
    };

  it('that is a refusal is not read to its end when it is far longer than any Status', async () => {
    const to = await against([refusal(`"${'x'.repeat(2 ** 21)}"`)]);
    expect((await outcome(to.request({ path: '/x' }))).is).toBe('TooLarge');
  });

  it('that is a refusal with more values than it may have is not parsed: its status tells', async () => {
    const status = `{"kind":"Status","reason":"Expired","details":{"causes":[${'[],'.repeat(200)}1]}}`;
    const to = await against([refusal(status)], limits);
    const failure: unknown = await to.request({ path: '/x' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 403, reason: 'Forbidden', hasStatus: false });
  });

  it('is refused by the same limits when it is a line of a stream', async () => {
    const to = await against([raw(`[${'[],'.repeat(200)}1]\n`)], limits);
    const reading = (async () => {
      for await (const line of await to.stream({ path: '/x' })) throw new Error(`not to be seen: ${line}`);
    })();
    await expect(reading).rejects.toMatchObject({ reason: 'TooLarge' });
  });
});
