import { describe, expect, it } from '@jest/globals';
import { plan } from '../../../../src/cluster/decide/plan.ts';
import type { TargetAccess } from '../../../../src/cluster/node-access/target-way.ts';
import { createVerifier } from '../../../../src/cluster/verify/pods/runner.ts';
import { DEFAULT_TIMING } from '../../../../src/cluster/model/timing.ts';
import type { Connection } from '../../../../src/kubernetes/client/connection.ts';
import { at, element, intent, node, observe, slot, START } from '../../../harness/build.ts';

const verify = { image: 'images.example.com/app:1' };

/** An API server with one node and no pods, that takes each pod that is made. */
const HONEST: Connection = {
  server: 'https://honest',
  async request({ method = 'GET', path, body }) {
    const metadata = { name: 'n', uid: 'uid-n', creationTimestamp: at(START) };
    const rows = [{ cells: ['Ready'], object: { metadata } }];
    if (path === '/api/v1/nodes')
      return { metadata: { resourceVersion: '1' }, columnDefinitions: [{ name: 'Status' }], rows };
    if (method === 'GET') return { kind: 'PodList', metadata: { resourceVersion: '1' }, items: [] };
    const made = body as { metadata: object };
    return { ...made, metadata: { ...made.metadata, uid: 'u', creationTimestamp: at(START) } };
  },
  stream: () => Promise.reject(new Error('nobody watches')),
  close: async () => {},
};

/** One that never answers, not even when it is given up. */
const SILENT: Connection = { ...HONEST, server: 'https://silent', request: () => new Promise(() => {}) };

/** Two objects of one namespace over its silent server, and one of another namespace. */
function verifying() {
  const silent = { namespace: 'a-silent', nodeAccess: true, verify };
  const intents = [
    intent('first', [0], silent),
    intent('second', [0], silent),
    intent('other', [0], { namespace: 'b-honest', nodeAccess: true, verify }),
  ];
  const access: TargetAccess = {
    connectionFor: async (_, way) => ({
      kind: 'Open',
      connection: way.kind === 'Secret' && way.namespace === 'a-silent' ? SILENT : HONEST,
    }),
    retain: async () => {},
    close: async () => {},
  };
  const read = { kind: 'Read', nodes: [node('n', START)] } as const;
  const observation = observe({
    intents,
    elements: [element(0)],
    record: { slots: [slot(0, 'a-silent/first/ca')] },
    own: new Map([
      ['Namespace/a-silent', read],
      ['Namespace/b-honest', read],
    ]),
  });
  const decision = plan(observation, START, DEFAULT_TIMING, () => 'x');
  const verifier = createVerifier({ access, now: () => START, timing: DEFAULT_TIMING, stepMs: 300 });
  return { verifier, observation, decision };
}

describe('a verification over a server that never answers', () => {
  it('ends in time, is said of each object over it, and delays no other namespace', async () => {
    const { verifier, observation, decision } = verifying();
    const began = performance.now();
    const reports = await verifier.step(observation, decision, new AbortController().signal);
    expect(performance.now() - began).toBeLessThan(3000);
    const late = {
      reason: 'TargetUnreachable',
      message: 'the nodes cannot be verified: the verification did not finish within 0.3 s',
    };
    expect(reports.get('a-silent/first')?.trouble).toEqual(late);
    expect(reports.get('a-silent/second')?.trouble).toEqual(late);
    expect(reports.get('b-honest/other')?.trouble).toBeUndefined();
    expect(reports.get('b-honest/other')?.status?.running).toBeDefined();
  });

  it('ends with the pass', async () => {
    const { verifier, observation, decision } = verifying();
    const stop = new AbortController();
    const step = verifier.step(observation, decision, stop.signal);
    stop.abort(new Error('the pass ended'));
    await expect(step).rejects.toThrow('the pass ended');
  });
});
