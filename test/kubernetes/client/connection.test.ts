import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, type Connection, KubernetesError } from '../../../src/kubernetes/client/connection.ts';
import { json, lines, startScriptedServer, status, type ScriptedServer, type Step } from '../scripted-server.ts';

describe('a connection', () => {
  let server: ScriptedServer | undefined;
  let connection: Connection | undefined;

  afterEach(async () => {
    await connection?.close();
    await server?.stop();
  });

  async function against(...steps: Step[]): Promise<Connection> {
    server = await startScriptedServer(...steps);
    connection = connect({ server: `${server.url}/prefix/`, token: 'secret-token' }, { maxLineBytes: 100 });
    return connection;
  }

  async function failure(promise: Promise<unknown>): Promise<KubernetesError> {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(KubernetesError);
    return error as KubernetesError;
  }

  it('sends the path under the prefix of the server, the query, the token and the body', async () => {
    const seen: Record<string, unknown> = {};
    const to = await against((request, response) => {
      Object.assign(seen, { method: request.method, headers: request.headers });
      request.on('data', (chunk: Buffer) => (seen['body'] = chunk.toString()));
      request.on('end', () => json(200, { done: true })(request, response));
    });
    const answer = await to.request({
      method: 'PATCH',
      path: '/api/v1/things/a',
      query: { fieldManager: 'x y' },
      contentType: 'application/merge-patch+json',
      body: { a: 1 },
    });
    expect(answer).toEqual({ done: true });
    expect(server?.asked[0]?.pathname).toBe('/prefix/api/v1/things/a');
    expect(server?.asked[0]?.searchParams.get('fieldManager')).toBe('x y');
    expect(seen).toMatchObject({
      method: 'PATCH',
      body: '{"a":1}',
      headers: { authorization: 'Bearer secret-token', 'content-type': 'application/merge-patch+json' },
    });
  });

  it('sends nothing when it may not leave any more at the moment of leaving', async () => {
    const to = await against(json(200, {}));
    const gone = await failure(
      to.request({
        method: 'PUT',
        path: '/a',
        body: {},
        mayLeave: () => {
          throw new Error('the lease is another one’s');
        },
      }),
    );
    expect(gone.message).toContain('the lease is another one’s');
    expect(server?.asked).toEqual([]);
    // The connection is as good as before.
    expect(await to.request({ path: '/b', mayLeave: () => {} })).toEqual({});
  });

  it('asks whether it may leave when its turn has come, not when it was put in line', async () => {
    let leading = true;
    const held = Promise.withResolvers<void>();
    server = await startScriptedServer((request, response) => {
      held.promise.then(
        () => json(200, {})(request as never, response),
        () => {},
      );
    });
    connection = connect({ server: server.url }, { maxRequests: 1 });
    const mayLeave = () => {
      if (!leading) throw new Error('not leading');
    };
    const first = connection.request({ path: '/first' });
    const second = failure(connection.request({ method: 'PUT', path: '/second', body: {}, mayLeave }));
    await server.untilAsked(1);
    leading = false;
    held.resolve();
    await first;
    expect((await second).message).toContain('not leading');
    expect(server.asked.map(({ pathname }) => pathname)).toEqual(['/first']);
  });

  it('asks a token provider before every request', async () => {
    const seen: unknown[] = [];
    server = await startScriptedServer((request, response) => {
      seen.push(request.headers.authorization);
      json(200, {})(request, response);
    });
    let count = 0;
    connection = connect({ server: server.url, token: () => Promise.resolve(`token-${++count}`) });
    await connection.request({ path: '/a' });
    await connection.request({ path: '/b' });
    expect(seen).toEqual(['Bearer token-1', 'Bearer token-2']);
  });

  it('says NoCredentials when the token provider fails', async () => {
    server = await startScriptedServer(json(200, {}));
    connection = connect({ server: server.url, token: () => Promise.reject(new Error('the file is gone')) });
    const error = await failure(connection.request({ path: '/a' }));
    expect(error).toMatchObject({ status: 0, reason: 'NoCredentials' });
    expect(error.message).toContain('the file is gone');
    expect(server.asked).toHaveLength(0);
  });

  it('makes an error of a Status, with its reason and when to come again', async () => {
    const to = await against(json(429, status(429, 'TooManyRequests', 'slow down', 7)));
    const error = await failure(to.request({ path: '/api/v1/pods', timeoutMs: 6000 }));
    expect(error).toMatchObject({ status: 429, reason: 'TooManyRequests', retryAfterMs: 7000 });
    expect(error.message).toBe('GET /api/v1/pods: 429 TooManyRequests: slow down');
  });

  it('believes the Retry-After header before the Status', async () => {
    const to = await against(json(503, status(503, 'ServiceUnavailable', 'later', 7), { 'retry-after': '2' }));
    const request = to.request({ path: '/x', timeoutMs: 1000 });
    expect(await failure(request)).toMatchObject({ status: 503, retryAfterMs: 2000 });
  });

  it.each(['31536000', '1e300', 'Infinity', '9007199254740993'])(
    'believes no Retry-After of more than an hour: %s',
    async (retryAfter) => {
      const to = await against(json(429, status(429, 'TooManyRequests', 'later'), { 'retry-after': retryAfter }));
      expect(await failure(to.request({ path: '/x', timeoutMs: 1000 }))).toMatchObject({ retryAfterMs: 3_600_000 });
    },
  );

  it.each(['-5', 'NaN', 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'leaves out a Retry-After that is no time: %s',
    async (odd) => {
      const to = await against(json(429, status(429, 'TooManyRequests', 'later'), { 'retry-after': odd }));
      expect(await failure(to.request({ path: '/x', timeoutMs: 1000 }))).toHaveProperty('retryAfterMs', undefined);
    },
  );

  it('does not quote what is no Status', async () => {
    const to = await against((_request, response) => {
      response.writeHead(502, { 'content-type': 'text/html' });
      response.end('<html>secret</html>');
    });
    const error = await failure(to.request({ path: '/x' }));
    expect(error).toMatchObject({ status: 502, reason: 'UnexpectedAnswer' });
    expect(error.message).not.toContain('secret');
  });

  it('refuses a 200 that is not JSON', async () => {
    const to = await against((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>log in</html>');
    });
    expect(await failure(to.request({ path: '/x' }))).toMatchObject({ status: 200, reason: 'UnexpectedAnswer' });
  });

  it('has status 0 and the code of the network error when there is no answer', async () => {
    connection = connect({ server: 'http://127.0.0.1:1' });
    expect(await failure(connection.request({ path: '/x' }))).toMatchObject({ status: 0, reason: 'ECONNREFUSED' });
  });

  it('gives up when the answer takes longer than allowed', async () => {
    const to = await against(() => {});
    expect(await failure(to.request({ path: '/x', timeoutMs: 20 }))).toMatchObject({ status: 0, reason: 'Timeout' });
  });

  it('throws the reason of the signal when the caller aborts', async () => {
    const controller = new AbortController();
    const to = await against(() => controller.abort(new Error('enough')));
    await expect(to.request({ path: '/x', signal: controller.signal })).rejects.toThrow('enough');
    await expect(to.request({ path: '/x', signal: controller.signal })).rejects.toThrow('enough');
  });

  it("remembers the server's clock", async () => {
    const to = await against(json(200, {}, { date: 'Sat, 21 Nov 2026 12:00:00 GMT' }));
    expect(to.lastResponseDate).toBeUndefined();
    await to.request({ path: '/x' });
    expect(to.lastResponseDate).toBe(Date.UTC(2026, 10, 21, 12));
  });

  it('streams lines in order, however they were cut, and ends when the server ends', async () => {
    const text = Buffer.from('{"a":"ä"}\n\n{"b":2}\n{"c":3}');
    const to = await against((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      // Cuts the two bytes of the umlaut apart.
      response.write(text.subarray(0, 7), () => response.end(text.subarray(7)));
    });
    const seen: string[] = [];
    for await (const line of await to.stream({ path: '/x' })) seen.push(line);
    expect(seen).toEqual(['{"a":"ä"}', '{"b":2}', '{"c":3}']);
  });

  it.each([
    ['without end', lines([], { open: true })],
    ['that ends', lines(['x'.repeat(101)], { open: true })],
  ])('fails to stream too long a line %s', async (_which, start) => {
    const to = await against((request, response) => {
      start(request, response);
      response.write('x'.repeat(101));
    });
    const reading = (async () => {
      for await (const line of await to.stream({ path: '/x' })) throw new Error(`not a whole line: ${line.length}`);
    })();
    expect(await failure(reading)).toMatchObject({ reason: 'TooLarge' });
  });

  it('lets a stream be silent for longer than an answer may take, until it is aborted', async () => {
    const controller = new AbortController();
    const to = await against((request, response) => {
      lines(['first'], { open: true })(request, response);
      setTimeout(() => response.write('second\n'), 600);
    });
    const seen: string[] = [];
    const stream = await to.stream({ path: '/x', signal: controller.signal, timeoutMs: 500 });
    const reading = (async () => {
      for await (const line of stream) {
        seen.push(line);
        if (line === 'second') controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(seen).toEqual(['first', 'second']);
  });

  it('throws when a stream breaks off', async () => {
    const to = await against((request, response) => {
      lines(['first'], { open: true })(request, response);
      setImmediate(() => response.destroy());
    });
    const reading = (async () => {
      for await (const line of await to.stream({ path: '/x' })) expect(line).toBe('first');
    })();
    expect((await failure(reading)).status).toBe(0);
  });

  it('ends what is under way when it is closed', async () => {
    const to = await against(() => void to.close());
    expect(await failure(to.request({ path: '/x' }))).toMatchObject({ status: 0 });
  });
});
