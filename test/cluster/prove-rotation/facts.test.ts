import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { namespaceCAs } from '../../../src/cluster/prove-rotation/namespace-cas.ts';
import { readFacts } from '../../../src/cluster/prove-rotation/facts.ts';
import { incompleteWorkloads } from '../../../src/cluster/prove-rotation/workloads.ts';
import type { Connection } from '../../../src/kubernetes/client/connection.ts';
import { makeAuthority } from '../../cluster-certificates/authority.ts';
import { startApiServer, type ApiServer } from '../../kubernetes/api-server.ts';

const NEVER = new AbortController().signal;
const NAMESPACE = `t-${randomUUID().slice(0, 8)}`;

let server: ApiServer;
beforeAll(async () => {
  server = await startApiServer();
  await create('/api/v1/namespaces', { metadata: { name: NAMESPACE } });
}, 90_000);
afterAll(() => server.stop());

const create = (path: string, body: object) => server.connection.request({ method: 'POST', path, body });

async function workload(plural: string, name: string, spec: object, status: object): Promise<void> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a' }] } };
  const path = `/apis/apps/v1/namespaces/${NAMESPACE}/${plural}`;
  await create(path, { metadata: { name }, spec: { selector: { matchLabels: labels }, template, ...spec } });
  await server.connection.request({
    method: 'PATCH',
    path: `${path}/${name}/status`,
    contentType: 'application/merge-patch+json',
    body: { status },
  });
}

describe('the workloads of a real API server', () => {
  it('are incomplete while not all of their pods are ready', async () => {
    await Promise.all([
      workload('deployments', 'web', { replicas: 2 }, { replicas: 2, readyReplicas: 2, availableReplicas: 2 }),
      workload('deployments', 'half', { replicas: 2 }, { replicas: 2, readyReplicas: 1, availableReplicas: 1 }),
      workload('deployments', 'off', { replicas: 0 }, {}),
      workload('statefulsets', 'db', { replicas: 3, serviceName: 'db' }, { replicas: 3, readyReplicas: 3 }),
      workload('statefulsets', 'down', { replicas: 3, serviceName: 'd' }, { replicas: 3 }),
      workload('daemonsets', 'agent', {}, daemons(3, 3)),
      workload('daemonsets', 'late', {}, daemons(3, 2)),
      workload('daemonsets', 'nowhere', {}, daemons(0, 0)),
    ]);
    const found = await incompleteWorkloads(server.connection, NEVER);
    const own = found.filter(({ name }) => name.includes(NAMESPACE));
    expect(own.map(({ name }) => name.replace(NAMESPACE, 'ns')).sort()).toEqual([
      'DaemonSet ns/late',
      'Deployment ns/half',
      'StatefulSet ns/down',
    ]);
    for (const { createdAt } of own) expect(Math.abs(createdAt - Date.now())).toBeLessThan(60_000);
  });

  const daemons = (desiredNumberScheduled: number, numberAvailable: number) => ({
    desiredNumberScheduled,
    currentNumberScheduled: desiredNumberScheduled,
    numberReady: numberAvailable,
    numberAvailable,
    numberMisscheduled: 0,
  });
});

describe('the CAs of namespaces in a real API server', () => {
  it('are read from the ConfigMap of each, whatever is in it', async () => {
    const { certificate } = await makeAuthority(Date.now());
    const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    const other = `${NAMESPACE}-b`;
    await create('/api/v1/namespaces', { metadata: { name: other } });
    const put = (namespace: string, text: string) =>
      create(`/api/v1/namespaces/${namespace}/configmaps`, {
        metadata: { name: 'kube-root-ca.crt' },
        data: { 'ca.crt': text },
      });
    await Promise.all([put(NAMESPACE, certificate.toString()), put(other, 'nothing')]);
    await create(`/api/v1/namespaces/${NAMESPACE}/configmaps`, { metadata: { name: 'else' }, data: { a: 'b' } });
    const found = await namespaceCAs(server.connection, NEVER);
    const casOf = (name: string) => found.find(({ namespace }) => namespace === name)?.cas;
    expect([casOf(NAMESPACE), casOf(other)]).toEqual([[fingerprint], []]);
  });
});

