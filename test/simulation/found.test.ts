import { describe, expect, it } from '@jest/globals';
import type { TargetCluster } from '../../src/api/generated/targetclusters.ts';
import type { ManagedClusters } from '../../src/azure/managed-clusters.ts';
import { createGather } from '../../src/cluster/observe/gather.ts';
import { createMutationCache } from '../../src/kubernetes/cache/mutation-cache.ts';
import { plan } from '../../src/cluster/decide/plan.ts';
import { createRecords } from '../../src/cluster/act/record-store.ts';
import { assess } from '../../src/cluster/operation/assess.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { KubernetesError, type Connection } from '../../src/kubernetes/client/connection.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { createReflector } from '../../src/kubernetes/cache/reflector.ts';
import { Store } from '../../src/kubernetes/cache/store.ts';
import {
  at,
  CLUSTER_ID,
  digest,
  failure,
  intent,
  MINUTE,
  observe,
  operation,
  reader,
  recordObject,
  SECOND,
  slot,
  START,
  trust,
} from '../harness/build.ts';
import { ManualClock, settled } from '../runtime/manual-clock.ts';

const SIGNAL = new AbortController().signal;

/** Each of these was first seen in a history, and is short enough to be said without one. */
describe('what histories found', () => {
  it('an answer to our own write does not show the edit of another client before the watch does', () => {
    const overlay = createMutationCache<KubernetesObject>();
    const before = {
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'a', uid: 'u', resourceVersion: '1', generation: 1 },
    };
    const edited = { ...before, metadata: { ...before.metadata, resourceVersion: '3', generation: 2 } };
    overlay.noteUnlessEdited(before, edited);
    expect(overlay.resolve(before)).toBe(before);
  });

  it('a record that is taken away before the watch brought it is made anew', async () => {
    const missing = () => Promise.reject(new KubernetesError(404, 'NotFound', 'not found'));
    const made = {
      metadata: { name: 'prod', uid: 'u', resourceVersion: '1' },
      spec: { resourceId: CLUSTER_ID.resourceId },
    };
    const connection = connectionOf(({ method }) => (method === 'POST' ? Promise.resolve(made) : missing()));
    const records = createRecords(connection, new Store<TargetCluster>());
    const first = await records.write(CLUSTER_ID, undefined, {}, SIGNAL);
    await expect(records.write(CLUSTER_ID, first, { clusterName: 'prod' }, SIGNAL)).rejects.toThrow('not found');
    expect(records.read(CLUSTER_ID)).toBeUndefined();
  });

  it('where there is no record in the cache, it is read before an object is released: the answer to its creation may have been lost', async () => {
    const made = recordObject({})!;
    const asking = (answer: () => Promise<unknown>) =>
      createRecords(connectionOf(answer), new Store<TargetCluster>()).confirm(CLUSTER_ID, undefined, SIGNAL);
    await expect(asking(() => Promise.resolve(made))).rejects.toThrow('version of TargetCluster prod-');
    await asking(() => Promise.reject(new KubernetesError(404, 'NotFound', 'not found')));
    await expect(asking(() => Promise.reject(new KubernetesError(500, 'InternalError', 'm')))).rejects.toThrow('m');
  });

  it('a reconcile has its objects in the same order, however the cache has them', () => {
    const objects = [trust('b', [0]), trust('a', [0])];
    const orders = [objects, objects.toReversed()].map((cached) => {
      const gather = createGather({
        records: createRecords(
          connectionOf(() => Promise.reject(new Error('nobody asks'))),
          new Store<TargetCluster>(),
        ),
        intentsOf: () => cached,
        objectNow: () => Promise.reject(new Error('nobody asks')),
        arm: { get: async () => ({ ok: false, failure: failure(500, 'Busy') }) } as unknown as ManagedClusters,
        nodes: { read: async () => ({ kind: 'NoAccess' }) },
        maintenance: { nextOpening: async () => undefined, read: async () => ({ kind: 'Missing' }) },
        reader,
        now: () => START,
      });
      return gather.known(CLUSTER_ID).intents.map(({ name }) => name);
    });
    expect(orders).toEqual([
      ['team/a', 'team/b'],
      ['team/a', 'team/b'],
    ]);
  });

  it('nothing is sent while a resumed write may still arrive', () => {
    const resumed = operation({
      listDigest: digest(0),
      attempts: 2,
      lastAttemptAt: at(START),
      failed: { code: '', message: '', at: at(START), confirmed: true },
    });
    const look = (after: number) => {
      const observation = observe({
        provisioningState: 'Failed',
        readAt: START + after,
        operation: { status: 'Failed', code: '', message: '' },
      });
      if (!observation.arm.ok) throw new Error('it was read');
      const { model } = observation.arm.reading;
      const times = { readAt: START + after, now: START + after, timing: DEFAULT_TIMING };
      const shown = { operation: resumed, isShown: true, digest: digest(0), progress: undefined };
      const assessment = assess({ observation, model, ...shown, ...times });
      return assessment.kind === 'Open' ? assessment.allows : assessment.kind;
    };
    expect(look(MINUTE + 9 * SECOND)).toBe('Nothing');
    expect(look(MINUTE + 10 * SECOND)).toBe('Retry');
  });

  it('a plan changes nothing of what the cache holds', () => {
    const pending = {
      since: at(START),
      changedAt: at(START),
      digest: 'd',
      adds: [],
      waitsFor: 'Settling',
      until: at(START),
    };
    const record = { slots: [slot(0, 'team/a/ca')], pending, operation: operation({ listDigest: digest(0, 1) }) };
    const before = structuredClone(record);
    plan(
      observe({ record, intents: [intent('a', [0, 1])], readAt: START + SECOND }),
      START + SECOND,
      DEFAULT_TIMING,
      () => 'op-2',
    );
    expect(record).toEqual(before);
  });

  it('a cache that is asked for a fresh list does not wait for its watch', async () => {
    let lists = 0;
    const paged = connectionOf(async () => {
      lists += 1;
      return { metadata: { resourceVersion: String(lists) }, items: [] };
    });
    const noStreams = new KubernetesError(422, 'Invalid', 'sendInitialEvents is forbidden');
    const connection: Connection = {
      ...paged,
      stream: (request) =>
        request.query?.['sendInitialEvents'] === undefined ? paged.stream(request) : Promise.reject(noStreams),
    };
    const stop = new AbortController();
    const clock = new ManualClock();
    const store = new Store<KubernetesObject>();
    const reflector = createReflector({
      connection,
      path: '/things',
      store,
      onChange: () => {},
      clock,
      random: () => 0.5,
    });
    const running = reflector.run(stop.signal);
    await reflector.synced;
    await settled();
    await reflector.refresh();
    expect(lists).toBe(2);
    stop.abort();
    await running;
  });
});

/** Answers requests so, and opens watches that stay silent until they are cut. */
function connectionOf(request: Connection['request']): Connection {
  return {
    server: 'https://example',
    request,
    async stream({ signal }) {
      return (async function* silence(): AsyncGenerator<string> {
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
        yield '';
      })();
    },
    close: async () => {},
  };
}
