import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { NodesObservation } from '../../../src/cluster/model/observation.ts';
import type { TargetAccess } from '../../../src/cluster/node-access/target-way.ts';
import { createNodeReader, type Depth, type NodeSource } from '../../../src/cluster/node-access/node-reader.ts';
import type { Connection } from '../../../src/kubernetes/client/connection.ts';
import { eventually } from '../../eventually.ts';
import { startApiServer, type ApiServer } from '../../kubernetes/api-server.ts';
import { ManualClock } from '../../runtime/manual-clock.ts';
import { CLUSTER_ID } from '../../harness/build.ts';

jest.setTimeout(60_000);

const SOURCE: NodeSource = { cluster: CLUSTER_ID, reconcile: {}, group: 'Operator', ways: [{ kind: 'InCluster' }] };
const EVENTS = '/api/v1/namespaces/default/events';

describe('the nodes of a real API server', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
  }, 90_000);
  afterAll(() => server.stop());

  /** Nodes and events of this test only, looked at over a connection that counts. */
  function reading() {
    const prefix = `read-${randomUUID().slice(0, 8)}`;
    const asked: string[] = [];
    const ended: AbortSignal[] = [];
    const own = server.connection;
    const connection: Connection = {
      ...own,
      request(request) {
        asked.push(`${request.method ?? 'list'} ${request.path}`);
        return own.request(request);
      },
      stream(request) {
        asked.push(`watch ${request.path}`);
        if (request.signal) ended.push(request.signal);
        return own.stream(request);
      },
      get lastResponseDate() {
        return own.lastResponseDate;
      },
    };
    const access: TargetAccess = {
      connectionFor: async () => ({ kind: 'Open', connection }),
      retain: async () => {},
      close: async () => {},
    };
    const clock = new ManualClock();
    // Its times are held against those of a real API server.
    clock.jump(Date.now() - clock.now());
    const nodes = createNodeReader(access, clock);
    const look = async (depth: Depth) => {
      const seen = await nodes.read(SOURCE, depth, new AbortController().signal);
      if (seen.kind !== 'Read') throw new Error(JSON.stringify(seen));
      return { ...seen, text: textOf(seen, prefix) };
    };
    const send = (method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: object) =>
      own.request({
        method,
        path,
        ...(body ? { body } : {}),
        ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}),
      });
    return {
      ...{ asked, ended, clock, nodes, look },
      add: (name: string) => send('POST', '/api/v1/nodes', nodeObject(`${prefix}-${name}`)),
      change: (name: string, body: object) => send('PATCH', `/api/v1/nodes/${prefix}-${name}`, body),
      remove: (name: string) => send('DELETE', `/api/v1/nodes/${prefix}-${name}`),
      say: (name: string, message: string) => send('POST', EVENTS, eventObject(`${prefix}-${name}`, message)),
      until: (text: string) => eventually(async () => (await look('Progress')).text === text),
    };
  }

  it('are listed once and then watched while an operation runs: what changes is seen without another list', async () => {
    const { asked, look, add, change, remove, say, until, nodes } = reading();
    await add('a');
    await add('b');
    expect((await look('Progress')).text).toBe('a b');
    await change('a', { spec: { unschedulable: true } });
    await say('a', 'Cordoning node');
    await until('a(cordoned, Cordoned) b');
    await remove('a');
    await add('a');
    await until('a(Cordoned) b');
    await add('c');
    await remove('b');
    await until('a(Cordoned) c');
    expect(asked.sort()).toEqual([`list ${EVENTS}`, 'list /api/v1/nodes', `watch ${EVENTS}`, 'watch /api/v1/nodes']);
    nodes.close();
  });

  it('are listed anew where something is decided by them, and watched for that no further', async () => {
    const { asked, look, add, nodes } = reading();
    await add('a');
    for (const depth of ['Outcome', 'Outcome', 'Nodes'] as const) expect((await look(depth)).text).toBe('a');
    expect(asked).toEqual([
      'list /api/v1/nodes',
      `list ${EVENTS}`,
      'list /api/v1/nodes',
      `list ${EVENTS}`,
      'list /api/v1/nodes',
    ]);
    nodes.close();
  });

  it('are watched no more a minute after the last read', async () => {
    const { ended, clock, look, add, nodes } = reading();
    await add('a');
    await look('Progress');
    await clock.advance(50_000);
    await look('Progress');
    await clock.advance(50_000);
    expect(ended.map(({ aborted }) => aborted)).toEqual([false, false]);
    await clock.advance(10_000);
    expect(ended.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(clock.timers).toEqual([]);
    expect((await look('Progress')).text).toBe('a');
    nodes.close();
    expect(ended.map(({ aborted }) => aborted)).toEqual([true, true, true, true]);
    expect(clock.timers).toEqual([]);
  });
});

