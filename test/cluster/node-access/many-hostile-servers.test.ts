import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { NodesObservation } from '../../../src/cluster/model/observation.ts';
import type { TargetAccess } from '../../../src/cluster/node-access/target-way.ts';
import { connectToTarget, TARGET_READS } from '../../../src/cluster/node-access/connect-target.ts';
import { createNodeReader, type Depth } from '../../../src/cluster/node-access/node-reader.ts';
import { createReadBudget } from '../../../src/kubernetes/client/read-budget.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { eventually } from '../../eventually.ts';
import { CLUSTER_ID } from '../../harness/build.ts';
import { startHostileServer, type Hostility } from './hostile-server.ts';

jest.setTimeout(90_000);

const MIB = 2 ** 20;
const TENANTS = 40;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Forty tenants whose servers are hostile, and one whose is not. What they hold is measured from outside of the budget. */
async function manyTenants(hostility: Hostility) {
  const [hostile, honest] = [await startHostileServer(hostility), await startHostileServer()];
  const budget = createReadBudget({ ...TARGET_READS, patienceMs: 1000 });
  const connections = new Map(
    Array.from({ length: TENANTS + 1 }, (_, number) => {
      const name = number === TENANTS ? 'honest' : `team-${number}`;
      const { credentials } = number === TENANTS ? honest : hostile;
      return [name, connectToTarget(credentials, { allowLocal: true, payer: name, budget })] as const;
    }),
  );
  const access: TargetAccess = {
    connectionFor: async ({ name }) => ({ kind: 'Open', connection: connections.get(name)! }),
    retain: async () => {},
    close: async () => {},
  };
  const nodes = createNodeReader(access, systemClock, { readingMs: 6000 });
  closing.push(
    () => nodes.close(),
    () => Promise.all([...connections.values()].map((connection) => connection.close())),
    () => Promise.all([hostile.stop(), honest.stop()]),
  );
  const read = (name: string, depth: Depth) => {
    const cluster = { ...CLUSTER_ID, name, key: name };
    return nodes.read(
      { cluster, reconcile: {}, group: 'judge', ways: [{ kind: 'InCluster' }] },
      depth,
      new AbortController().signal,
    );
  };
  return { budget, read };
}

function held(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('the servers of forty tenants', () => {
  it.each<Hostility>(['DeepAnswer', 'HeldAnswer'])(
    'that all are %s are read within a bound, and an honest one is read meanwhile',
    async (hostility) => {
      const { budget, read } = await manyTenants(hostility);
      await read('honest', 'Outcome');
      collect();
      const before = held();
      let [most, mostHeld] = [0, 0];
      const sampling = setInterval(() => {
        most = Math.max(most, held());
        mostHeld = Math.max(mostHeld, budget.held);
      }, 5);
      const hostile = Promise.all(Array.from({ length: TENANTS }, (_, number) => read(`team-${number}`, 'Outcome')));
      const honest: NodesObservation[] = [];
      let over = false;
      void hostile.finally(() => (over = true));
      while (!over) {
        const began = performance.now();
        honest.push(await read('honest', 'Outcome'));
        expect(performance.now() - began).toBeLessThan(8000);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      clearInterval(sampling);
      expect(honest.every((seen) => seen.kind === 'Read' && seen.nodes.length === 2)).toBe(true);
      for (const seen of await hostile)
        expect(seen).toMatchObject({
          kind: 'Unreadable',
          message: expect.stringMatching(/values$|large and slow|took too long/),
        });
      expect(mostHeld).toBeLessThanOrEqual(64 * MIB);
      expect((most - before) / MIB).toBeLessThan(300);
      expect(budget.held).toBe(0);
    },
  );

  it('whose watches never end a line give room to others', async () => {
    const { budget, read } = await manyTenants('HeldLine');
    const seen = await Promise.all(Array.from({ length: TENANTS }, (_, number) => read(`team-${number}`, 'Progress')));
    expect(seen.every(({ kind }) => kind === 'Read')).toBe(true);
    await eventually(async () => budget.held > 50 * MIB, 20_000);
    const began = performance.now();
    expect(await read('honest', 'Outcome')).toMatchObject({ kind: 'Read' });
    expect(performance.now() - began).toBeLessThan(8000);
    expect(budget.held).toBeLessThanOrEqual(64 * MIB);
  });
});
