import { once } from 'node:events';
import { connect as joinTo, createServer, type AddressInfo, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { SendSteps } from '../../src/azure/transport.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startScriptedArm, TOKEN, type ScriptedArm } from './scripted-arm.ts';

let arm: ScriptedArm;
let elsewhere: ScriptedArm;
beforeAll(async () => {
  [arm, elsewhere] = await Promise.all([startScriptedArm(), startScriptedArm()]);
});
beforeEach(() => {
  arm.seen.length = 0;
  elsewhere.seen.length = 0;
  arm.answer = (_request, response) => response.end('{}');
});
afterAll(() => Promise.all([arm.stop(), elsewhere.stop()]));

const CLUSTER = '/subscriptions/s/resourceGroups/RG/providers/Microsoft.ContainerService/managedClusters/prod';

describe('a request to ARM', () => {
  it('goes out as it was given, with token, api-version and If-Match', async () => {
    const body = '{ "n": 12345678901234567890, "f": 1.0, "t": "é😀\\u0041" }\n';
    await arm.transport().send({ method: 'PUT', target: CLUSTER, body, ifMatch: 'W/"a b"' });
    expect(arm.seen).toEqual([
      expect.objectContaining({ method: 'PUT', path: `${CLUSTER}?api-version=2026-06-01`, body }),
    ]);
    expect(arm.seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      'if-match': 'W/"a b"',
      'content-type': 'application/json',
      'user-agent': expect.stringContaining('aks-ca-trust'),
    });
  });

  it('without a body or an eTag says nothing of either', async () => {
    await arm.transport().send({ method: 'GET', target: CLUSTER });
    expect(arm.seen[0]?.headers).not.toHaveProperty('if-match');
    expect(arm.seen[0]?.headers).not.toHaveProperty('content-type');
    expect(arm.seen[0]?.body).toBe('');
  });

  it('may ask for another api-version', async () => {
    await arm.transport().send({ method: 'GET', target: CLUSTER, apiVersion: '2021-04-01' });
    expect(arm.seen[0]?.path).toBe(`${CLUSTER}?api-version=2021-04-01`);
  });

  it('goes to an address that ARM gave, with the query exactly as it was', async () => {
    const path = '/subscriptions/s/providers/Microsoft.ContainerService/locations/weu/operations/1';
    const query = '?t=6389&api-version=2017-08-31&c=MII%2bA&s=a+b~c%20d';
    await arm.transport().send({ method: 'GET', target: `${arm.url}${path}${query}` });
    expect(arm.seen.map((request) => request.path)).toEqual([`${path}${query}`]);
  });

  it.each([
    ['another host', () => `${elsewhere.url}/operations/1?api-version=1`],
    ['another port of the same host', () => arm.url.replace(/\d+$/, '1')],
    ['plain HTTP', () => `${arm.url.replace('https:', 'http:')}/operations/1`],
    ['a host without a scheme', () => `${elsewhere.url.replace('https:', '')}/operations/1`],
    ['a file', () => 'file:///etc/passwd'],
  ])('never goes to %s, so that no token does', async (_where, target) => {
    const sent = arm.transport().send({ method: 'GET', target: target() });
    await expect(sent).rejects.toThrow(`ARM named an address outside of ${arm.url}`);
    expect([...arm.seen, ...elsewhere.seen]).toEqual([]);
  });
});

