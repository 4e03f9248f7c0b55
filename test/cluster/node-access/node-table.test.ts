import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { listNodes, NODES } from '../../../src/cluster/node-access/node-table.ts';
import { createTableReader } from '../../../src/kubernetes/untrusted/table.ts';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { startApiServer, type ApiServer } from '../../kubernetes/api-server.ts';

jest.setTimeout(60_000);

const POOL = 'kubernetes.azure.com/agentpool';

describe('the nodes of a real API server', () => {
  let server: ApiServer;
  beforeAll(async () => {
    server = await startApiServer();
  }, 90_000);
  afterAll(() => server.stop());

  async function add(
    name: string,
    labels: Record<string, string>,
    ready: boolean,
    unschedulable = false,
  ): Promise<void> {
    const { connection } = server;
    const body = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: { unschedulable } };
    await connection.request({ method: 'POST', path: '/api/v1/nodes', body });
    const now = new Date().toISOString();
    const condition = {
      type: 'Ready',
      status: ready ? 'True' : 'False',
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    };
    await connection.request({
      method: 'PATCH',
      path: `/api/v1/nodes/${name}/status`,
      contentType: 'application/merge-patch+json',
      body: { status: { conditions: [condition] } },
    });
  }

  it('are read as a table: identity, readiness and what their labels say', async () => {
    await add('ready', { [POOL]: 'apps' }, true);
    await add('cordoned', { agentpool: 'apps' }, true, true);
    await add('late', { [POOL]: 'apps', 'kubernetes.azure.com/upgrade-status': 'Quarantined' }, false, true);
    await add('virtual', { type: 'virtual-kubelet' }, true);
    await add('karpenter', { 'karpenter.sh/nodepool': 'default' }, true);
    // Others may have nodes in the same API server.
    const own = new Set(['ready', 'cordoned', 'late', 'virtual', 'karpenter']);
    const listed = await listNodes(server.connection, new AbortController().signal);
    const nodes = listed.filter(({ name }) => own.has(name));
    const object = (await server.connection.request({ path: '/api/v1/nodes/ready' })) as KubernetesObject;
    expect(nodes.find(({ name }) => name === 'ready')).toEqual({
      name: 'ready',
      uid: object.metadata.uid,
      createdAt: Date.parse(object.metadata.creationTimestamp ?? ''),
      pool: 'apps',
      ready: true,
      schedulable: true,
      quarantined: false,
      kind: 'Pool',
    });
    const said = nodes.map(({ name, pool, ready, schedulable, quarantined, kind }) =>
      [name, pool, ready, schedulable, quarantined, kind].join(' '),
    );
    expect(said.sort()).toEqual([
      'cordoned apps true false false Pool',
      'karpenter  true true false AutoProvisioned',
      'late apps false false true Pool',
      'ready apps true true false Pool',
      'virtual  true true false Virtual',
    ]);
  });
});

