import { describe, expect, it } from '@jest/globals';
import type { ClusterId } from '../../../src/api/resource-id.ts';
import type { TargetAccess } from '../../../src/cluster/node-access/target-way.ts';
import { createNodeReader } from '../../../src/cluster/node-access/node-reader.ts';
import type { Connection } from '../../../src/kubernetes/client/connection.ts';
import { at, CLUSTER_ID, HOUR, START } from '../../harness/build.ts';

/** Ten thousand nodes, as many as a reading takes, or as many as an honest cluster has. */
function connectionTo(nodes: number): Connection {
  return {
    server: 'https://target',
    request: async ({ query }) => {
      const from = Number(query?.['continue'] ?? 0);
      const names = Array.from({ length: Math.min(250, nodes - from) }, (_, index) => `n-${from + index}`);
      const rows = names.map((name) => ({
        cells: ['Ready'],
        object: { metadata: { name, uid: name, creationTimestamp: at(START - HOUR) } },
      }));
      const next = from + names.length;
      const metadata = { resourceVersion: '1', continue: next < nodes ? String(next) : '' };
      return { metadata, columnDefinitions: [{ name: 'Status' }], rows };
    },
    stream: () => Promise.reject(new Error('no watches')),
    close: async () => {},
  };
}

describe('all that is read of clusters whose passes go on', () => {
  it('has a bound, leaves room for small ones, and is given back when the passes are over', async () => {
    const access: TargetAccess = {
      connectionFor: async ({ name }) => ({
        kind: 'Open',
        connection: connectionTo(name.startsWith('hostile') ? 10_000 : 200),
      }),
      retain: async () => {},
      close: async () => {},
    };
    const reader = createNodeReader(access, { now: () => START, setTimeout: () => () => {} });
    const idOf = (name: string): ClusterId => ({ ...CLUSTER_ID, name, key: name });
    const read = async (name: string) => {
      const source = { cluster: idOf(name), reconcile: {}, group: 'judge', ways: [{ kind: 'Azure' }] as const };
      const seen = await reader.read(source, 'Nodes', new AbortController().signal);
      return seen.kind === 'Read' ? seen.nodes.length : seen.kind === 'Unreadable' ? seen.message : seen.kind;
    };
    const hostile = Array.from({ length: 40 }, (_, number) => `hostile-${number}`);
    const seen: (number | string)[] = [];
    for (const name of hostile) seen.push(await read(name));
    expect(seen.slice(0, 6)).toEqual(Array(6).fill(10_000));
    for (const one of seen.slice(6)) expect(one).toMatch(/the readings of all clusters together exceed the limit/);
    expect(await read('honest')).toBe(200);
    for (const name of hostile) reader.reconcileEnded(idOf(name));
    expect(await read('hostile-39')).toBe(10_000);
    reader.close();
  });
});