describe('an answer of ARM', () => {
  it('comes back as text, whatever it is, with its headers', async () => {
    const text = '{ "n": 12345678901234567890, "t": "é😀" }\r\n';
    arm.answer = (_request, response) => {
      response.writeHead(201, { 'Azure-AsyncOperation': 'https://x', 'content-type': 'text/plain' });
      // In the middle of a character.
      const bytes = Buffer.from(text);
      response.write(bytes.subarray(0, bytes.indexOf(0xf0) + 2));
      setImmediate(() => response.end(bytes.subarray(bytes.indexOf(0xf0) + 2)));
    };
    const answer = await arm.transport().send({ method: 'GET', target: CLUSTER });
    expect([answer.status, answer.text]).toEqual([201, text]);
    expect(answer.header('azure-asyncoperation')).toBe('https://x');
    expect(answer.header('location')).toBeUndefined();
  });

  it('without a body is an empty text', async () => {
    arm.answer = (_request, response) => response.writeHead(204).end();
    expect(await arm.transport().send({ method: 'GET', target: CLUSTER })).toMatchObject({ status: 204, text: '' });
  });

  it.each([408, 409, 412, 429, 500, 502, 503, 504])(
    'with status %i is an answer: nothing is sent again',
    async (status) => {
      arm.answer = (_request, response) => response.writeHead(status, { 'retry-after': '0' }).end('{}');
      for (const method of ['GET', 'PUT'] as const) {
        const answer = await arm
          .transport()
          .send({ method, target: CLUSTER, ...(method === 'PUT' ? { body: '{}' } : {}) });
        expect(answer.status).toBe(status);
      }
      expect(arm.seen).toHaveLength(2);
    },
  );

  it.each([301, 302, 303, 307, 308])('with status %i is not followed anywhere', async (status) => {
    for (const location of [`${elsewhere.url}/x`, `${arm.url}/x`]) {
      arm.answer = (_request, response) => response.writeHead(status, { location }).end();
      for (const method of ['GET', 'PUT'] as const)
        expect((await arm.transport().send({ method, target: CLUSTER, body: '{}' })).status).toBe(status);
    }
    expect(arm.seen.map(({ path }) => path)).toEqual(Array(4).fill(`${CLUSTER}?api-version=2026-06-01`));
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('a call that takes too long', () => {
  it.each([
    ['no answer begins', () => {}],
    [
      'the body does not end',
      (response: { writeHead(status: number): void; write(text: string): void }) => {
        response.writeHead(200);
        response.write('{"name":');
      },
    ],
  ])('is given up where %s', async (_what, hang) => {
    arm.answer = (_request, response) => hang(response);
    const sent = arm.transport({ timeoutMs: 150 }).send({ method: 'PUT', target: CLUSTER, body: '{}' });
    await expect(sent).rejects.toThrow('no answer within 0.15 s');
    expect(arm.seen).toHaveLength(1);
  });

  it("is aborted by its caller, with the caller's reason", async () => {
    const asked = Promise.withResolvers<void>();
    arm.answer = () => asked.resolve();
    const stop = new AbortController();
    const sent = arm.transport().send({ method: 'GET', target: CLUSTER, signal: stop.signal });
    await asked.promise;
    stop.abort(new Error('told to stop'));
    await expect(sent).rejects.toThrow('told to stop');
  });

  it('is not begun where it was given up before', async () => {
    const signal = AbortSignal.abort(new Error('told to stop'));
    const sent = arm.transport().send({ method: 'PUT', target: CLUSTER, body: '{}', signal });
    await expect(sent).rejects.toThrow('told to stop');
    expect(arm.seen).toEqual([]);
  });

  it('is not sent by a token that comes after its time', async () => {
    const late = Promise.withResolvers<void>();
    const transport = arm.transport({ signInMs: 300, timeoutMs: 100, onSignIn: late.resolve });
    const { signal } = new AbortController();
    const sent = transport.send({ method: 'PUT', target: CLUSTER, body: '{}', signal });
    await expect(sent).rejects.toThrow('no answer within 0.1 s');
    await late.promise;
    // What was begun before them would be seen by then.
    for (let i = 0; i < 5; i++) await arm.transport().send({ method: 'GET', target: CLUSTER });
    expect(arm.seen.map(({ method }) => method)).toEqual(Array(5).fill('GET'));
  });

  it('is asked whether it may leave after everything that can take time, signing in included', async () => {
    const told: SendSteps[] = [];
    arm.answer = (_request, response) => response.end('{}');
    const transport = arm.transport({ signInMs: 120 });
    const request = { method: 'PUT', target: CLUSTER, body: '{"é":1}' } as const;
    await transport.send({ ...request, mayLeave: (steps) => void told.push(steps) });
    expect(told).toHaveLength(1);
    expect(told[0]?.signInMs).toBeGreaterThanOrEqual(100);
    expect(told[0]?.connectMs).toBeGreaterThanOrEqual(0);
    expect(arm.seen[0]?.body).toBe('{"é":1}');
    expect(arm.seen[0]?.headers).toMatchObject({ 'content-length': '8' });
    const kept = transport.send({
      ...request,
      mayLeave: () => {
        throw new Error('not leading');
      },
    });
    await expect(kept).rejects.toThrow('not leading');
    expect(arm.seen).toHaveLength(1);
  });

  it('leaves nothing behind where it was kept back: the next one goes', async () => {
    const transport = arm.transport();
    const request = { method: 'PUT', target: CLUSTER, body: '{}' } as const;
    for (let i = 0; i < 20; i++)
      await expect(transport.send({ ...request, mayLeave: () => fail() })).rejects.toThrow('kept');
    expect((await transport.send({ ...request, mayLeave: () => {} })).status).toBe(200);
    expect(arm.seen).toHaveLength(1);
    function fail(): never {
      throw new Error('kept');
    }
  });

  it('is asked when the connection is up, and not while it is made', async () => {
    const { promise: connected, resolve: connect } = Promise.withResolvers<void>();
    const clients = new Set<Socket>();
    const slow = createServer((client) => {
      clients.add(client);
      void connected.then(() => client.pipe(joinTo(new URL(arm.url).port)).pipe(client));
      client.on('error', () => {});
    });
    await new Promise<void>((listening) => slow.listen(0, '127.0.0.1', listening));
    const url = `https://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    let asked = 0;
    const request = { method: 'PUT', target: CLUSTER, body: '{}', mayLeave: () => void asked++ } as const;
    const sent = arm.transport({ url }).send(request);
    await once(slow, 'connection');
    expect(asked).toBe(0);
    connect();
    expect((await sent).status).toBe(200);
    expect([asked, arm.seen.length]).toEqual([1, 1]);
    for (const client of clients) client.destroy();
    await new Promise((closed) => slow.close(closed));
  });
});

describe('an answer that is too large', () => {
  const MIB = 1024 * 1024;

  it.each([
    ['as it is', undefined],
    ['when unpacked', 'gzip'],
  ])('is an error, and no end of the process: %s', async (_what, encoding) => {
    const blanks = Buffer.alloc(MIB, ' ');
    const piece = encoding ? gzipSync(blanks) : blanks;
    let unpacked = 0;
    arm.answer = (_request, response) => {
      response.writeHead(200, encoding ? { 'content-encoding': encoding } : {});
      const more = (): void => {
        for (unpacked += 1; unpacked < 1536 && response.write(piece); unpacked += 1);
        if (unpacked >= 1536) response.end();
        else if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    const before = process.memoryUsage.rss();
    const sent = arm.transport({ timeoutMs: 60_000 }).send({ method: 'GET', target: CLUSTER });
    await expect(sent).rejects.toThrow('the answer has more than 16 MiB and was not read');
    expect((process.memoryUsage.rss() - before) / MIB).toBeLessThan(200);
    arm.answer = (_request, response) => response.end('well');
    expect((await arm.transport().send({ method: 'GET', target: CLUSTER })).text).toBe('well');
  });

  it('is an error when unpacked with deflate, and is not unpacked by an encoding that was not asked for', async () => {
    const blanks = Buffer.alloc(64 * MIB, ' ');
    const packed = brotliCompressSync(blanks);
    const before = process.memoryUsage.rss();
    arm.answer = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'deflate' }).end(deflateSync(blanks));
    await expect(arm.transport().send({ method: 'GET', target: CLUSTER })).rejects.toThrow('more than 16 MiB');
    arm.answer = (_request, response) => response.writeHead(200, { 'content-encoding': 'br' }).end(packed);
    const { text } = await arm.transport().send({ method: 'GET', target: CLUSTER });
    expect(text.length).toBeLessThanOrEqual(packed.length);
    expect((process.memoryUsage.rss() - before) / MIB).toBeLessThan(200);
  });

  it('is one where it is damaged', async () => {
    arm.answer = (_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(Buffer.from('no gzip at all'));
    await expect(arm.transport().send({ method: 'GET', target: CLUSTER })).rejects.toThrow('incorrect header check');
  });
});