describe('an answer that is no table of nodes', () => {
  const metadata = { name: 'a', uid: 'u', creationTimestamp: '2026-03-02T08:00:00Z' };
  const columnDefinitions = [{ name: 'Name' }, { name: 'Status' }];

  it('is not taken for nodes that are not ready, nor for no nodes', () => {
    const rows = [{ cells: ['a', 'Ready'], object: { metadata } }];
    const read = (table: unknown) => [...createTableReader(['Status'])(table)];
    expect(read({ columnDefinitions, rows })).toEqual([{ cells: ['Ready'], metadata }]);
    expect(read({ columnDefinitions, rows: null })).toEqual([]);
    expect(() => read({ columnDefinitions: [{ name: 'Name' }], rows })).toThrow('column Status');
    expect(() => read({ columnDefinitions: null, rows })).toThrow('column Status');
    expect(() => read({ columnDefinitions, rows: [{ cells: ['a', 'Ready'] }] })).toThrow('metadata');
    expect(() => read({ columnDefinitions, rows: 5 })).toThrow('the rows of the table are not a list');
    for (const answer of [{}, null, 5, 'Ready', [], { items: [] }, { columnDefinitions: [null, 5] }])
      expect(() => read(answer)).toThrow('column Status');
  });

  it('in a watch needs the columns of a table before it, as only the first of a watch names them', () => {
    const rowsOf = createTableReader(['Status']);
    const row = (status: string) => ({ rows: [{ cells: ['a', status], object: { metadata } }] });
    expect([...rowsOf({ columnDefinitions, ...row('NotReady') })].map(({ cells }) => cells)).toEqual([['NotReady']]);
    expect([...rowsOf({ columnDefinitions: null, ...row('Ready') })].map(({ cells }) => cells)).toEqual([['Ready']]);
  });

  it.each<[string, unknown, string]>([
    ['without metadata', null, 'has the name (none)'],
    ['without a name', { ...metadata, name: undefined }, 'has the name (none)'],
    ['with a number for a name', { ...metadata, name: 5 }, 'has the name'],
    ['with an escape sequence in its name', { ...metadata, name: '\u001b[31mred' }, 'the name "\\u{1b}[31mred"'],
    ['with a name that is reversed on a screen', { ...metadata, name: 'a\u202eb' }, 'the name "a\\u{202e}b"'],
    ['with a C1 control in its name', { ...metadata, name: 'a\u009b' }, 'the name "a\\u{9b}"'],
    ['with 300 characters in its name', { ...metadata, name: 'a'.repeat(300) }, `"${'a'.repeat(99)}…"`],
    ['with a blank in its name', { ...metadata, name: 'a b' }, 'the name "a b"'],
    ['without a uid', { ...metadata, uid: null }, 'node a has the uid'],
    ['without a time', { ...metadata, creationTimestamp: undefined }, 'node a has the creationTimestamp (none)'],
    ['of a time that is null', { ...metadata, creationTimestamp: null }, 'creationTimestamp of type null'],
    ['of a time that is none', { ...metadata, creationTimestamp: 'garbage' }, 'creationTimestamp "garbage"'],
    ['of a time that is a number', { ...metadata, creationTimestamp: 1e300 }, 'creationTimestamp of type number'],
    ['of a day that is none', { ...metadata, creationTimestamp: '2026-13-41T08:00:00Z' }, '2026-13-41'],
    ['of the year 275761', { ...metadata, creationTimestamp: '+275761-01-01T00:00:00Z' }, '+275761'],
    ['with a label that is no text', { ...metadata, labels: { agentpool: {} } }, 'for its label agentpool'],
    ['with a label that moves the cursor', { ...metadata, labels: { agentpool: '\u001b[A' } }, '"\\u{1b}[A"'],
    ['with a label of a megabyte', { ...metadata, labels: { agentpool: 'a'.repeat(2 ** 20) } }, 'agentpool'],
  ])('is unreadable where a node is %s', (_what, odd, message) => {
    const read = () => [
      ...NODES.reader()({ columnDefinitions, rows: [{ cells: ['a', 'Ready'], object: { metadata: odd } }] }),
    ];
    expect(read).toThrow(message);
    expect(read).toThrow(/^[ -~…]{1,300}$/);
  });

  it('is unreadable where the status of a node is no text', () => {
    for (const status of [null, 5, {}, undefined])
      expect(() => [
        ...NODES.reader()({ columnDefinitions, rows: [{ cells: ['a', status], object: { metadata } }] }),
      ]).toThrow('node a has no text in the column Status');
  });

  it('gives a node no label that an object has by inheritance', () => {
    const labels = JSON.parse('{"__proto__":{"agentpool":"x"}}') as object;
    const rows = [{ cells: ['a', 'Ready'], object: { metadata: { ...metadata, labels } } }];
    expect([...NODES.reader()({ columnDefinitions, rows })]).toMatchObject([{ name: 'a', value: { pool: '' } }]);
  });
});
