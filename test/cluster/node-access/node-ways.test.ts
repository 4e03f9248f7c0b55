import { afterEach, describe, expect, it } from '@jest/globals';
import { OPERATOR_TROUBLE } from '../../../src/cluster/node-access/access.ts';
import type { TargetAccess } from '../../../src/cluster/node-access/target-way.ts';
import { createNodeReader, type NodeReader, type NodeSource } from '../../../src/cluster/node-access/node-reader.ts';
import type { Way } from '../../../src/cluster/model/way.ts';
import { KubernetesError, type Connection, type KubernetesRequest } from '../../../src/kubernetes/client/connection.ts';
import { ManualClock } from '../../runtime/manual-clock.ts';
import { at, CLUSTER_ID, HOUR, MINUTE } from '../../harness/build.ts';

const CALM = new AbortController().signal;
const READING_MS = 10_000;
const OWN: Way = { kind: 'Secret', owner: 'Namespace', namespace: 'team', name: 'nodes', key: 'value' };
const POLICY: Way = { kind: 'Secret', owner: 'Operator', namespace: 'system', name: 'fleet', key: 'value' };
const AZURE: Way = { kind: 'Azure' };
const OWNER = {
  name: 'prod',
  nodeResourceGroup: 'MC_own',
  subscriptionId: '00000000-0000-0000-0000-000000000001',
} as const;
const OWN_MACHINE = `azure:///subscriptions/${OWNER.subscriptionId}/resourceGroups/mc_own/providers/x`;

type Answers = Partial<Record<'list' | 'one' | 'events', (request: KubernetesRequest) => unknown>>;

const clock = new ManualClock();
const BORN = clock.now() - HOUR;
let reader: NodeReader | undefined;
afterEach(() => reader?.close());

function table(name: string, labels: Readonly<Record<string, string>> = {}) {
  const metadata = { name, uid: `uid-${name}`, creationTimestamp: at(BORN), labels };
  return {
    metadata: { resourceVersion: '1' },
    columnDefinitions: [{ name: 'Status' }],
    rows: [{ cells: ['Ready'], object: { metadata } }],
  };
}

/** Says nothing until nobody wants to know any more. */
function hang({ signal }: KubernetesRequest): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error));
  });
}

/** Reads over API servers that all go by one name, one for each way. */
function reading(...answers: readonly (readonly [Way, Answers])[]) {
  const servers = new Map<Way, Answers>(answers);
  const asked: string[] = [];
  const troubles: string[] = [];
  const connectionOver = (way: Way): Connection => ({
    server: 'https://one.example',
    async request(request) {
      const { path, query = {} } = request;
      const { list, one, events } = servers.get(way) ?? {};
      asked.push(`${way.kind} ${path}`);
      if (path !== '/api/v1/nodes')
        return (events ?? (() => ({ metadata: { resourceVersion: '1' }, items: [] })))(request);
      return query['fieldSelector'] === undefined ? list?.(request) : one?.(request);
    },
    // Watches that bring nothing.
    stream: async ({ signal }) =>
      (async function* () {
        yield* [] as string[];
        await new Promise((resolve) => signal?.addEventListener('abort', resolve));
      })(),
    close: async () => {},
  });
  const access: TargetAccess = {
    connectionFor: async (_cluster, way) => ({ kind: 'Open', connection: connectionOver(way) }),
    retain: async () => {},
    close: async () => {},
  };
  const onOperatorTrouble = (_cluster: unknown, message: string) => void troubles.push(message);
  reader = createNodeReader(access, clock, { readingMs: READING_MS, onOperatorTrouble });
  const made = reader;
  const read = (from: Partial<NodeSource>, depth: Parameters<NodeReader['read']>[1] = 'Nodes') =>
    made.read({ cluster: CLUSTER_ID, reconcile: {}, group: 'Operator', ways: [AZURE], ...from }, depth, CALM);
  return { read, asked, troubles };
}

const namesOf = (seen: Awaited<ReturnType<NodeReader['read']>>) =>
  seen.kind === 'Read' ? seen.nodes.map(({ name }) => name) : [seen.kind];