type Answer = (path: string) => unknown;

const connectionTo = (answer: Answer) =>
  ({ request: async ({ path }: { path: string }) => answer(path) }) as unknown as Connection;

const tableOf = (rows: readonly object[], columns = ['Ready', 'Desired', 'Available']) => ({
  metadata: { resourceVersion: '7' },
  columnDefinitions: columns.map((name) => ({ name })),
  rows,
});
const row = (cells: readonly unknown[], metadata: object = {}) => ({
  cells,
  object: { metadata: { name: 'web', namespace: 'team', creationTimestamp: '2026-01-01T00:00:00Z', ...metadata } },
});

describe('an API server that may be any server', () => {
  it.each<[string, unknown, string]>([
    ['no table', { metadata: { resourceVersion: '7' }, items: [] }, 'not a table'],
    ['a name that could hide text', tableOf([row(['0/1'], { name: 'a\u202e' })]), 'no name or date'],
    ['no date', tableOf([row(['0/1'], { creationTimestamp: 7 })]), 'no name or date'],
    ['too many that are incomplete', tableOf(manyRows(1001)), 'more than 1000 of them'],
  ])('shows no workloads with %s', async (_, answer, why) => {
    await expect(
      incompleteWorkloads(
        connectionTo(() => answer),
        NEVER,
      ),
    ).rejects.toThrow(why);
  });

  function manyRows(count: number): readonly object[] {
    return Array.from({ length: count }, (_, index) => row(['0/1', 2, 1], { name: `w${index}` }));
  }

  it.each<[string, readonly unknown[]]>([
    ['words', ['many/few', 'x', 'y']],
    ['nothing', []],
    ['numbers that are none', ['1e9/2e9', NaN, NaN]],
  ])('makes no workload incomplete by cells of %s', async (_, cells) => {
    expect(
      await incompleteWorkloads(
        connectionTo(() => tableOf([row(cells)])),
        NEVER,
      ),
    ).toEqual([]);
  });

  const listOf = (...items: unknown[]) => ({ metadata: { resourceVersion: '7' }, items });
  const configMap = (namespace: unknown, text: string, name = 'kube-root-ca.crt') => ({
    metadata: { namespace, name },
    data: { 'ca.crt': text },
  });

  it.each<[string, unknown, string]>([
    ['an empty list', listOf(), 'no namespace has it'],
    ['no list', { metadata: { resourceVersion: '7' }, items: 'all' }, 'not a list'],
    ['another ConfigMap', listOf(configMap('team', '', 'passwords')), 'something else than was requested'],
    ['a namespace that could hide text', listOf(configMap('a\u202e', '')), 'something else than was requested'],
    [
      'another text in each namespace',
      listOf(...Array.from({ length: 101 }, (_, index) => configMap(`n${index}`, `text ${index}`))),
      'more than 100 different texts',
    ],
  ])('shows no CAs of namespaces with %s', async (_, answer, why) => {
    await expect(
      namespaceCAs(
        connectionTo(() => answer),
        NEVER,
      ),
    ).rejects.toThrow(why);
  });

  it('that fails in one part shows the others', async () => {
    const connection = connectionTo((path) => {
      if (path.startsWith('/apis/apps/')) throw new Error('broken');
      if (path === '/api/v1/configmaps') return listOf(configMap('team', ''));
      return listOf();
    });
    const facts = await readFacts({ ok: true, connection }, NEVER);
    expect(facts.incomplete).toMatchObject({ known: false, why: expect.stringContaining('broken') as unknown });
    expect(facts.namespaceCAs).toMatchObject({ known: true, value: [{ namespace: 'team', cas: [] }] });
    expect(facts.available).toMatchObject({ known: true, value: [] });
  });

  it('is given up with the reconcile', async () => {
    const abort = new AbortController();
    const facts = readFacts({ ok: true, connection: connectionTo(() => new Promise(() => {})) }, abort.signal);
    abort.abort(new Error('shut down'));
    await expect(facts).rejects.toThrow('shut down');
  });
});
