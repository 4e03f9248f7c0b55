import { describe, expect, it } from '@jest/globals';
import type { NodesObservation, Observation } from '../../../../src/cluster/model/observation.ts';
import { nodesToAsk } from '../../../../src/cluster/verify/pods/nodes.ts';
import type { Connection } from '../../../../src/kubernetes/client/connection.ts';
import { at, intent, node, observe, START } from '../../../harness/build.ts';

const CALM = new AbortController().signal;

/** The nodes of a cluster whose machines are in `MC_own`, and how many requests they cost. */
async function ask(
  nodes: NodesObservation,
  group = 'MC_own',
  owner: 'Operator' | 'Namespace' = 'Operator',
  own: Observation['own'] = new Map(),
) {
  let requests = 0;
  const metadata = { name: 'listed', uid: 'u', creationTimestamp: at(START) };
  const labels = { 'kubernetes.azure.com/cluster': group };
  const connection: Connection = {
    server: '',
    async request() {
      requests += 1;
      const rows = [{ cells: ['Ready'], object: { metadata: { ...metadata, labels } } }];
      return { metadata: { resourceVersion: '1' }, columnDefinitions: [{ name: 'Status' }], rows };
    },
    stream: () => Promise.reject(new Error('nobody watches')),
    close: async () => {},
  };
  const found = await nodesToAsk(
    observe({ nodes, own, nodeResourceGroup: 'MC_own' }),
    intent('a'),
    owner,
    connection,
    CALM,
  );
  return { found: typeof found === 'string' ? found : found.map(({ name }) => name), requests };
}

describe('the nodes that are asked', () => {
  it('are those that the pass has read, without reading them again', async () => {
    expect(await ask({ kind: 'Read', nodes: [node('read', START)] })).toEqual({ found: ['read'], requests: 0 });
    expect(await ask({ kind: 'Unreadable', message: 'away' })).toEqual({ found: 'away', requests: 0 });
  });

  it('are listed where the pass needed none', async () => {
    expect(await ask({ kind: 'NotRead' })).toEqual({ found: ['listed'], requests: 1 });
  });

  it('are never those that another way has shown', async () => {
    const operators: NodesObservation = { kind: 'Read', nodes: [node('operator', START)] };
    const own = new Map<string, NodesObservation>([['team', { kind: 'Read', nodes: [node('own', START)] }]]);
    expect((await ask(operators, 'MC_own', 'Namespace', own)).found).toEqual(['own']);
    expect((await ask(operators, 'MC_own', 'Namespace')).found).toEqual(['listed']);
    expect((await ask(operators, 'MC_own', 'Operator', own)).found).toEqual(['operator']);
  });

  it('are none of another cluster, whose proof would say nothing', async () => {
    expect((await ask({ kind: 'NotRead' }, 'MC_other')).found).toContain('belong to another cluster');
  });
});
