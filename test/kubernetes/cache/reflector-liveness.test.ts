import { describe, expect, it } from '@jest/globals';
import { KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { createReflector, type Reflector } from '../../../src/kubernetes/cache/reflector.ts';
import { Store } from '../../../src/kubernetes/cache/store.ts';
import { ManualClock, settled } from '../../runtime/manual-clock.ts';

const MINUTE = 60_000;

function reflect(clock: ManualClock, connection: Partial<Connection>): Reflector {
  const missing = () => Promise.reject(new Error('not asked for'));
  return createReflector({
    connection: { server: 'https://example', request: missing, stream: missing, close: async () => {}, ...connection },
    path: '/things',
    store: new Store(),
    onChange: () => {},
    clock,
    random: () => 0.999,
  });
}

describe('a reflector', () => {
  it('is not stuck before it runs, nor after it was stopped', async () => {
    const clock = new ManualClock();
    const reflector = reflect(clock, { stream: () => Promise.reject(new Error('down')) });
    await clock.advance(60 * MINUTE);
    expect(reflector.isStuck(clock.now())).toBe(false);
    const stop = new AbortController();
    const running = reflector.run(stop.signal);
    stop.abort();
    await running;
    await clock.advance(60 * MINUTE);
    expect(reflector.isStuck(clock.now())).toBe(false);
  });

  it('is not stuck while the API server is away, however long', async () => {
    const clock = new ManualClock();
    const away = () => Promise.reject(new KubernetesError(0, 'ECONNREFUSED', 'away'));
    const reflector = reflect(clock, { stream: away });
    const stop = new AbortController();
    const running = reflector.run(stop.signal);
    for (let minute = 0; minute < 60; minute++) {
      await clock.advance(MINUTE);
      expect(reflector.isStuck(clock.now())).toBe(false);
    }
    stop.abort();
    await running;
  });

  it('is not stuck in a pause that the server asked for', async () => {
    const clock = new ManualClock();
    const busy = new KubernetesError(429, 'TooManyRequests', 'busy', { retryAfterMs: 300_000 });
    const reflector = reflect(clock, { stream: () => Promise.reject(busy) });
    const stop = new AbortController();
    const running = reflector.run(stop.signal);
    await settled();
    const end = clock.now() + 300_000;
    expect([11, 12].map((minutes) => reflector.isStuck(end + minutes * MINUTE))).toEqual([false, true]);
    stop.abort();
    await running;
  });

  it('is stuck when a call never comes back, longer than any watch can last', async () => {
    const clock = new ManualClock();
    const reflector = reflect(clock, { stream: () => new Promise(() => {}) });
    void reflector.run(new AbortController().signal);
    await settled();
    // The longest watch, and a minute.
    expect(reflector.isStuck(clock.now() + 11 * MINUTE)).toBe(false);
    expect(reflector.isStuck(clock.now() + 11 * MINUTE + 1)).toBe(true);
  });
});
