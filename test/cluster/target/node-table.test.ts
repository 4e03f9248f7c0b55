import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { listNodes } from '../../../src/cluster/target/node-table.ts';
import { createTableReader, type Table } from '../../../src/cluster/target/table.ts';
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
  it('is not taken for nodes that are not ready', () => {
    const object = { metadata: { name: 'a', uid: 'u', creationTimestamp: '' } };
    const columnDefinitions = [{ name: 'Name' }, { name: 'Status' }];
    const rows = [{ cells: ['a', 'Ready'], object }];
    const read = (table: Table) => [...createTableReader(['Status'])(table)];
    expect(read({ columnDefinitions, rows })).toEqual([{ cells: ['Ready'], metadata: object.metadata }]);
    expect(() => read({ columnDefinitions: [{ name: 'Name' }], rows })).toThrow('column Status');
    expect(() => read({ columnDefinitions: null, rows })).toThrow('column Status');
    expect(() => read({ columnDefinitions, rows: [{ cells: ['a', 'Ready'] }] })).toThrow('metadata');
    expect(read({})).toEqual([]);
  });

  it('in a watch needs the columns of a table before it, as only the first of a watch names them', () => {
    const object = { metadata: { name: 'a', uid: 'u', creationTimestamp: '' } };
    const rowsOf = createTableReader(['Status']);
    const columnDefinitions = [{ name: 'Name' }, { name: 'Status' }];
    const row = (status: string) => ({ rows: [{ cells: ['a', status], object }] });
    expect([...rowsOf({ columnDefinitions, ...row('NotReady') })].map(({ cells }) => cells)).toEqual([['NotReady']]);
    expect([...rowsOf({ columnDefinitions: null, ...row('Ready') })].map(({ cells }) => cells)).toEqual([['Ready']]);
  });
});
