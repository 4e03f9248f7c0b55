import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, type Connection, type KubernetesRequest } from '../../../src/kubernetes/client/connection.ts';
import type { Credentials } from '../../../src/kubernetes/auth/types.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';
import { pauseBeforeResend } from '../../../src/kubernetes/client/retry-after.ts';
import { json, lines, startScriptedServer, status, type ScriptedServer, type Step } from '../scripted-server.ts';

const later = (code: number, seconds = '0.01') =>
  json(code, status(code, 'Later', 'later'), { 'retry-after': seconds });

describe('a request that the server refuses for now', () => {
  let server: ScriptedServer;
  let connection: Connection;
  const observed: [string, number | string][] = [];

  afterEach(async () => {
    observed.length = 0;
    await connection.close();
    await server.stop();
  });

  async function against(steps: Step[], credentials: Partial<Credentials> = {}): Promise<void> {
    server = await startScriptedServer(...steps);
    connection = connect(
      { server: server.url, ...credentials },
      { observe: (method, code) => observed.push([method, code]) },
    );
  }

  it.each<[string, number, KubernetesRequest]>([
    ['a write with 429', 429, { method: 'POST', path: '/x', body: {} }],
    ['a read with 429', 429, { path: '/x' }],
    ['a read with 503', 503, { path: '/x' }],
  ])('is sent again when it is time: %s', async (_what, code, request) => {
    await against([later(code), later(code), json(200, { done: true })]);
    expect(await connection.request(request)).toEqual({ done: true });
    const method = request.method ?? 'GET';
    expect(observed).toEqual([
      [method, code],
      [method, code],
      [method, 200],
    ]);
  });

  it('is sent six times at most', async () => {
    await against([later(429)]);
    await expect(connection.request({ path: '/x' })).rejects.toMatchObject({ status: 429, retryAfterMs: 10 });
    expect(server.asked).toHaveLength(6);
  });

  it.each<[string, Step, KubernetesRequest]>([
    ['a write with 503, which may have been done', later(503), { method: 'PATCH', path: '/x', body: {} }],
    ['one that names no time', json(429, status(429, 'TooManyRequests', 'busy')), { path: '/x' }],
    ['one that names a time beyond its own', later(429, '2'), { path: '/x', timeoutMs: 1500 }],
  ])('is not sent again: %s', async (_what, step, request) => {
    await against([step]);
    await expect(connection.request(request)).rejects.toBeInstanceOf(KubernetesError);
    expect(server.asked).toHaveLength(1);
  });

  it('is left to the watcher when it is a watch', async () => {
    await against([later(429)]);
    await expect(connection.stream({ path: '/x' })).rejects.toMatchObject({ status: 429 });
    expect(server.asked).toHaveLength(1);
  });

  it('is not sent again once its caller has given up', async () => {
    const controller = new AbortController();
    await against([
      (request, response) => {
        later(429, '20')(request, response);
        setImmediate(() => controller.abort(new Error('enough')));
      },
    ]);
    await expect(connection.request({ path: '/x', signal: controller.signal })).rejects.toThrow('enough');
    expect(server.asked).toHaveLength(1);
  });

  it('lets others through while it waits', async () => {
    const refusing = Promise.withResolvers<void>();
    server = await startScriptedServer(
      (request, response) => {
        later(429, '20')(request, response);
        refusing.resolve();
      },
      json(200, { other: true }),
    );
    connection = connect({ server: server.url }, { maxRequests: 1 });
    const controller = new AbortController();
    const waiting = connection.request({ path: '/x', signal: controller.signal });
    await refusing.promise;
    expect(await connection.request({ path: '/other' })).toEqual({ other: true });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('waits as long as the server said, and less than its own time', () => {
    const busy = new KubernetesError(429, 'TooManyRequests', '', { retryAfterMs: 1000 });
    expect(pauseBeforeResend(busy, 'GET', 1, 1001)).toBe(1000);
    expect(pauseBeforeResend(busy, 'GET', 1, 1000)).toBeUndefined();
    expect(pauseBeforeResend(busy, 'GET', 5, 9000)).toBe(1000);
    expect(pauseBeforeResend(busy, 'GET', 6, 9000)).toBeUndefined();
  });

  describe('because it does not believe us', () => {
    const unauthorized = json(401, status(401, 'Unauthorized', 'who?'));
    const believing =
      (token: string): Step =>
      (request, response) =>
        (request.headers.authorization === `Bearer ${token}` ? lines([{}]) : unauthorized)(request, response);

    function rereadable(): Partial<Credentials> & { reads: number } {
      const source = {
        reads: 1,
        token: () => Promise.resolve(`token-${source.reads}`),
        distrust: () => void source.reads++,
      };
      return source;
    }

    it('is sent once more with what is read anew', async () => {
      const source = rereadable();
      await against([believing('token-2')], source);
      expect(await connection.request({ method: 'POST', path: '/x', body: {} })).toEqual({});
      await connection.request({ path: '/y' });
      expect(observed.map(([, code]) => code)).toEqual([401, 200, 200]);
      expect(source.reads).toBe(2);
    });

    it('is sent once more when it is a watch', async () => {
      await against([believing('token-2')], rereadable());
      const seen: string[] = [];
      for await (const line of await connection.stream({ path: '/x' })) seen.push(line);
      expect(seen).toEqual(['{}']);
    });

    it('is not sent a third time', async () => {
      await against([unauthorized], rereadable());
      await expect(connection.request({ path: '/x' })).rejects.toMatchObject({ status: 401 });
      expect(server.asked).toHaveLength(2);
    });

    it('is not sent again where there is nothing to read anew', async () => {
      await against([unauthorized], { token: 'fixed' });
      await expect(connection.request({ path: '/x' })).rejects.toMatchObject({ status: 401 });
      expect(server.asked).toHaveLength(1);
    });
  });
});