describe('watches of many clusters', () => {
  /** A server with 10,000 nodes, or with one, that can be watched. */
  function connectionOf(name: string, count: number, ended: string[]): Connection {
    const metadata = (number: number) => ({ name: `n${number}`, uid: 'u', creationTimestamp: '2026-03-02T08:00:00Z' });
    const rows = Array.from({ length: count }, (_, number) => ({
      cells: ['Ready'],
      object: { metadata: metadata(number) },
    }));
    const table = { metadata: { resourceVersion: '1' }, columnDefinitions: [{ name: 'Status' }], rows };
    return {
      server: name,
      request: async ({ path }) =>
        path.endsWith('/events') ? { metadata: { resourceVersion: '1' }, items: [] } : table,
      async stream({ path, signal }) {
        if (path === '/api/v1/nodes') signal?.addEventListener('abort', () => ended.push(name));
        return new ReadableStream<string>();
      },
      close: async () => {},
    };
  }

  it('keep so much together that the largest end, and the others go on', async () => {
    const ended: string[] = [];
    const access: TargetAccess = {
      connectionFor: async ({ name }) => {
        const count = name.startsWith('large') ? 10_000 : 1;
        return { kind: 'Open', connection: connectionOf(name, count, ended) };
      },
      retain: async () => {},
      close: async () => {},
    };
    const nodes = createNodeReader(access, new ManualClock());
    const names = ['small', ...Array.from({ length: 12 }, (_, number) => `large-${number}`)];
    for (const name of names) {
      const source = { ...SOURCE, cluster: { ...CLUSTER_ID, name, key: name } };
      expect((await nodes.read(source, 'Progress', new AbortController().signal)).kind).toBe('Read');
      nodes.reconcileEnded(source.cluster);
    }
    expect(ended).toEqual(['large-0', 'large-1']);
    nodes.close();
    expect(ended).toHaveLength(names.length);
  });
});

function textOf({ nodes, events = [] }: Extract<NodesObservation, { kind: 'Read' }>, prefix: string): string {
  const own = nodes.filter(({ name }) => name.startsWith(prefix)).sort((a, b) => (a.name < b.name ? -1 : 1));
  return own
    .map(({ name, schedulable }) => {
      const said = events.filter(({ node }) => node === name).map(({ step }) => step);
      const notes = [...(schedulable ? [] : ['cordoned']), ...said].join(', ');
      return `${name.slice(prefix.length + 1)}${notes === '' ? '' : `(${notes})`}`;
    })
    .join(' ');
}

function nodeObject(name: string): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.azure.com/agentpool': 'apps' } } };
}

function eventObject(node: string, message: string): object {
  const now = new Date().toISOString();
  return {
    metadata: { name: `${node}-${Date.now()}`, namespace: 'default' },
    involvedObject: { apiVersion: 'v1', kind: 'Node', name: node, uid: node },
    ...{ type: 'Normal', reason: 'Upgrade', message, source: { component: 'upgrader' }, count: 1 },
    ...{ firstTimestamp: now, lastTimestamp: now },
  };
}
