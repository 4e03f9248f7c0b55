import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { create, get } from '../../../src/kubernetes/client/verbs.ts';
import { createEventRecorder, type EventRecorder } from '../../../src/kubernetes/events/event-recorder.ts';
import { listPages } from '../../../src/kubernetes/client/list.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { type ApiServer, startApiServer } from '../api-server.ts';

jest.setTimeout(30_000);

/** The old form, which kubectl shows. */
interface CoreEvent extends KubernetesObject {
  involvedObject: { kind: string; name: string; uid?: string };
  type: string;
  reason: string;
  message: string;
  series?: { count: number };
}

describe('events in a real API server', () => {
  let server: ApiServer;

  beforeAll(async () => {
    server = await startApiServer();
  }, 90_000);

  afterAll(() => server.stop());

  function recorder(): EventRecorder {
    const { connection } = server;
    const source = { component: 'aks-ca-trust', instance: 'pod-1' };
    return createEventRecorder({ connection, ...source, clock: systemClock, random: () => Math.random() });
  }

  async function eventsOf(object: KubernetesObject, namespace: string): Promise<CoreEvent[]> {
    const query = { fieldSelector: `involvedObject.uid=${object.metadata.uid ?? ''}` };
    const events: CoreEvent[] = [];
    const pages = listPages<CoreEvent>(server.connection, `/api/v1/namespaces/${namespace}/events`, { query });
    for await (const page of pages) events.push(...page.items);
    return events;
  }

  it('are shown with their object, and counted', async () => {
    const namespace = await server.namespace();
    const object = await create<KubernetesObject>(server.connection, `/api/v1/namespaces/${namespace}/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
    });
    const events = recorder();
    const note = { type: 'Warning', reason: 'ReimageBlocked', message: 'a budget allows no eviction' } as const;
    for (let time = 0; time < 3; time++) events.record(object, note);
    events.record(object, { type: 'Normal', reason: 'Long', message: 'ä'.repeat(2000), action: 'Report' });
    await events.flush(new AbortController().signal);
    const found = await eventsOf(object, namespace);
    expect(found).toHaveLength(2);
    expect(found.find(({ reason }) => reason === 'ReimageBlocked')).toMatchObject({
      involvedObject: { kind: 'ConfigMap', name: 'a' },
      type: 'Warning',
      message: 'a budget allows no eviction',
      series: { count: 3 },
    });
  });

  it('about cluster-scoped objects are in the default namespace', async () => {
    // The API server makes it some seconds after its start; a bare test server may not have it yet.
    const path = '/api/v1/namespaces';
    const metadata = { name: 'default' };
    await create(server.connection, path, { apiVersion: 'v1', kind: 'Namespace', metadata }).catch((error: unknown) => {
      expect(error).toMatchObject({ reason: 'AlreadyExists' });
    });
    const object = await get<KubernetesObject>(server.connection, `${path}/${await server.namespace()}`);
    expect(object).toBeDefined();
    if (object === undefined) return;
    const events = recorder();
    events.record(object, { type: 'Normal', reason: 'Seen', message: 'seen' });
    await events.flush(new AbortController().signal);
    expect((await eventsOf(object, 'default')).map(({ reason }) => reason)).toEqual(['Seen']);
  });
});