describe('several ways to the nodes', () => {
  it('each get their part of the time, so that one that hangs leaves some to the next', async () => {
    const { read } = reading([OWN, { list: hang }], [AZURE, { list: () => table('a') }]);
    const seen = read({ ways: [OWN, AZURE] });
    await clock.untilTimer((ms) => ms === READING_MS / 2);
    await clock.advance(READING_MS / 2);
    expect(namesOf(await seen)).toEqual(['a']);
  });

  it('of two groups never stand for each other, also where one is watched', async () => {
    const { read } = reading([OWN, { list: () => table('own') }], [AZURE, { list: () => table('operator') }]);
    expect(namesOf(await read({}, 'Progress'))).toEqual(['operator']);
    expect(namesOf(await read({ group: 'Namespace/team', ways: [OWN] }, 'Progress'))).toEqual(['own']);
    expect(namesOf(await read({}, 'Progress'))).toEqual(['operator']);
  });

  it('tell what is wrong with the operator’s own Secret to the operator alone', async () => {
    const list = () => Promise.reject(new KubernetesError(0, 'ENOTFOUND', 'fleet.internal is not known'));
    const { read, troubles } = reading([POLICY, { list }]);
    expect(await read({ ways: [POLICY] })).toEqual({ kind: 'Unreadable', message: OPERATOR_TROUBLE });
    expect(troubles).toEqual([expect.stringContaining('fleet.internal is not known')]);
  });
});

describe('the nodes of a server that does not answer all of it', () => {
  it('are enough when what AKS said about them takes too long', async () => {
    const begun = Promise.withResolvers<void>();
    const events = (request: KubernetesRequest) => {
      begun.resolve();
      return hang(request);
    };
    const { read } = reading([AZURE, { list: () => table('a'), events }]);
    const seen = read({}, 'Outcome');
    await begun.promise;
    await clock.advance(READING_MS);
    const found = await seen;
    expect(namesOf(found)).toEqual(['a']);
    expect(found).not.toHaveProperty('events');
  });

  it('are none with a label that no API server gives', async () => {
    const list = () => table('a', { 'kubernetes.azure.com/agentpool': 'x\u202e' });
    expect(await reading([AZURE, { list }]).read({})).toMatchObject({
      kind: 'Unreadable',
      message: expect.stringContaining('node a has the value') as unknown,
    });
  });
});

describe('nodes whose label names another group than the cluster’s', () => {
  const list = () => table('a', { 'kubernetes.azure.com/cluster': 'MC_other' });
  const machine = (name: string) => ({ items: [{ metadata: { name }, spec: { providerID: OWN_MACHINE } }] });

  it.each<[string, Answers, object]>([
    ['are the cluster’s where the machine says so', { list, one: () => machine('a') }, { kind: 'Read' }],
    [
      'are not, where the server shows the machine of another node',
      { list, one: () => machine('b') },
      { kind: 'Unreadable' },
    ],
    [
      'are not, where the machine cannot be read, which is said',
      { list, one: () => Promise.reject(new KubernetesError(403, 'Forbidden', 'no')) },
      { kind: 'Unreadable', message: expect.stringContaining('its spec.providerID cannot be read: no') as unknown },
    ],
  ])('%s', async (_what, answers, expected) => {
    expect(await reading([AZURE, answers]).read({ owner: OWNER })).toMatchObject(expected);
  });
});

describe('what AKS said about nodes', () => {
  const refusal = (ms: number) => ({
    type: 'Warning',
    message: 'Eviction blocked by Too Many Requests (usually a pdb): [web-1]',
    involvedObject: { kind: 'Node', name: 'a' },
    metadata: { name: 'e', creationTimestamp: at(ms) },
  });

  it.each([
    ['since a node was made counts, and its pod is asked about', BORN + MINUTE, 1, true],
    ['before a node was made is about the one of its name before it: nobody is asked', BORN - MINUTE, 1, false],
    ['in a time that is still to come was never said', clock.now() + HOUR, 0, false],
  ])('%s', async (_when, ms, count, isAsked) => {
    const events = ({ path }: KubernetesRequest) => ({
      metadata: { resourceVersion: '1' },
      items: path.endsWith('/events') ? [refusal(ms)] : [],
    });
    const { read, asked } = reading([AZURE, { list: () => table('a'), events }]);
    const seen = await read({}, 'Outcome');
    expect(seen.kind === 'Read' && seen.events).toHaveLength(count);
    expect(asked.includes('Azure /api/v1/pods')).toBe(isAsked);
  });
});
