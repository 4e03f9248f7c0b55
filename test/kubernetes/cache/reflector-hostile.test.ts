import { describe, expect, it } from '@jest/globals';
import type { Connection } from '../../../src/kubernetes/client/connection.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { createReflector } from '../../../src/kubernetes/cache/reflector.ts';
import { Store } from '../../../src/kubernetes/cache/store.ts';
import { spoilt } from '../../hostile-values.ts';

/** Pauses take no time; what waits for a watch that says nothing waits for good. */
const CLOCK = {
  now: () => performance.now(),
  setTimeout(fn: () => void, ms: number) {
    if (ms > 60_000) return () => {};
    const timer = setImmediate(fn);
    return () => clearImmediate(timer);
  },
};
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

const object = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { namespace: 'n', name, uid: name, resourceVersion: '3' },
  spec: { target: { resourceId: 'r' } },
});
const GOOD = {
  list: { apiVersion: 'v1', kind: 'ThingList', metadata: { resourceVersion: '5', continue: '' }, items: [object('a')] },
  event: { type: 'ADDED', object: object('b') },
};

interface Thing extends KubernetesObject {
  readonly spec: { readonly target: { readonly resourceId: string } };
}

describe('a cache whose server has one thing wrong', () => {
  it('asks again until it is right, and never ends by itself', async () => {
    for (const { what, json } of spoilt(GOOD)) {
      const wrong = JSON.parse(json) as typeof GOOD;
      let [lists, watches] = [0, 0];
      const connection: Connection = {
        server: '',
        request: async () => (lists++ === 0 ? wrong.list : GOOD.list),
        stream: async ({ query, signal }) => {
          if (query?.['sendInitialEvents']) return once('{"type":"ERROR","object":{"code":400}}');
          const line = JSON.stringify(watches++ === 0 ? wrong.event : GOOD.event);
          return watches < 3 ? once(line) : never(signal!);
        },
        close: async () => {},
      };
      const store = new Store<Thing>({ indexers: { target: ({ spec }) => [spec.target.resourceId.toLowerCase()] } });
      const reflector = createReflector<Thing>({
        ...{ connection, path: '/things', store, clock: CLOCK, random: () => 0.5, logger: SILENT },
        onChange: () => {},
      });
      const stop = new AbortController();
      const run = reflector.run(stop.signal).then(
        () => 'ended',
        (error: Error) => `rejected: ${error.message}`,
      );
      for (let turn = 0; turn < 2000 && watches < 3; turn++) await new Promise(setImmediate);
      expect({ what, synced: reflector.hasSynced(), watches }).toEqual({ what, synced: true, watches: 3 });
      stop.abort();
      expect({ what, run: await run }).toEqual({ what, run: 'ended' });
    }
  });
});

async function* once(line: string): AsyncGenerator<string> {
  yield line;
}

async function* never(signal: AbortSignal): AsyncGenerator<string> {
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  yield '';
}
