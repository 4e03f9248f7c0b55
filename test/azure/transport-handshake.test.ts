import { afterEach, describe, expect, it } from '@jest/globals';
import { createTransport } from '../../src/azure/transport.ts';
import { startHandshakes, type Handshake, type HandshakeServer } from '../kubernetes/client/handshakes.ts';

let server: HandshakeServer;
afterEach(() => server.stop());

describe('an ARM whose TLS handshake', () => {
  it.each<[string, Handshake, RegExp]>([
    ['never begins', 'Silent', /no answer within 0\.4 s/],
    ['drips', 'Drips', /no answer within 0\.4 s|SSL|TLS/],
    ['is no TLS', 'Garbage', /SSL|TLS|EPROTO/],
    ['is an end', 'Ends', /./],
  ])(
    '%s costs each call its time, leaves no connection open, and is over when it ends',
    async (_what, fault, message) => {
      server = await startHandshakes('{"kind":"Good"}');
      server.does = fault;
      const transport = createTransport({
        cloud: { authorityHost: server.url, endpoint: server.url, scope: `${server.url}/.default` },
        credential: { getToken: async () => ({ token: 't', expiresOnTimestamp: Date.now() + 3_600_000 }) },
        ...{ apiVersion: '2026-06-01', ca: [server.caPem], timeoutMs: 400 },
      });
      let left = 0;
      const calls = (['GET', 'PUT'] as const).map((method) => ({
        ...{ method, target: '/subscriptions/s' },
        ...(method === 'PUT' ? { body: '{}', mayLeave: () => void (left += 1) } : {}),
      }));
      for (let round = 0; round < 3; round++) {
        const began = performance.now();
        const outcomes = await Promise.allSettled(calls.map((call) => transport.send(call)));
        expect(performance.now() - began).toBeLessThan(2000);
        for (const outcome of outcomes)
          expect(outcome).toEqual({
            status: 'rejected',
            reason: expect.objectContaining({ message: expect.stringMatching(message) }),
          });
      }
      while (server.open.now > 0) await new Promise(setImmediate);
      // Nothing of a body leaves over a connection that is not up.
      expect(left).toBe(0);
      server.does = 'Good';
      const answers = await Promise.all(calls.map((call) => transport.send(call)));
      expect(answers.map(({ text }) => text)).toEqual(['{"kind":"Good"}', '{"kind":"Good"}']);
      expect(left).toBe(1);
    },
  );
});
