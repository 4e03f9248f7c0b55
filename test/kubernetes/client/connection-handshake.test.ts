import { afterEach, describe, expect, it } from '@jest/globals';
import { connect, KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { startHandshakes, type Handshake, type HandshakeServer } from './handshakes.ts';

const DEADLINE = 400;
const AT_A_TIME = 4;

let server: HandshakeServer;
let connection: Connection;
afterEach(async () => {
  await connection.close();
  await server.stop();
});

describe('an API server whose TLS handshake', () => {
  it.each<[string, Handshake, RegExp]>([
    ['never begins', 'Silent', /^Timeout$/],
    ['drips', 'Drips', /^Timeout$|SSL|TLS/],
    ['is no TLS', 'Garbage', /SSL|TLS|EPROTO/],
    ['is an end', 'Ends', /./],
  ])(
    '%s costs each request its time and few connections, and is over when it ends',
    async (_what, fault, reason) => {
      server = await startHandshakes('{"kind":"Good"}');
      server.does = fault;
      connection = connect(
        { server: server.url, caPem: server.caPem },
        { timeoutMs: DEADLINE, maxRequests: AT_A_TIME },
      );
      for (let round = 0; round < 3; round++) {
        const began = performance.now();
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, () => connection.request({ path: '/api', method: 'POST' })),
        );
        expect(performance.now() - began).toBeLessThan(DEADLINE + 1500);
        for (const outcome of outcomes) {
          expect(outcome.status).toBe('rejected');
          const error = (outcome as PromiseRejectedResult).reason as KubernetesError;
          expect(error).toBeInstanceOf(KubernetesError);
          expect(error.reason).toMatch(outcome === outcomes[0] ? reason : /./);
        }
      }
      // The server may see the end of an old connection after the beginning of the next one.
      expect(server.open.most).toBeLessThanOrEqual(2 * AT_A_TIME);
      server.does = 'Good';
      // A connection that is being made is given up after ten seconds.
      expect(await connection.request({ path: '/api', timeoutMs: 15_000 })).toEqual({ kind: 'Good' });
    },
    30_000,
  );

  it('never ends does not hold a watch longer than its first answer may take', async () => {
    server = await startHandshakes('{}');
    server.does = 'Silent';
    connection = connect({ server: server.url, caPem: server.caPem }, { timeoutMs: DEADLINE });
    const began = performance.now();
    await expect(connection.stream({ path: '/api' })).rejects.toMatchObject({ reason: 'Timeout' });
    expect(performance.now() - began).toBeLessThan(DEADLINE + 1500);
  });
});
